package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.List;
import java.util.stream.Stream;

/** Operations that decide what is computed, how often and in which order. */
final class ControlOpReader {
  /** The newest version of the interface of custom calls. */
  private static final int TYPED_FFI = 4;

  private ControlOpReader() {}

  static HloOp loop(InstructionProto in) {
    return new ControlOp.While(in.called(2).get(1), in.called(2).get(0));
  }

  static HloOp fusion(InstructionProto in) {
    String kind = in.text(FUSION_KIND);
    return switch (kind) {
      case "kLoop", "kInput", "kOutput", "kCustom" -> new ControlOp.Fusion(kind, in.calledAlone());
      default -> throw in.broken("has the fusion kind \"%s\"".formatted(kind));
    };
  }

  static HloOp scan(InstructionProto in) {
    ControlOp.Tristate[] states = ControlOp.Tristate.values();
    int associative = in.int32(IS_ASSOCIATIVE);
    if (associative < 0 || associative >= states.length) {
      throw in.broken("is associative by the unknown state " + associative);
    }
    // XLA takes the first of several; without one it reads what is not there.
    Dims dimensions = in.list(DIMENSIONS);
    if (dimensions.size() == 0) {
      throw in.broken("has no dimension to scan along");
    }
    return new ControlOp.Scan(
        dimensions.get(0),
        in.bool(IS_REVERSE),
        in.number(NUM_CARRIES),
        states[associative],
        in.calledAlone());
  }

  static HloOp customCall(InstructionProto in) {
    if (in.message(WINDOW).isPresent()
        || in.message(CONVOLUTION_DIMENSION_NUMBERS).isPresent()
        || in.message(LITERAL).isPresent()) {
      throw in.unsupported(
          "the window, dimension numbers or literal of " + in.text(CUSTOM_CALL_TARGET) + " are");
    }
    int version = in.int32(CUSTOM_CALL_API_VERSION);
    if (version < 0 || version > TYPED_FFI) {
      throw in.broken("has the unknown interface version %d".formatted(version));
    }
    return new ControlOp.CustomCall(
        in.text(CUSTOM_CALL_TARGET),
        in.shape(),
        in.text(BACKEND_CONFIG),
        version,
        in.bool(CUSTOM_CALL_HAS_SIDE_EFFECT),
        in.called(),
        in.bool(CONSTRAIN_LAYOUT) ? layouts(in) : List.of());
  }

  private static List<Dims> layouts(InstructionProto in) {
    List<ShapeProto> operands =
        in.repeated(OPERAND_SHAPES_WITH_LAYOUT).stream().map(ShapeProto::read).toList();
    if (!operands.stream()
        .map(ShapeProto::shape)
        .toList()
        .equals(in.operands().stream().map(HloInstruction::shape).toList())) {
      throw in.broken("fixes the layouts of other operands than it has");
    }
    return Stream.concat(
            operands.stream().flatMap(operand -> operand.layouts().stream()), in.layouts().stream())
        .toList();
  }
}
