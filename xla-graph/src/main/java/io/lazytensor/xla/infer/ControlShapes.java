package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;
import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Shapes of operations that decide what is computed, how often and in which order. */
final class ControlShapes {
  /** Source: XLA {@code xla/hlo/ir/hlo_instruction.cc}, {@code StringToFusionKind}. */
  private static final Set<String> FUSION_KINDS = Set.of("kLoop", "kInput", "kOutput", "kCustom");

  private ControlShapes() {}

  static Shape infer(ControlOp op, List<Shape> operands) {
    return switch (op) {
      case ControlOp.While loop -> loop(loop, operands);
      case ControlOp.Conditional conditional -> conditional(conditional, operands);
      case ControlOp.Scan scan -> scan(scan, operands);
      case ControlOp.Map map -> map(map, operands);
      case ControlOp.Fusion(String kind, HloComputation computation) -> {
        require(
            FUSION_KINDS.contains(kind),
            "fusion of %s: there is no kind \"%s\", only %s",
            computation.name(),
            kind,
            FUSION_KINDS.stream().sorted().toList());
        // Operands beyond the parameters are what a compiler has not cleaned up; nobody reads them.
        int read = Math.min(computation.parameters().size(), operands.size());
        yield call(op, computation, operands.subList(0, read));
      }
      case ControlOp.OptimizationBarrier _ -> {
        count(op, operands, 1);
        yield operands.getFirst();
      }
      case ControlOp.AfterAll _ -> TokenShape.TOKEN;
      case ControlOp.AddDependency _ -> {
        count(op, operands, 2);
        requireToken(op, operands, 1);
        yield operands.getFirst();
      }
      case ControlOp.CustomCall custom -> {
        requireKnownTarget(custom, operands);
        yield custom.shape();
      }
    };
  }

  private static void requireKnownTarget(ControlOp.CustomCall op, List<Shape> operands) {
    require(!op.target().isEmpty(), "custom-call names no target");
    require(
        !op.target().equals("GetRngSeed")
            || (operands.isEmpty() && op.shape().equals(ArrayShape.scalar(DType.U64))),
        "custom-call GetRngSeed takes nothing and gives u64[], got %s and %s",
        operands,
        op.shape());
  }

  private static void requireToken(HloOp op, List<Shape> operands, int index) {
    require(
        operands.get(index) instanceof TokenShape,
        "%s: operand %s is no token but %s",
        op.opcode(),
        index,
        operands.get(index));
  }

  /** Checks the arguments of a computation and returns its result. */
  static Shape call(HloOp op, HloComputation computation, List<Shape> operands) {
    count(op, operands, computation.parameters().size());
    for (int i = 0; i < operands.size(); i++) {
      Shape expected = computation.parameters().get(i).shape();
      require(
          expected.equals(operands.get(i)),
          "%s of %s: argument %s is %s, its parameter %s",
          op.opcode(),
          computation.name(),
          i,
          operands.get(i),
          expected);
    }
    return computation.root().shape();
  }

  // ---- loops and branches -----------------------------------------------------------------------

  private static Shape loop(ControlOp.While op, List<Shape> operands) {
    count(op, operands, 1);
    Shape value = operands.getFirst();
    requireOneParameter(op, op.condition(), value);
    requireOneParameter(op, op.body(), value);
    requireResult(op, op.condition(), ArrayShape.scalar(DType.PRED));
    requireResult(op, op.body(), value);
    return value;
  }

  private static void requireOneParameter(HloOp op, HloComputation computation, Shape value) {
    List<Shape> parameters = new ArrayList<>();
    computation.parameters().forEach(p -> parameters.add(p.shape()));
    require(
        parameters.equals(List.of(value)),
        "%s with %s: computation %s takes %s instead of it",
        op.opcode(),
        value,
        computation.name(),
        parameters);
  }

  private static void requireResult(HloOp op, HloComputation computation, Shape expected) {
    require(
        computation.root().shape().equals(expected),
        "%s: computation %s gives %s instead of %s",
        op.opcode(),
        computation.name(),
        computation.root().shape(),
        expected);
  }

  private static Shape conditional(ControlOp.Conditional op, List<Shape> operands) {
    int branches = op.branches().size();
    require(branches >= 1, "conditional takes at least one branch");
    count(op, operands, branches + 1);
    ArrayShape index = array(op, operands, 0);
    boolean pred = index.dtype() == DType.PRED;
    require(
        index.isScalar() && (pred || index.dtype() == DType.S32),
        "conditional chooses by pred[] or s32[], got %s",
        index);
    require(!pred || branches == 2, "conditional by pred takes two branches, got %s", branches);
    Shape result = op.branches().getFirst().root().shape();
    for (int i = 0; i < branches; i++) {
      requireOneParameter(op, op.branches().get(i), operands.get(i + 1));
      requireResult(op, op.branches().get(i), result);
    }
    return result;
  }

  // ---- elements and slices ----------------------------------------------------------------------

  private static Shape map(ControlOp.Map op, List<Shape> operands) {
    require(!operands.isEmpty(), "map takes at least one array");
    ArrayShape first = array(op, operands, 0);
    List<Shape> scalars = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      ArrayShape x = array(op, operands, i);
      require(
          x.dims().equals(first.dims()), "map takes arrays of one size, got %s and %s", first, x);
      scalars.add(ArrayShape.scalar(x.dtype()));
    }
    ShapeInference.requireOneFloatType(op, operands);
    Shape result = op.computation().root().shape();
    require(
        result instanceof ArrayShape scalar
            && scalar.isScalar()
            && OrderShapes.maps(op.computation(), scalars, result),
        "map of %s: computation %s does not map scalars of these types to one",
        operands,
        op.computation().name());
    return first.withDType(result.asArray().dtype());
  }

  private static Shape scan(ControlOp.Scan op, List<Shape> operands) {
    int inputs = operands.size() - op.carries();
    require(
        op.carries() >= 0 && inputs >= 0,
        "scan has %s carries, got %s operands",
        op.carries(),
        operands.size());
    if (inputs == 0) {
      throw new UnsupportedException(
          "scan without arrays is not supported: nothing says how many slices there are");
    }
    int length = requireSlices(op, operands, inputs);
    Shape root = op.computation().root().shape();
    List<Shape> parts = root instanceof TupleShape(List<Shape> elements) ? elements : List.of(root);
    int outputs = parts.size() - op.carries();
    require(
        outputs >= 0,
        "scan: computation %s gives %s, which is less than its %s carries",
        op.computation().name(),
        root,
        op.carries());
    List<Shape> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      ArrayShape slice = array(op, parts, i);
      require(
          op.dimension() <= slice.rank(),
          "scan: slices %s cannot be joined along dimension %s",
          slice,
          op.dimension());
      results.add(slice.withDims(inserted(slice.dims(), op.dimension(), length)));
    }
    for (int i = 0; i < op.carries(); i++) {
      Shape carry = operands.get(inputs + i);
      require(
          parts.get(outputs + i).equals(carry),
          "scan: carry %s is %s, and computation %s gives %s for it",
          i,
          carry,
          op.computation().name(),
          parts.get(outputs + i));
      results.add(carry);
    }
    return root instanceof TupleShape ? new TupleShape(results) : results.getFirst();
  }

  /** Checks the computation's parameters and returns how many slices there are. */
  private static int requireSlices(ControlOp.Scan op, List<Shape> operands, int inputs) {
    int d = op.dimension();
    List<Shape> parameters = new ArrayList<>();
    ArrayShape first = array(op, operands, 0);
    for (int i = 0; i < operands.size(); i++) {
      if (i >= inputs) {
        parameters.add(operands.get(i));
        continue;
      }
      ArrayShape x = array(op, operands, i);
      require(
          d >= 0 && d < x.rank() && x.dim(d) == first.dim(d),
          "scan along dimension %s takes arrays of one size there, got %s and %s",
          d,
          first,
          x);
      parameters.add(x.withDims(removed(x.dims(), d)));
    }
    require(
        OrderShapes.maps(op.computation(), parameters, op.computation().root().shape()),
        "scan of %s along dimension %s: computation %s does not take %s",
        operands,
        d,
        op.computation().name(),
        parameters);
    return first.dim(d);
  }

  private static Dims removed(Dims dims, int position) {
    int[] out = new int[dims.size() - 1];
    for (int i = 0; i < out.length; i++) {
      out[i] = dims.get(i < position ? i : i + 1);
    }
    return Dims.of(out);
  }

  private static Dims inserted(Dims dims, int position, int size) {
    int[] out = new int[dims.size() + 1];
    for (int i = 0; i < out.length; i++) {
      out[i] = i == position ? size : dims.get(i < position ? i : i - 1);
    }
    return Dims.of(out);
  }
}
