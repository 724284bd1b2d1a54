package io.lazytensor.autograd;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Metadata;
import java.util.List;

/**
 * The annotation of a value that is only known inside of a region: a slice of a scan, the gradient
 * a custom gradient starts from. No graph that is cut contains one.
 *
 * @param region what it belongs to, for messages
 */
public record Placeholder(String region) {
  /**
   * Makes a placeholder.
   *
   * @param number tells it from the region's others
   */
  public static HloInstruction of(String region, int number, ArrayShape shape, Metadata metadata) {
    return new HloInstruction(
        new HloOp.Parameter(number, shape), shape, List.of(), metadata, new Placeholder(region));
  }

  /** Returns whether an instruction is one. */
  public static boolean is(HloInstruction x) {
    return x.annotation() instanceof Placeholder;
  }
}
