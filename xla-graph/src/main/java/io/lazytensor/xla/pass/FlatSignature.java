package io.lazytensor.xla.pass;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives a module parameters and results that are arrays only, as backends pass them: tuples are
 * replaced by their arrays in order, at any depth; tokens, which hold nothing, go.
 */
public final class FlatSignature {
  private final List<HloInstruction> instructions = new ArrayList<>();
  private final Map<HloInstruction, HloInstruction> rewritten = new IdentityHashMap<>();
  private final Map<Integer, Integer> parameterOf = new HashMap<>();
  private final Map<Integer, Integer> outputOf = new HashMap<>();
  private int parameters;

  private FlatSignature() {}

  /**
   * Returns the module with a flat signature; the same one if it has one already. Aliases of whole
   * arrays are kept.
   */
  public static HloModule of(HloModule module) {
    boolean flat =
        module.parameterShapes().stream().allMatch(ArrayShape.class::isInstance)
            && module.outputShapes().stream().allMatch(ArrayShape.class::isInstance);
    return flat ? module : new FlatSignature().flatten(module);
  }

  private HloModule flatten(HloModule module) {
    HloComputation entry = module.entry();
    for (HloInstruction parameter : entry.parameters()) {
      int number = parameters;
      HloInstruction value = parameter(parameter.shape(), parameter.metadata());
      if (value.op() instanceof HloOp.Parameter) {
        parameterOf.put(((HloOp.Parameter) parameter.op()).number(), number);
      }
      rewritten.put(parameter, value);
    }
    for (HloInstruction instruction : entry.instructions()) {
      if (!(instruction.op() instanceof HloOp.Parameter)) {
        List<HloInstruction> operands =
            instruction.operands().stream().map(this::rewritten).toList();
        rewritten.put(
            instruction,
            add(instruction.op(), instruction.shape(), operands, instruction.metadata()));
      }
    }
    HloInstruction root = root(rewritten(entry.root()));
    return new HloModule(
        module.name(),
        HloComputation.ofInstructions(entry.name(), instructions, root),
        aliases(module.aliases()),
        module.replicas(),
        module.partitions());
  }

  private HloInstruction rewritten(HloInstruction instruction) {
    return rewritten.getOrDefault(instruction, instruction);
  }

  private HloInstruction add(
      HloOp op, Shape shape, List<HloInstruction> operands, Metadata metadata) {
    HloInstruction out = new HloInstruction(op, shape, operands, metadata, null);
    instructions.add(out);
    return out;
  }

  /** Returns a value of a parameter's shape made of parameters that are arrays. */
  private HloInstruction parameter(Shape shape, Metadata metadata) {
    return switch (shape) {
      case ArrayShape array ->
          add(new HloOp.Parameter(parameters++, array), array, List.of(), metadata);
      case TokenShape token -> add(new ControlOp.AfterAll(), token, List.of(), Metadata.NONE);
      case TupleShape(List<Shape> elements) -> {
        List<HloInstruction> parts =
            elements.stream().map(element -> parameter(element, Metadata.NONE)).toList();
        yield add(new HloOp.Tuple(), shape, parts, Metadata.NONE);
      }
    };
  }

  private HloInstruction root(HloInstruction value) {
    List<HloInstruction> leaves = new ArrayList<>();
    if (value.shape() instanceof TupleShape(List<Shape> elements)) {
      for (int i = 0; i < elements.size(); i++) {
        if (elements.get(i) instanceof ArrayShape) {
          outputOf.put(i, leaves.size());
        }
        leaves(element(value, i, elements.get(i)), leaves);
      }
    } else {
      leaves(value, leaves);
      outputOf.put(0, 0);
    }
    List<Shape> shapes = leaves.stream().map(HloInstruction::shape).toList();
    return add(new HloOp.Tuple(), new TupleShape(shapes), leaves, Metadata.NONE);
  }

  private void leaves(HloInstruction value, List<HloInstruction> out) {
    switch (value.shape()) {
      case ArrayShape _ -> out.add(value);
      case TokenShape _ -> {}
      case TupleShape(List<Shape> elements) -> {
        for (int i = 0; i < elements.size(); i++) {
          leaves(element(value, i, elements.get(i)), out);
        }
      }
    }
  }

  private HloInstruction element(HloInstruction tuple, int index, Shape shape) {
    return add(new HloOp.GetTupleElement(index), shape, List.of(tuple), Metadata.NONE);
  }

  private List<InputOutputAlias> aliases(List<InputOutputAlias> before) {
    List<InputOutputAlias> out = new ArrayList<>();
    for (InputOutputAlias alias : before) {
      Integer output = outputOf.get(alias.output());
      Integer parameter = parameterOf.get(alias.parameter());
      if (output != null && parameter != null) {
        out.add(new InputOutputAlias(output, parameter, alias.must()));
      }
    }
    return out;
  }
}
