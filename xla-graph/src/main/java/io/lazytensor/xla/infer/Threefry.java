package io.lazytensor.xla.infer;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.util.List;

/**
 * Threefry-2x32 with 20 rounds: random bits as a function of a key and a counter, the same on every
 * backend. Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
 */
public final class Threefry {
  /** The name under which backends may recognise {@link #computation} and use one kernel. */
  public static final String NAME = "threefry2x32";

  private static final int PARITY = 0x1BD11BDA;
  private static final int[] ROTATIONS = {13, 15, 26, 6, 17, 29, 16, 24};
  private static final int GROUPS = 5;

  private Threefry() {}

  /** Returns the two words of one block, word 0 in the low half. */
  public static long block(int key0, int key1, int counter0, int counter1) {
    int[] keys = {key0, key1, PARITY ^ key0 ^ key1};
    int x0 = counter0 + keys[0];
    int x1 = counter1 + keys[1];
    for (int group = 0; group < GROUPS; group++) {
      for (int round = 0; round < 4; round++) {
        x0 += x1;
        x1 = Integer.rotateLeft(x1, ROTATIONS[4 * (group % 2) + round]) ^ x0;
      }
      x0 += keys[(group + 1) % 3];
      x1 += keys[(group + 2) % 3] + group + 1;
    }
    return (x0 & 0xFFFF_FFFFL) | ((long) x1 << 32);
  }

  /**
   * Returns the computation on arrays: parameters key 0, key 1, counter 0, counter 1, each {@code
   * u32[dims]}; the result is a tuple of words 0 and 1 of the same shape.
   */
  public static HloComputation computation(Dims dims) {
    return new Body(dims).computation();
  }

  /** Builds the integer operations of one shape. */
  private static final class Body {
    private final HloBuilder builder = new HloBuilder();
    private final ArrayShape shape;

    Body(Dims dims) {
      this.shape = new ArrayShape(DType.U32, dims);
    }

    HloComputation computation() {
      List<HloInstruction> in = List.of(parameter(0), parameter(1), parameter(2), parameter(3));
      HloInstruction key0 = in.get(0);
      HloInstruction key1 = in.get(1);
      HloInstruction key2 = xor(xor(constant(PARITY), key0), key1);
      List<HloInstruction> keys = List.of(key0, key1, key2);
      HloInstruction x0 = add(in.get(2), key0);
      HloInstruction x1 = add(in.get(3), key1);
      for (int group = 0; group < GROUPS; group++) {
        for (int round = 0; round < 4; round++) {
          x0 = add(x0, x1);
          x1 = xor(rotateLeft(x1, ROTATIONS[4 * (group % 2) + round]), x0);
        }
        x0 = add(x0, keys.get((group + 1) % 3));
        x1 = add(x1, add(keys.get((group + 2) % 3), constant(group + 1)));
      }
      return HloComputation.of(NAME, in, builder.add(new HloOp.Tuple(), x0, x1));
    }

    private HloInstruction parameter(int number) {
      return builder.add(new HloOp.Parameter(number, shape));
    }

    private HloInstruction constant(int bits) {
      HloInstruction scalar = builder.add(new HloOp.Constant(Literal.scalarBits(DType.U32, bits)));
      return builder.add(new HloOp.Broadcast(shape.dims(), Dims.of()), scalar);
    }

    private HloInstruction add(HloInstruction x, HloInstruction y) {
      return builder.add(new HloOp.Binary(BinaryKind.ADD), x, y);
    }

    private HloInstruction xor(HloInstruction x, HloInstruction y) {
      return builder.add(new HloOp.Binary(BinaryKind.XOR), x, y);
    }

    private HloInstruction rotateLeft(HloInstruction x, int distance) {
      return builder.add(
          new HloOp.Binary(BinaryKind.OR),
          builder.add(new HloOp.Binary(BinaryKind.SHIFT_LEFT), x, constant(distance)),
          builder.add(
              new HloOp.Binary(BinaryKind.SHIFT_RIGHT_LOGICAL), x, constant(32 - distance)));
    }
  }
}
