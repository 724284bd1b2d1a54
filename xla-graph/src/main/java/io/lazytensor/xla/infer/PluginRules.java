package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;

/**
 * What PJRT plug-ins and XLA's pipelines do not take, although XLA's verifier does: some of them
 * end the process.
 */
final class PluginRules {
  private PluginRules() {}

  /** Checks what goes in and out. */
  static void requireSignature(HloModule module) {
    for (int i = 0; i < module.parameterShapes().size(); i++) {
      require(
          module.parameterShapes().get(i) instanceof ArrayShape,
          "parameter %s of the entry computation is %s; plug-ins take arrays, pass its elements",
          i,
          module.parameterShapes().get(i));
    }
    for (int i = 0; i < module.outputShapes().size(); i++) {
      require(
          module.outputShapes().get(i) instanceof ArrayShape,
          "output %s of the entry computation is %s; plug-ins give arrays, return its elements",
          i,
          module.outputShapes().get(i));
    }
  }

  /** Checks one instruction, which is well formed. */
  static void requireExplicit(HloInstruction x) {
    if (x.op() instanceof HloOp.Select || x.op() instanceof HloOp.Clamp) {
      requireFull(x, 0);
    }
    if (x.op() instanceof HloOp.Clamp) {
      requireFull(x, 2);
    }
  }

  private static void requireFull(HloInstruction x, int operand) {
    require(
        x.operand(operand).arrayShape().dims().equals(x.arrayShape().dims()),
        "operand %s of %s is %s; plug-ins do not repeat it, broadcast it to [%s]",
        operand,
        x.op().opcode(),
        x.operand(operand).shape(),
        x.arrayShape().dims());
  }
}
