package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.Literal;
import java.util.List;

/**
 * What a custom call of one name means, in plain Java. Implementations found by {@link
 * java.util.ServiceLoader} are known to everybody who asks {@link CustomCalls#standard()}.
 */
public interface CustomCallTarget {
  /** Returns the name, as in the operation's {@code custom_call_target}. */
  String target();

  /**
   * Computes the result; always the same of the same operands, and without side effects.
   *
   * @param call the operation, with its result's shape and its configuration
   * @param operands the operands' arrays, those inside of tuples one after the other
   * @return the arrays of the result, those inside of tuples one after the other
   */
  List<Literal> call(ControlOp.CustomCall call, List<Literal> operands);
}
