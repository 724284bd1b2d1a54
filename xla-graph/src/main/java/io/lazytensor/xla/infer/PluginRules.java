package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.TupleShape;
import java.util.Set;

/**
 * What PJRT plug-ins and XLA's pipelines do not take, although XLA's verifier does: some of them
 * end the process.
 */
final class PluginRules {
  private static final Set<HloOpcode> NOT_OF_COMPLEX =
      Set.of(
          HloOpcode.ACOS,
          HloOpcode.ACOSH,
          HloOpcode.ASIN,
          HloOpcode.ASINH,
          HloOpcode.ATANH,
          HloOpcode.COSH,
          HloOpcode.REMAINDER,
          HloOpcode.SINH);

  private static final Set<HloOpcode> NOT_OF_PARTS_OF_BYTES =
      Set.of(
          HloOpcode.ALL_GATHER,
          HloOpcode.ALL_REDUCE,
          HloOpcode.ALL_TO_ALL,
          HloOpcode.COLLECTIVE_BROADCAST,
          HloOpcode.COLLECTIVE_PERMUTE,
          HloOpcode.CONCATENATE,
          HloOpcode.REDUCE_SCATTER);

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
      requireWholeBytes(module, i);
    }
  }

  /** A copy into another layout, which elements of tuples may need, has no code for less. */
  private static void requireWholeBytes(HloModule module, int output) {
    ArrayShape shape = module.outputShapes().get(output).asArray();
    require(
        !(module.entry().root().shape() instanceof TupleShape)
            || shape.rank() < 2
            || !isPartOfByte(shape.dtype()),
        "output %s is %s, one of several; XLA's CPU compiler may crash; convert it to 8 bits",
        output,
        shape);
  }

  /** Checks one instruction, which is well formed. */
  static void requireExplicit(HloInstruction x) {
    if (x.op() instanceof HloOp.Select || x.op() instanceof HloOp.Clamp) {
      requireFull(x, 0);
    }
    if (x.op() instanceof HloOp.Clamp) {
      requireFull(x, 2);
    }
    requireComputable(x);
  }

  /** Refuses what XLA's verifier takes, and its CPU compiler ends the process on. */
  private static void requireComputable(HloInstruction x) {
    if (x.op() instanceof ControlOp.Fusion(String _, HloComputation fused)) {
      require(
          x.operands().size() == fused.parameters().size(),
          "fusion has %s operands, %s takes %s; leave out what it does not read",
          x.operands().size(),
          fused.name(),
          fused.parameters().size());
    }
    if (x.op() instanceof CollectiveOp) {
      for (HloInstruction operand : x.operands()) {
        require(
            !(operand.shape() instanceof ArrayShape shape) || shape.elementCount() > 0,
            "%s of %s, which has no elements: XLA divides by its sizes",
            x.op().opcode(),
            operand.shape());
      }
    }
    switch (x.op()) {
      case CollectiveOp.AllReduce(HloComputation reducer, ReplicaGroups _) ->
          requireOneOperation(x, reducer);
      case CollectiveOp.ReduceScatter scatter -> requireOneOperation(x, scatter.reducer());
      default -> {}
    }
    if (NOT_OF_COMPLEX.contains(x.op().code())) {
      require(
          !x.arrayShape().dtype().isComplex(),
          "%s of %s crashes XLA's CPU compiler; write it with other operations",
          x.op().opcode(),
          x.shape());
    }
    if (NOT_OF_PARTS_OF_BYTES.contains(x.op().code())) {
      for (HloInstruction operand : x.operands()) {
        require(
            !(operand.shape() instanceof ArrayShape shape) || !isPartOfByte(shape.dtype()),
            "%s of %s crashes XLA's CPU compiler; convert it to 8 bits",
            x.op().opcode(),
            operand.shape());
      }
    }
  }

  /** XLA changes the type of a reducer, which it takes to be one operation. */
  private static void requireOneOperation(HloInstruction x, HloComputation reducer) {
    require(
        reducer.root().op() instanceof HloOp.Binary,
        "%s by %s, whose result is %s; XLA takes one operation of its two parameters",
        x.op().opcode(),
        reducer.name(),
        reducer.root());
  }

  private static boolean isPartOfByte(DType dtype) {
    return dtype != DType.PRED && dtype.bitWidth() < 8;
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
