package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;

/** Operations that decide what is computed, how often and in which order. */
final class ControlOpWriter {
  private ControlOpWriter() {}

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
