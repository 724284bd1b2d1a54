package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.List;

/**
 * Threefry-2x32 with 20 rounds in integer HLO (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", 2011). A backend may run one kernel for a call of this name and signature instead.
 */
final class Threefry {
  static final String NAME = "threefry2x32";

  private static final int[][] ROTATIONS = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  private static final int GROUPS = 5;
  private static final int PARITY = 0x1BD11BDA;

  private Threefry() {}

  /** Returns (key0, key1, counter0, counter1) to (word0, word1), all u32[dims]. */
  static HloComputation computation(Dims dims) {
    HloBuilder b = new HloBuilder();
    ArrayShape shape = new ArrayShape(DType.U32, dims);
    List<HloInstruction> parameters = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      parameters.add(b.add(new HloOp.Parameter(i, shape)));
    }
    HloInstruction key0 = parameters.get(0);
    HloInstruction key1 = parameters.get(1);
    HloInstruction parity =
        binary(
            b,
            BinaryKind.XOR,
            binary(b, BinaryKind.XOR, key0, key1),
            Integer.toUnsignedLong(PARITY));
    List<HloInstruction> keys = List.of(key0, key1, parity);
    HloInstruction x0 = add(b, parameters.get(2), key0);
    HloInstruction x1 = add(b, parameters.get(3), key1);
    for (int group = 0; group < GROUPS; group++) {
      for (int rotation : ROTATIONS[group % 2]) {
        x0 = add(b, x0, x1);
        x1 = binary(b, BinaryKind.XOR, rotateLeft(b, x1, rotation), x0);
      }
      x0 = add(b, x0, keys.get((group + 1) % 3));
      x1 = add(b, add(b, x1, keys.get((group + 2) % 3)), group + 1);
    }
    return HloComputation.of(NAME, parameters, b.add(new HloOp.Tuple(), x0, x1));
  }

  private static HloInstruction rotateLeft(HloBuilder b, HloInstruction x, int bits) {
    return binary(
        b,
        BinaryKind.OR,
        binary(b, BinaryKind.SHIFT_LEFT, x, bits),
        binary(b, BinaryKind.SHIFT_RIGHT_LOGICAL, x, Integer.SIZE - bits));
  }
}
