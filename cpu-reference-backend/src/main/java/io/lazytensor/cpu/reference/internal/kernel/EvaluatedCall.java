package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.Literal;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A computation the evaluator runs, for what only has a meaning in plain Java. */
public final class EvaluatedCall implements Kernel {
  private final HloComputation computation;
  private final List<Shaped> in;
  private final List<Location> out;

  /** A dense array and its shape. */
  private record Shaped(Location location, ArrayShape shape) {}

  /** Prepares it: arguments and results leaf by leaf, dense. */
  public EvaluatedCall(
      HloComputation computation, List<ArrayShape> shapes, List<Location> in, List<Location> out) {
    this.computation = computation;
    this.in = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      this.in.add(new Shaped(in.get(i), shapes.get(i)));
    }
    this.out = List.copyOf(out);
  }

  @Override
  public void run() {
    List<Literal> arguments = new ArrayList<>();
    for (Shaped argument : in) {
      arguments.add(Literal.ofSegment(argument.shape(), argument.location().memory()));
    }
    List<Literal> results = HloEvaluator.evaluate(computation, arguments);
    for (int i = 0; i < out.size(); i++) {
      MemorySegment to = out.get(i).memory();
      MemorySegment.copy(results.get(i).segment(), 0, to, 0, to.byteSize());
    }
  }
}
