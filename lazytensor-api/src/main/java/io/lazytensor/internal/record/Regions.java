package io.lazytensor.internal.record;

import io.lazytensor.RecordingException;
import io.lazytensor.autograd.Closure;
import io.lazytensor.autograd.GradientRegion;
import io.lazytensor.autograd.Placeholder;
import io.lazytensor.autograd.ScanBody;
import io.lazytensor.autograd.ScanLoop;
import io.lazytensor.autograd.TracedGradient;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The calls by which regions begin and end. What is between them on the path of a recording belongs
 * to the region; the call at the end makes instructions of it.
 */
final class Regions {
  static final CallKind BEGIN_CHECKPOINT =
      CallKind.many("checkpoint", (builder, call) -> Call.NONE);

  /** Operands: results. Results: the same, as those of the region. */
  static final CallKind END_CHECKPOINT = CallKind.many("checkpoint", Regions::endCheckpoint);

  /**
   * Operands: initial carries, then arrays. Results: the placeholders index, offset, carries,
   * slices.
   */
  static final CallKind BEGIN_SCAN = CallKind.many("scan", Regions::beginScan);

  /** Operands: next carries, then outputs. Results: last carries, then stacked outputs. */
  static final CallKind END_SCAN = CallKind.many("scan", Regions::endScan);

  /** Operands: a random key, the offset of an iteration's streams. */
  static final CallKind SCAN_KEY = CallKind.of("scan", Regions::scanKey);

  /** The operand is an output. Result: a placeholder for its gradient. */
  static final CallKind BEGIN_GRADIENT =
      CallKind.of(
          "customGradient",
          (b, c) -> Placeholder.of("a custom gradient", 0, c.a().arrayShape(), b.metadata()));

  /** Operands: the output, the inputs, their gradients. The literal is the number of inputs. */
  static final CallKind END_GRADIENT = CallKind.of("customGradient", Regions::endGradient);

  /**
   * What a scan is, beside its operands.
   *
   * @param carries how many of the operands are initial carries
   * @param length how many iterations
   */
  record ScanSpec(int carries, int length, boolean reverse) {}

  private Regions() {}

  static HloInstruction[] endCheckpoint(HloBuilder b, Call call) {
    Membership inside = Membership.of(begin(call, BEGIN_CHECKPOINT, END_CHECKPOINT));
    List<HloInstruction> results = call.operands();
    List<HloInstruction> members = inside.behind(results);
    GradientRegion region = new GradientRegion.Checkpoint(members, inside.inputs(members));
    TupleShape shape = new TupleShape(results.stream().map(HloInstruction::shape).toList());
    HloInstruction tuple =
        new HloInstruction(new HloOp.Tuple(), shape, results, b.metadata(), region);
    HloInstruction[] out = new HloInstruction[results.size()];
    Arrays.setAll(out, i -> b.add(new HloOp.GetTupleElement(i), tuple));
    return out;
  }

  private static HloInstruction endGradient(HloBuilder b, Call call) {
    Call begin = begin(call, BEGIN_GRADIENT, END_GRADIENT);
    List<HloInstruction> operands = call.operands();
    int inputs = (int) call.literal();
    HloInstruction copy = b.unary(UnaryKind.COPY, operands.getFirst());
    TracedGradient rule =
        new TracedGradient(begin.result(), operands.subList(1 + inputs, operands.size()));
    return rule.annotate(copy, operands.subList(1, 1 + inputs));
  }

  private static Call begin(Call end, CallKind begins, CallKind ends) {
    int open = 1;
    Call at = end;
    while (open > 0) {
      at = at.parent();
      if (at.kind() == ends) {
        open++;
      } else if (at.kind() == begins) {
        open--;
      }
    }
    return at;
  }

  private static HloInstruction[] beginScan(HloBuilder b, Call call) {
    ScanSpec spec = call.attribute(ScanSpec.class);
    List<ArrayShape> shapes = new ArrayList<>();
    shapes.add(ArrayShape.scalar(DType.S32));
    shapes.add(ArrayShape.scalar(DType.U32));
    List<HloInstruction> operands = call.operands();
    for (int i = 0; i < operands.size(); i++) {
      ArrayShape shape = operands.get(i).arrayShape();
      shapes.add(i < spec.carries() ? shape : slice(shape, spec.length()));
    }
    HloInstruction[] out = new HloInstruction[shapes.size()];
    Arrays.setAll(out, i -> Placeholder.of("a scan", i, shapes.get(i), b.metadata()));
    return out;
  }

  private static ArrayShape slice(ArrayShape array, int length) {
    if (array.rank() == 0 || array.dim(0) != length) {
      throw new ShapeException(
          "a scan of %d iterations needs arrays [%d, …], got %s".formatted(length, length, array));
    }
    int[] dims = array.dims().toArray();
    return new ArrayShape(array.dtype(), Dims.of(Arrays.copyOfRange(dims, 1, dims.length)));
  }

  private static HloInstruction[] endScan(HloBuilder b, Call call) {
    Call begin = begin(call, BEGIN_SCAN, END_SCAN);
    ScanSpec spec = begin.attribute(ScanSpec.class);
    List<HloInstruction> made = Arrays.asList(begin.results);
    List<HloInstruction> results = call.operands();
    int carries = spec.carries();
    List<HloInstruction> next = results.subList(0, carries);
    for (int k = 0; k < carries; k++) {
      requireSame(k, made.get(2 + k), next.get(k));
    }
    ScanBody body =
        new ScanBody(
            spec.length(),
            spec.reverse(),
            false,
            (int) call.literal(),
            made.get(0),
            made.get(1),
            made.subList(2, 2 + carries),
            made.subList(2 + carries, made.size()),
            List.of(),
            next,
            results.subList(carries, results.size()));
    ScanBody closed = Closure.of(body, Membership.of(begin)::has).body();
    List<HloInstruction> operands = begin.operands();
    HloInstruction loop =
        ScanLoop.of(
            b,
            closed,
            operands.subList(0, carries),
            operands.subList(carries, operands.size()),
            closed.constants(),
            null);
    HloInstruction[] out = new HloInstruction[results.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] =
          i < carries ? ScanLoop.carry(b, loop, i) : ScanLoop.output(b, loop, closed, i - carries);
    }
    return out;
  }

  private static void requireSame(int k, HloInstruction carry, HloInstruction next) {
    if (!carry.shape().equals(next.shape())) {
      throw new ShapeException(
          "carry %d of a scan is %s, an iteration hands on %s: shape and type must stay the same"
              .formatted(k, carry.shape(), next.shape()));
    }
  }

  /** The third word of a key in a scan is added to the number of each stream. */
  private static HloInstruction scanKey(HloBuilder b, Call call) {
    HloInstruction key = call.a();
    HloInstruction offset = call.b();
    HloInstruction words = key;
    if (key.arrayShape().dim(0) == 3) {
      HloOp slice = new HloOp.Slice(Dims.of(2), Dims.of(3), Dims.of(1));
      HloInstruction outer = b.add(new HloOp.Reshape(Dims.of()), b.add(slice, key));
      offset = b.plus(outer, offset);
      words = b.add(new HloOp.Slice(Dims.of(0), Dims.of(2), Dims.of(1)), key);
    }
    HloInstruction third = b.add(new HloOp.Reshape(Dims.of(1)), offset);
    return b.add(new HloOp.Concatenate(0), words, third);
  }

  static RecordingException notInScan(String what) {
    return new RecordingException(
        "%s inside a scan (%s): an iteration has no value of its own outside of the loop. Return"
                .formatted(what, UserLine.capture())
            + " it from the iteration as a carry or an output, and do this after the scan.");
  }
}
