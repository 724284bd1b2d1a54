package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A signature: {@code ProgramShapeProto}. */
record ProgramShape(List<Shape> parameters, @Nullable Shape result) {
  static ProgramShape read(WireReader in) {
    List<Shape> parameters = new ArrayList<>();
    WireReader result = null;
    int names = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> parameters.add(ShapeProto.readOfSignature(in.message("ShapeProto")));
        case 2 -> {
          WireReader next = in.message("ShapeProto");
          result = result == null ? next : result.mergedWith(next);
        }
        case 3 -> {
          in.string();
          names++;
        }
        default -> in.skip();
      }
    }
    if (names != parameters.size()) {
      throw new HloFormatException(
          "ProgramShapeProto: %d parameters have %d names".formatted(parameters.size(), names));
    }
    return new ProgramShape(parameters, result == null ? null : ShapeProto.readOfSignature(result));
  }

  /** Refuses a signature that is no message; XLA compares those of computations with nothing. */
  static void requireReadable(WireReader in) {
    while (in.next()) {
      switch (in.field()) {
        case 1, 2 -> ShapeProto.requireReadable(in.message("ShapeProto"));
        case 3 -> in.string();
        default -> in.skip();
      }
    }
  }

  /** Refuses a module that declares another signature than its entry computation has. */
  void requireSignatureOf(HloComputation entry) {
    List<Shape> actual = entry.parameters().stream().map(HloInstruction::shape).toList();
    if (!actual.equals(parameters) || !entry.root().shape().equals(result)) {
      throw new HloFormatException(
          "HloModuleProto: the program shape is %s -> %s, the entry computation's %s -> %s"
              .formatted(parameters, result, actual, entry.root().shape()));
    }
  }

  static void write(WireWriter out, int field, Unit unit) {
    int message = out.begin(field);
    for (HloInstruction parameter : unit.computation().parameters()) {
      ShapeProto.write(out, 1, parameter.shape());
    }
    ShapeProto.write(out, 2, unit.computation().root().shape());
    for (HloInstruction parameter : unit.computation().parameters()) {
      out.repeatedString(3, unit.nameOf(parameter));
    }
    out.end(message);
  }
}
