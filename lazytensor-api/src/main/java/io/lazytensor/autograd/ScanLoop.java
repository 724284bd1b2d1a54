package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scan as HLO: a {@code while} whose state is the tuple (iterations done, carries, stacked
 * outputs, arrays, constants). The position of a carry or an output does not depend on how many
 * outputs follow it.
 */
public final class ScanLoop {
  private final HloBuilder b;
  private final ScanBody body;

  private ScanLoop(HloBuilder b, ScanBody body) {
    this.b = b;
    this.body = body;
  }

  /**
   * Makes the loop.
   *
   * @param initial the first carries
   * @param arrays of which each iteration gets a slice
   * @param constants what the body uses from outside
   * @param supersedes the loop with fewer outputs this one stands for
   */
  public static HloInstruction of(
      HloBuilder b,
      ScanBody body,
      List<HloInstruction> initial,
      List<HloInstruction> arrays,
      List<HloInstruction> constants,
      @Nullable HloInstruction supersedes) {
    ScanLoop loop = new ScanLoop(b, body);
    List<HloInstruction> state = new ArrayList<>();
    state.add(b.constant(DType.S32, 0));
    state.addAll(initial);
    for (HloInstruction output : body.outputs()) {
      state.add(loop.emptyStack(output.arrayShape()));
    }
    state.addAll(arrays);
    state.addAll(constants);
    HloInstruction tuple = b.add(new HloOp.Tuple(), state);
    HloOp op =
        new ControlOp.While(loop.condition(tuple.shape()), loop.iteration(tuple.shape(), arrays));
    return new HloInstruction(
        op, tuple.shape(), List.of(tuple), b.metadata(), new GradientRegion.Scan(body, supersedes));
  }

  /** Returns the last value of a carry. */
  public static HloInstruction carry(HloBuilder b, HloInstruction loop, int k) {
    return b.add(new HloOp.GetTupleElement(1 + k), loop);
  }

  /** Returns the outputs of one kind, stacked. */
  public static HloInstruction output(HloBuilder b, HloInstruction loop, ScanBody body, int j) {
    return b.add(new HloOp.GetTupleElement(1 + body.carries().size() + j), loop);
  }

  /** Returns what a loop starts from: carries, arrays, constants. */
  static List<HloInstruction> inputs(HloInstruction loop, ScanBody body) {
    List<HloInstruction> state = loop.operand(0).operands();
    int carries = body.carries().size();
    List<HloInstruction> out = new ArrayList<>(state.subList(1, 1 + carries));
    out.addAll(state.subList(1 + carries + body.outputs().size(), state.size()));
    return out;
  }

  private HloInstruction emptyStack(ArrayShape element) {
    return b.spread(b.constant(element.dtype(), 0), stacked(element.dims()));
  }

  private Dims stacked(Dims element) {
    int[] dims = new int[element.size() + 1];
    dims[0] = body.length();
    System.arraycopy(element.toArray(), 0, dims, 1, element.size());
    return Dims.of(dims);
  }

  private HloComputation condition(Shape shape) {
    HloInstruction state = b.add(new HloOp.Parameter(0, shape));
    HloInstruction done = b.add(new HloOp.GetTupleElement(0), state);
    HloInstruction more =
        b.compare(ComparisonDirection.LT, done, b.constant(DType.S32, body.length()));
    return HloComputation.of("scan_condition", List.of(state), more);
  }

  private HloComputation iteration(Shape shape, List<HloInstruction> arrays) {
    HloInstruction state = b.add(new HloOp.Parameter(0, shape));
    List<HloInstruction> parts = new ArrayList<>();
    for (int i = 0; i < ((TupleShape) shape).elements().size(); i++) {
      parts.add(b.add(new HloOp.GetTupleElement(i), state));
    }
    int carries = body.carries().size();
    int firstArray = 1 + carries + body.outputs().size();
    HloInstruction done = parts.getFirst();
    HloInstruction left = b.minus(b.constant(DType.S32, body.length() - 1), done);
    HloInstruction index = body.reverse() ? left : done;
    Rewriting rewriting = Rewriting.bare();
    rewriting.replace(body.index(), index);
    rewriting.replace(body.offset(), offset(body.backward() ? left : done));
    rewriting.replace(body.carries(), parts.subList(1, 1 + carries));
    for (int x = 0; x < arrays.size(); x++) {
      rewriting.replace(body.slices().get(x), slice(parts.get(firstArray + x), index));
    }
    rewriting.replace(body.constants(), parts.subList(firstArray + arrays.size(), parts.size()));
    List<HloInstruction> results = rewriting.apply(Supersession.apply(body.roots()));
    List<HloInstruction> next = new ArrayList<>();
    next.add(b.plus(done, b.constant(DType.S32, 1)));
    next.addAll(results.subList(0, carries));
    for (int j = 0; j < body.outputs().size(); j++) {
      next.add(updated(parts.get(1 + carries + j), results.get(carries + j), index));
    }
    next.addAll(parts.subList(firstArray, parts.size()));
    return HloComputation.of("scan_body", List.of(state), b.add(new HloOp.Tuple(), next));
  }

  private HloInstruction offset(HloInstruction iteration) {
    HloInstruction streams = b.constant(DType.U32, body.streams());
    return b.binary(BinaryKind.MULTIPLY, b.convert(iteration, DType.U32), streams);
  }

  private HloInstruction slice(HloInstruction array, HloInstruction index) {
    int[] sizes = array.arrayShape().dims().toArray();
    sizes[0] = 1;
    List<HloInstruction> operands = new ArrayList<>(List.of(array));
    operands.addAll(starts(index, sizes.length));
    HloInstruction one = b.add(new HloOp.DynamicSlice(Dims.of(sizes)), operands);
    int[] dims = Arrays.copyOfRange(sizes, 1, sizes.length);
    return b.add(new HloOp.Reshape(Dims.of(dims)), one);
  }

  private HloInstruction updated(HloInstruction stack, HloInstruction element, HloInstruction at) {
    int[] sizes = stack.arrayShape().dims().toArray();
    sizes[0] = 1;
    HloInstruction one = b.add(new HloOp.Reshape(Dims.of(sizes)), element);
    List<HloInstruction> operands = new ArrayList<>(List.of(stack, one));
    operands.addAll(starts(at, sizes.length));
    return b.add(new HloOp.DynamicUpdateSlice(), operands);
  }

  private List<HloInstruction> starts(HloInstruction index, int rank) {
    List<HloInstruction> out = new ArrayList<>(List.of(index));
    out.addAll(Collections.nCopies(rank - 1, b.constant(DType.S32, 0)));
    return out;
  }
}
