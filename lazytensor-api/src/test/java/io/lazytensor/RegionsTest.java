package io.lazytensor;

import static io.lazytensor.nn.F.checkpoint;
import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.customGradient;
import static io.lazytensor.nn.F.dropout;
import static io.lazytensor.nn.F.gelu;
import static io.lazytensor.nn.F.gradient;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.scan;
import static io.lazytensor.nn.F.stack;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.autograd.GradientException;
import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.nn.Differentiable;
import io.lazytensor.nn.F;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.LayerException;
import io.lazytensor.nn.LayerNorm;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.Scan;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ShapeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Regions are the same computation as without them: the same bits, cold and on a warm trie. */
class RegionsTest extends RuleTest {
  record Block(Linear up, LayerNorm norm, Linear down, double rate) implements Layer {
    static Block of(int width, double rate) {
      return new Block(Linear.of(width, 6), LayerNorm.of(6), Linear.of(6, width), rate);
    }

    Tensor forward(Tensor x) {
      return x.add(down.forward(dropout(norm.forward(gelu(up.forward(x))), rate)));
    }
  }

  record Tower(Linear in, List<Block> blocks, Linear out) implements Layer {
    static Tower of(int depth, double rate) {
      List<Block> blocks = IntStream.range(0, depth).mapToObj(i -> Block.of(4, rate)).toList();
      return new Tower(Linear.of(3, 4), blocks, Linear.of(4, 2));
    }
  }

  private static Tensor unrolled(Tower tower, Tensor x) {
    Tensor h = tower.in().forward(x);
    for (Block block : tower.blocks()) {
      h = block.forward(h);
    }
    return tower.out().forward(dropout(h, 0.25));
  }

  private static Tensor checkpointed(Tower tower, Tensor x) {
    Tensor h = tower.in().forward(x);
    for (Block block : tower.blocks()) {
      h = checkpoint(block::forward, h);
    }
    return tower.out().forward(dropout(h, 0.25));
  }

  private static Tensor nested(Tower tower, Tensor x) {
    Tensor h =
        checkpoint(
            v -> {
              Tensor inner = tower.in().forward(v);
              for (Block block : tower.blocks()) {
                inner = checkpoint(block::forward, inner);
              }
              return inner;
            },
            x);
    return tower.out().forward(dropout(h, 0.25));
  }

  private static Tensor scanned(Tower tower, Tensor x) {
    Tensor h = scan(tower.blocks(), tower.in().forward(x), Block::forward);
    return tower.out().forward(dropout(h, 0.25));
  }

  private static Tensor scannedCheckpoints(Tower tower, Tensor x) {
    Tensor h =
        scan(tower.blocks(), tower.in().forward(x), (block, v) -> checkpoint(block::forward, v));
    return tower.out().forward(dropout(h, 0.25));
  }

  private static Tensor checkpointedScan(Tower tower, Tensor x) {
    Tensor h = checkpoint(v -> scan(tower.blocks(), tower.in().forward(v), Block::forward), x);
    return tower.out().forward(dropout(h, 0.25));
  }

  /** Trains and returns losses, gradient norms and the final parameters. */
  private List<Float> train(
      RecordMode mode, double rate, BiFunction<Tower, Tensor, Tensor> forward) {
    open(mode);
    Tower tower = device.initialize(Tower.of(3, rate), Seed.of(5));
    Optimizer optimizer = sgd(tower);
    List<Float> out = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("train")) {
        Tensor loss = crossEntropy(forward.apply(tower, x()), y());
        Gradients g = gradients(loss, tower);
        Fetch<Float> norm = step.fetchFloat(g.norm());
        Fetch<Float> value = step.fetchFloat(loss);
        optimizer.step(g);
        step.markStep();
        out.add(value.get());
        out.add(norm.get());
      }
    }
    for (Parameter parameter : tower.parameters()) {
      for (float value : parameter.toFloats()) {
        out.add(value);
      }
    }
    if (mode == RecordMode.TRIE) {
      assertEquals(1, device.report().graphs(), "graphs");
    }
    return out;
  }

  @ParameterizedTest
  @EnumSource
  void aCheckpointChangesNoBit(RecordMode mode) {
    List<Float> plain = train(mode, 0.3, RegionsTest::unrolled);
    assertEquals(plain, train(mode, 0.3, RegionsTest::checkpointed));
    assertEquals(plain, train(mode, 0.3, RegionsTest::nested));
  }

  @Test
  void onlyInputsOfACheckpointLiveUntilItsGradient() {
    assertTrue(crossing(RegionsTest::unrolled, 6) > 0);
    assertEquals(0, crossing(RegionsTest::checkpointed, 6), "values inside of blocks");
    // The input of each block; mask and result of the dropout behind the last one.
    assertEquals(3 + 2, crossing(RegionsTest::checkpointed, 4), "inputs of blocks");
  }

  /** Counts values of a width that the forward pass makes and something behind a barrier uses. */
  private long crossing(BiFunction<Tower, Tensor, Tensor> forward, int width) {
    FaultyBackend capturing = new FaultyBackend();
    device.close();
    device = Device.on(capturing);
    Tower tower = device.initialize(Tower.of(3, 0.3), Seed.of(5));
    Optimizer optimizer = sgd(tower);
    train(tower, optimizer, forward);
    List<HloInstruction> all = capturing.compiled.getFirst().entry().instructions();
    Set<HloInstruction> late = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<HloInstruction> crossing = Collections.newSetFromMap(new IdentityHashMap<>());
    // Without a barrier, the backward pass is what depends on the gradient of the logits.
    for (HloInstruction x : all) {
      boolean gradient =
          x.metadata().opName().equals("gradient of crossEntropy")
              || x.op() instanceof ControlOp.OptimizationBarrier;
      if (gradient || x.operands().stream().anyMatch(late::contains)) {
        late.add(x);
        for (HloInstruction operand : behindTuples(x)) {
          if (!late.contains(operand) && isActivation(operand, width)) {
            crossing.add(operand);
          }
        }
      }
    }
    return crossing.size();
  }

  private static List<HloInstruction> behindTuples(HloInstruction x) {
    List<HloInstruction> out = new ArrayList<>();
    for (HloInstruction operand : x.operands()) {
      out.addAll(operand.op() instanceof HloOp.Tuple ? operand.operands() : List.of(operand));
    }
    return out;
  }

  private static boolean isActivation(HloInstruction x, int width) {
    return x.shape().equals(ArrayShape.of(DType.F32, 2, width))
        && !(x.op() instanceof HloOp.Parameter)
        && !(x.op() instanceof HloOp.Broadcast)
        && !x.metadata().opName().startsWith("optimizer");
  }

  private void train(Tower tower, Optimizer optimizer, BiFunction<Tower, Tensor, Tensor> forward) {
    try (Step step = device.trainingStep("train")) {
      Tensor loss = crossEntropy(forward.apply(tower, x()), y());
      optimizer.step(gradients(loss, tower));
      step.markStep();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aScanOverLayersIsTheLayersWrittenOut(RecordMode mode) {
    List<Float> plain = train(mode, 0.3, RegionsTest::unrolled);
    assertClose(plain, train(mode, 0.3, RegionsTest::scanned));
    assertClose(plain, train(mode, 0.3, RegionsTest::scannedCheckpoints));
    assertClose(plain, train(mode, 0.3, RegionsTest::checkpointedScan));
  }

  private static void assertClose(List<Float> expected, List<Float> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      float e = expected.get(i);
      assertEquals(e, actual.get(i), 1e-6 * Math.max(1, Math.abs(e)), "value " + i);
    }
  }

  @Test
  void backwardGoesThroughRegions() {
    assertClose(backward(RegionsTest::unrolled), backward(RegionsTest::scannedCheckpoints));
  }

  private List<Float> backward(BiFunction<Tower, Tensor, Tensor> forward) {
    open(RecordMode.COMPARE);
    Tower tower = device.initialize(Tower.of(2, 0.3), Seed.of(5));
    Optimizer optimizer = sgd(tower);
    List<Float> out = new ArrayList<>();
    GradientAccumulator accumulator = new GradientAccumulator(tower.parameters(), 2);
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("first")) {
        crossEntropy(forward.apply(tower, x()), y()).backward();
        step.markStep();
        optimizer.step();
        step.markStep();
      }
      try (Step step = device.trainingStep("second")) {
        Tensor loss = crossEntropy(forward.apply(tower, x()), y());
        out.add(0f);
        accumulator.add(gradients(loss, tower));
        if (round == 1) {
          optimizer.step(accumulator.take());
        }
        step.markStep();
      }
    }
    for (Parameter parameter : tower.parameters()) {
      for (float value : parameter.toFloats()) {
        out.add(value);
      }
    }
    return out;
  }

  // ---- scans over slices ------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void aScanOverSlicesIsTheLoopWrittenOut(RecordMode mode) {
    for (boolean reverse : new boolean[] {false, true}) {
      float[] loop = recurrent(mode, false, reverse);
      assertArrayEquals(loop, recurrent(mode, true, reverse), 1e-6f);
    }
  }

  private float[] recurrent(RecordMode mode, boolean asScan, boolean reverse) {
    open(mode);
    Parameter w = parameter("w", 0.3f, -0.2f, 0.5f, 0.1f);
    Parameter h0 = parameter("h0", 0.1f, -0.4f);
    float[] out = {};
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("train")) {
        Tensor xs = device.tensor(new float[] {1, 2, -1, 0.5f, 0.25f, -2}, 3, 1, 2);
        Tensor loss = recurrentLoss(w, h0, xs, asScan, reverse);
        Tensor dx = gradient(loss, xs);
        Gradients g = gradients(loss, List.of(w, h0));
        Fetch<float[]> all =
            step.fetchFloats(
                F.concat(
                    List.of(
                        loss.reshape(1), dx.reshape(6), g.of(w).reshape(4), g.of(h0).reshape(2)),
                    0));
        step.markStep();
        out = all.get();
      }
    }
    return out;
  }

  private static Tensor recurrentLoss(
      Parameter w, Parameter h0, Tensor xs, boolean asScan, boolean reverse) {
    Tensor matrix = w.reshape(2, 2);
    Tensor start = h0.reshape(1, 2);
    if (asScan) {
      Scan all =
          scan(
              List.of(start),
              List.of(xs),
              (carry, x) -> {
                Tensor next = dropout(carry.getFirst().matmul(matrix).add(x.getFirst()).sin(), 0.4);
                return new Scan(List.of(next), List.of(next.mul(x.getFirst()).sum()));
              },
              reverse);
      return all.outputs().getFirst().square().sum().add(all.carries().getFirst().sum());
    }
    Tensor h = start;
    Tensor[] outputs = new Tensor[3];
    for (int t = 0; t < 3; t++) {
      int at = reverse ? 2 - t : t;
      Tensor x = xs.select(0, at);
      h = dropout(h.matmul(matrix).add(x).sin(), 0.4);
      outputs[at] = h.mul(x).sum();
    }
    return stack(List.of(outputs), 0).square().sum().add(h.sum());
  }

  @Test
  void anInnerScanIsPartOfAnOuterOne() {
    assertArrayEquals(twoLoops(false), twoLoops(true), 1e-6f);
  }

  private float[] twoLoops(boolean asScans) {
    open(RecordMode.COMPARE);
    Parameter w = parameter("w", 0.7f, -0.3f);
    float[] out = {};
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("train")) {
        Tensor xs = device.tensor(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3, 2, 2);
        Tensor h = device.full(0, DType.F32, 2);
        if (asScans) {
          h =
              scan(
                  h, xs, (outer, rows) -> scan(dropout(outer, 0.3), rows, (v, x) -> cell(v, w, x)));
        } else {
          for (int i = 0; i < 3; i++) {
            h = dropout(h, 0.3);
            for (int j = 0; j < 2; j++) {
              h = cell(h, w, xs.select(0, i).select(0, j));
            }
          }
        }
        Tensor dw = gradients(h.sum(), List.of(w)).of(w);
        Tensor penalty = gradients(dw.square().sum(), List.of(w)).of(w);
        Fetch<float[]> all = step.fetchFloats(F.concat(List.of(h, dw, penalty), 0));
        step.markStep();
        out = all.get();
      }
    }
    return out;
  }

  private static Tensor cell(Tensor h, Tensor w, Tensor x) {
    return gelu(dropout(h.mul(w).add(x).sin(), 0.5));
  }

  /** One table embeds and, transposed, decodes; one layer is every layer of the loop. */
  record Tied(Parameter table, Linear shared, List<Linear> own) implements Layer {
    static Tied create() {
      return new Tied(
          Parameter.of(Initializer.normal(0, 0.5), 5, 4),
          Linear.of(4, 4),
          List.of(Linear.of(4, 4), Linear.of(4, 4)));
    }

    Tensor forward(Tensor tokens, boolean regions) {
      Tensor h = F.embedding(tokens, table);
      UnaryOperator<Tensor> decode = v -> v.matmul(table.transpose(0, 1));
      if (regions) {
        h = scan(own, h, (layer, v) -> checkpoint(u -> step(layer, u), v));
        return checkpoint(decode, h);
      }
      for (Linear layer : own) {
        h = step(layer, h);
      }
      return decode.apply(h);
    }

    private Tensor step(Linear layer, Tensor v) {
      return shared.forward(layer.forward(v).sin()).matmul(table.transpose(0, 1)).matmul(table);
    }
  }

  @Test
  void aTiedWeightGetsTheSumOfItsGradientsThroughRegions() {
    assertArrayEquals(tied(false), tied(true), 1e-6f);
  }

  private float[] tied(boolean regions) {
    open(RecordMode.COMPARE);
    Tied model = device.initialize(Tied.create(), Seed.of(8));
    assertEquals(7, model.parameters().size());
    Optimizer optimizer = sgd(model);
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("train")) {
        Tensor tokens = device.tensor(new int[] {3, 1}, 2);
        Tensor loss = crossEntropy(model.forward(tokens, regions), y());
        optimizer.step(gradients(loss, model));
        step.markStep();
      }
    }
    return model.table().toFloats();
  }

  // ---- custom gradients -------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void aCustomGradientTakesThePlaceOfTheOperations(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 0.4f, 1.6f, -2.3f);
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("train")) {
        Tensor rounded = customGradient(w, v -> new Differentiable(v.round(), g -> List.of(g)));
        Tensor doubled =
            customGradient(
                w,
                v -> {
                  Tensor e = v.exp();
                  return new Differentiable(e, g -> List.of(g.mul(e).mul(2)));
                });
        Gradients g = gradients(rounded.mul(3).sum().add(doubled.sum()), List.of(w));
        Fetch<float[]> value = step.fetchFloats(rounded);
        Fetch<float[]> slope = step.fetchFloats(g.of(w));
        step.markStep();
        assertArrayEquals(new float[] {0, 2, -2}, value.get());
        float[] expected = {
          3 + 2 * (float) Math.exp(0.4f),
          3 + 2 * (float) Math.exp(1.6f),
          3 + 2 * (float) Math.exp(-2.3f)
        };
        assertArrayEquals(expected, slope.get(), 1e-5f);
      }
    }
  }

  @Test
  void aCustomGradientWorksInsideOfCheckpointsAndScans() {
    open(RecordMode.COMPARE);
    Parameter w = parameter("w", 0.4f, 1.6f, -0.3f);
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("train")) {
        Tensor xs = device.tensor(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor plain = w;
        for (int i = 0; i < 2; i++) {
          plain = tripled(plain.mul(w)).add(xs.select(0, i)).sin();
        }
        Tensor looped =
            scan(w.mul(1), xs, (h, x) -> checkpoint(v -> tripled(v.mul(w)), h).add(x).sin());
        Fetch<float[]> a = step.fetchFloats(gradients(plain.sum(), List.of(w)).of(w));
        Fetch<float[]> b = step.fetchFloats(gradients(looped.sum(), List.of(w)).of(w));
        step.markStep();
        assertArrayEquals(a.get(), b.get(), 1e-6f);
      }
    }
  }

  /** exp(x) with three times its gradient. */
  private static Tensor tripled(Tensor x) {
    return customGradient(
        x,
        v -> {
          Tensor e = v.mul(0.5).exp();
          return new Differentiable(e, g -> List.of(g.mul(e).mul(1.5)));
        });
  }

  // ---- refusals ---------------------------------------------------------------------------------

  private Tensor xs() {
    return device.tensor(new float[] {1, 2, 3, 4}, 2, 2);
  }

  private void assertSays(Class<? extends Exception> type, String part, Runnable body) {
    Exception e = assertThrows(type, body::run);
    assertTrue(message(e).contains(part), message(e));
    assertTrue(message(e).contains("RegionsTest.java:"), message(e));
    device.discardPending();
  }

  @Test
  void whatAnIterationMayNotDoIsRefusedWithItsLine() {
    open(RecordMode.TRIE);
    Parameter w = parameter("w", 1, 2);
    State count = device.initialize(State.zeros(2), "count");
    Tensor zero = device.tensor(new float[2], 2);
    assertSays(
        RecordingException.class,
        "assigned inside a scan",
        () ->
            scan(
                zero,
                xs(),
                (h, x) -> {
                  count.assign(count.add(x));
                  return h;
                }));
    assertSays(
        RecordingException.class,
        "fetched inside a scan",
        () ->
            scan(
                zero,
                xs(),
                (h, x) -> {
                  device.fetchFloats(h);
                  return h;
                }));
    assertSays(
        RecordingException.class,
        "backward() is called inside a scan",
        () ->
            scan(
                zero,
                xs(),
                (h, x) -> {
                  h.mul(w).sum().backward();
                  return h;
                }));
    assertSays(
        RecordingException.class,
        "markStep() is called inside of a scan",
        () ->
            scan(
                zero,
                xs(),
                (h, x) -> {
                  device.markStep();
                  return h;
                }));
    assertSays(
        ShapeException.class,
        "shape and type must stay the same",
        () -> scan(zero, xs(), (h, x) -> F.concat(List.of(h, x), 0)));
    assertSays(
        ShapeException.class,
        "a scan of 2 iterations needs arrays [2, …]",
        () ->
            scan(
                List.of(zero),
                List.of(xs(), device.tensor(new float[3], 3, 1)),
                (h, x) -> new Scan(h, List.of())));
  }

  @Test
  void aValueOfAnotherRecordingIsRefusedInsideARegion() {
    open(RecordMode.TRIE);
    Parameter w = parameter("w", 1, 2);
    Tensor stale = w.mul(2);
    device.discardPending();
    assertSays(
        RecordingException.class,
        "belongs to an earlier recording",
        () -> checkpoint(v -> v.add(stale), w));
    assertSays(
        RecordingException.class,
        "belongs to an earlier recording",
        () -> scan(w.mul(1), xs(), (h, x) -> stale));
  }

  @Test
  void aValueOfAnIterationIsRefusedOutsideOfIt() {
    open(RecordMode.TRIE);
    List<Tensor> stolen = new ArrayList<>();
    Parameter w = parameter("w", 1, 2);
    scan(
        w.mul(1),
        xs(),
        (h, x) -> {
          stolen.add(h.mul(x));
          return h.add(x);
        });
    w.assign(stolen.getFirst());
    Exception e = assertThrows(RecordingException.class, device::markStep);
    assertTrue(message(e).contains("belongs to one iteration or call of a scan"), message(e));
    device.discardPending();
  }

  @Test
  void afterAFunctionThrewTheRecordingIsUsable() {
    open(RecordMode.TRIE);
    Parameter w = parameter("w", 1, 2);
    assertThrows(
        IllegalStateException.class,
        () ->
            scan(
                w.mul(1),
                xs(),
                (h, x) -> {
                  throw new IllegalStateException("thrown by the test");
                }));
    w.assign(w.mul(2));
    device.markStep();
    assertArrayEquals(new float[] {2, 4}, w.toFloats());
  }

  @Test
  void layersThatDifferAreRefused() {
    open(RecordMode.TRIE);
    List<Block> rates = List.of(Block.of(4, 0.1), Block.of(4, 0.2));
    Tensor x = device.tensor(new float[4], 1, 4);
    Exception e = assertThrows(LayerException.class, () -> scan(rates, x, Block::forward));
    assertTrue(message(e).contains("layers 0 and 1 differ in Block.rate"), message(e));
    List<Linear> shapes = List.of(Linear.of(4, 4), Linear.of(4, 5));
    e = assertThrows(LayerException.class, () -> scan(shapes, x, Linear::forward));
    assertTrue(message(e).contains("weight is f32[4,4] in layer 0"), message(e));
  }

  @Test
  void aGradientThatDoesNotExistIsRefused() {
    open(RecordMode.TRIE);
    Parameter w = parameter("w", 1, 2);
    Parameter v = parameter("v", 1, 2);
    Tensor loss = w.sum();
    assertThrows(GradientException.class, () -> gradient(loss, v));
    assertSays(
        ShapeException.class,
        "shape and type must be the same",
        () -> customGradient(w, x -> new Differentiable(x.exp(), g -> List.of(g.sum()))));
  }
}
