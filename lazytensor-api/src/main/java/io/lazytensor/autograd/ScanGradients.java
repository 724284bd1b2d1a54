package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a scan: a scan in the other direction. It carries the gradients of the carries
 * and the sums of those of the constants; its slices are the gradients of outputs, the arrays, and
 * the values of the forward iterations it needs, which a second forward loop stacks.
 */
final class ScanGradients {
  private static final String REGION = "the gradient of a scan";

  private final HloBuilder b;
  private final HloInstruction loop;
  private final ScanBody body;
  private final boolean[] wanted;
  private final @Nullable HloInstruction[] arrived;
  private final int carries;
  private final int slices;
  private int placeholders;

  private ScanGradients(
      HloBuilder b,
      HloInstruction loop,
      ScanBody body,
      @Nullable HloInstruction[] arrived,
      boolean[] wanted) {
    this.b = b;
    this.loop = loop;
    this.body = body;
    this.arrived = arrived;
    this.wanted = wanted;
    this.carries = body.carries().size();
    this.slices = body.slices().size();
  }

  /**
   * Returns the gradients of a loop's inputs, null where there is none.
   *
   * @param arrived the gradients of the elements of the loop's result
   */
  static @Nullable HloInstruction[] of(
      HloBuilder b,
      HloInstruction loop,
      ScanBody body,
      @Nullable HloInstruction[] arrived,
      boolean[] wanted) {
    return new ScanGradients(b, loop, body, arrived, wanted).gradients();
  }

  private HloInstruction placeholder(ArrayShape shape) {
    return Placeholder.of(REGION, placeholders++, shape, b.metadata());
  }

  private static DType type(HloInstruction x) {
    return x.arrayShape().dtype();
  }

  /** What the backward iteration starts from and arrives at, in terms of the forward values. */
  private record Step(
      @Nullable HloInstruction[] carried,
      @Nullable HloInstruction[] outputs,
      List<@Nullable HloInstruction> results) {}

  private @Nullable HloInstruction[] gradients() {
    @Nullable HloInstruction[] carried = new @Nullable HloInstruction[carries];
    for (int k = 0; k < carries; k++) {
      if (arrived[1 + k] != null) {
        carried[k] = placeholder(body.carries().get(k).arrayShape());
      }
    }
    @Nullable HloInstruction[] outputs = new @Nullable HloInstruction[body.outputs().size()];
    for (int j = 0; j < outputs.length; j++) {
      if (arrived[1 + carries + j] != null) {
        outputs[j] = placeholder(body.outputs().get(j).arrayShape());
      }
    }
    // A carry that a later iteration's gradient reaches hands a gradient on, too.
    while (true) {
      Step step = step(carried, outputs);
      boolean complete = true;
      for (int k = 0; k < carries; k++) {
        if (carried[k] == null && step.results().get(k) != null) {
          carried[k] = placeholder(body.carries().get(k).arrayShape());
          complete = false;
        }
      }
      if (complete) {
        return backward(step);
      }
    }
  }

  private Step step(@Nullable HloInstruction[] carried, @Nullable HloInstruction[] outputs) {
    List<HloInstruction> results = new ArrayList<>();
    List<HloInstruction> seeds = new ArrayList<>();
    for (int k = 0; k < carries; k++) {
      HloInstruction seed = carried[k];
      if (seed != null) {
        results.add(body.nextCarries().get(k));
        seeds.add(seed);
      }
    }
    for (int j = 0; j < outputs.length; j++) {
      HloInstruction seed = outputs[j];
      if (seed != null) {
        results.add(body.outputs().get(j));
        seeds.add(seed);
      }
    }
    return new Step(carried, outputs, ReverseMode.pullback(b, results, seeds, differentiable()));
  }

  /** Carries always count: a gradient may reach an array or a constant through them. */
  private List<HloInstruction> differentiable() {
    return body.inputs();
  }

  /** One array the backward loop walks along, and what stands for its slice. */
  private record Stacked(HloInstruction array, HloInstruction slice) {}

  private @Nullable HloInstruction[] backward(Step step) {
    List<HloInstruction> inputs = ScanLoop.inputs(loop, body);
    List<HloInstruction> carryIn = new ArrayList<>();
    List<HloInstruction> carryOut = new ArrayList<>();
    List<HloInstruction> initial = new ArrayList<>();
    List<HloInstruction> results = new ArrayList<>();
    int[] carryOf = new int[inputs.size()];
    int[] outputOf = new int[inputs.size()];
    for (int i = 0; i < inputs.size(); i++) {
      HloInstruction gradient = step.results().get(i);
      carryOf[i] = -1;
      outputOf[i] = -1;
      if (i < carries) {
        HloInstruction in = step.carried()[i];
        if (in != null) {
          HloInstruction first = arrived[1 + i];
          carryOf[i] = carryIn.size();
          carryIn.add(in);
          carryOut.add(gradient == null ? b.filledLike(in, 0) : gradient);
          initial.add(first == null ? b.filledLike(in, 0) : first);
        }
      } else if (gradient != null && wanted[i] && i < carries + slices) {
        outputOf[i] = results.size();
        results.add(gradient);
      } else if (gradient != null && wanted[i]) {
        HloInstruction sum = placeholder(gradient.arrayShape());
        carryOf[i] = carryIn.size();
        carryIn.add(sum);
        carryOut.add(b.plus(sum, gradient));
        initial.add(b.filledLike(gradient, 0));
      }
    }
    HloInstruction back = loop(step, inputs, carryIn, carryOut, initial, results);
    ScanBody made = ((GradientRegion.Scan) annotation(back)).body();
    @Nullable HloInstruction[] out = new @Nullable HloInstruction[inputs.size()];
    for (int i = 0; i < out.length; i++) {
      if (carryOf[i] >= 0) {
        out[i] = ScanLoop.carry(b, back, carryOf[i]);
      } else if (outputOf[i] >= 0) {
        out[i] = ScanLoop.output(b, back, made, outputOf[i]);
      }
    }
    return out;
  }

  private static Object annotation(HloInstruction x) {
    Object annotation = x.annotation();
    if (annotation == null) {
      throw new AssertionError("a scan without a body");
    }
    return annotation;
  }

  private HloInstruction loop(
      Step step,
      List<HloInstruction> inputs,
      List<HloInstruction> carryIn,
      List<HloInstruction> carryOut,
      List<HloInstruction> initial,
      List<HloInstruction> results) {
    List<HloInstruction> roots = new ArrayList<>(carryOut);
    roots.addAll(results);
    List<HloInstruction> gradients = new ArrayList<>(carryIn);
    for (HloInstruction slice : step.outputs()) {
      if (slice != null) {
        gradients.add(slice);
      }
    }
    Residuals residuals = Residuals.of(body, gradients, roots);
    List<Stacked> stacked = new ArrayList<>();
    for (int j = 0; j < step.outputs().length; j++) {
      HloInstruction slice = step.outputs()[j];
      HloInstruction array = arrived[1 + carries + j];
      if (slice != null && array != null) {
        stacked.add(new Stacked(array, slice));
      }
    }
    Rewriting rewriting = Rewriting.annotated();
    rewriting.replace(body.constants(), body.constants());
    for (int x = 0; x < slices; x++) {
      if (residuals.needs(body.slices().get(x))) {
        HloInstruction slice = placeholder(body.slices().get(x).arrayShape());
        rewriting.replace(body.slices().get(x), slice);
        stacked.add(new Stacked(inputs.get(carries + x), slice));
      }
    }
    HloInstruction index = placeholder(ArrayShape.scalar(DType.S32));
    HloInstruction offset = placeholder(ArrayShape.scalar(DType.U32));
    rewriting.replace(body.index(), index);
    rewriting.replace(body.offset(), offset);
    save(residuals.saved(), inputs, rewriting, stacked);
    List<HloInstruction> rewritten = rewriting.apply(roots);
    List<HloInstruction> sliceIn = stacked.stream().map(Stacked::slice).toList();
    ScanBody back =
        new ScanBody(
            body.length(),
            !body.reverse(),
            !body.backward(),
            body.streams(),
            index,
            offset,
            carryIn,
            sliceIn,
            List.of(),
            rewritten.subList(0, carryOut.size()),
            rewritten.subList(carryOut.size(), rewritten.size()));
    Closure closure = Closure.byDependence(back, body.constants());
    return ScanLoop.of(
        b,
        closure.body(),
        initial,
        stacked.stream().map(Stacked::array).toList(),
        actual(closure.body().constants(), inputs),
        null);
  }

  /** Returns values from outside by what the loop really got under the names its body has. */
  private List<HloInstruction> actual(List<HloInstruction> constants, List<HloInstruction> inputs) {
    return Rewriting.annotated()
        .replace(body.constants(), inputs.subList(carries + slices, inputs.size()))
        .apply(constants);
  }

  /** Makes the forward loop that keeps what the backward one needs. */
  private void save(
      List<HloInstruction> saved,
      List<HloInstruction> inputs,
      Rewriting rewriting,
      List<Stacked> stacked) {
    if (saved.isEmpty()) {
      return;
    }
    ScanBody more = Closure.byDependence(body.withOutputs(saved), body.constants()).body();
    HloInstruction forward =
        ScanLoop.of(
            new HloBuilder(loop.metadata()),
            more,
            inputs.subList(0, carries),
            inputs.subList(carries, carries + slices),
            actual(more.constants(), inputs),
            loop);
    for (int r = 0; r < saved.size(); r++) {
      HloInstruction slice = placeholder(saved.get(r).arrayShape());
      rewriting.replace(saved.get(r), slice);
      HloInstruction array = ScanLoop.output(b, forward, more, body.outputs().size() + r);
      stacked.add(new Stacked(array, slice));
    }
  }
}
