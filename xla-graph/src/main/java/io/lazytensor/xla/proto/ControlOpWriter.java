package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** Operations that decide what is computed, how often and in which order. */
final class ControlOpWriter {
  private ControlOpWriter() {}

  /** Returns the layouts of an instruction's result where they are not row-major by default. */
  static Iterator<Dims> resultLayouts(HloInstruction instruction) {
    if (!(instruction.op() instanceof ControlOp.CustomCall call) || call.layouts().isEmpty()) {
      return Collections.emptyIterator();
    }
    int ofOperands = instruction.operands().stream().mapToInt(o -> arrays(o.shape())).sum();
    return call.layouts().stream().skip(ofOperands).iterator();
  }

  private static int arrays(Shape shape) {
    return switch (shape) {
      case ArrayShape _ -> 1;
      case TupleShape(List<Shape> elements) ->
          elements.stream().mapToInt(ControlOpWriter::arrays).sum();
      case TokenShape() -> 0;
    };
  }

  static void write(WireWriter out, ControlOp op, HloInstruction instruction) {
    switch (op) {
      case ControlOp.Scan scan -> {
        OpWriter.dimension(out, scan.dimension());
        out.bool(IS_REVERSE, scan.reverse());
        out.varint(NUM_CARRIES, scan.carries());
        out.varint(IS_ASSOCIATIVE, scan.associative().ordinal());
      }
      case ControlOp.Map _ -> out.packed(DIMENSIONS, Dims.range(instruction.arrayShape().rank()));
      case ControlOp.Fusion fusion -> out.string(FUSION_KIND, fusion.kind());
      case ControlOp.CustomCall call -> {
        out.string(CUSTOM_CALL_TARGET, call.target());
        out.latin1(BACKEND_CONFIG, call.backendConfig());
        if (!call.layouts().isEmpty()) {
          out.bool(CONSTRAIN_LAYOUT, true);
          Iterator<Dims> layouts = call.layouts().iterator();
          for (HloInstruction operand : instruction.operands()) {
            ShapeProto.write(out, OPERAND_SHAPES_WITH_LAYOUT, operand.shape(), layouts);
          }
        }
        out.bool(CUSTOM_CALL_HAS_SIDE_EFFECT, call.sideEffect());
        out.varint(CUSTOM_CALL_API_VERSION, call.apiVersion());
      }
      case ControlOp.While _,
          ControlOp.Conditional _,
          ControlOp.OptimizationBarrier _,
          ControlOp.AfterAll _,
          ControlOp.AddDependency _ -> {
        // Operands, called computations and the shape say everything.
      }
    }
  }
}
