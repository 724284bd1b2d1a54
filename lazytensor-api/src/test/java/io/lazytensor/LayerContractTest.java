package io.lazytensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.LayerException;
import io.lazytensor.nn.LayerNorm;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.LoadOptions;
import io.lazytensor.nn.Name;
import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/** What a layer may hold, and under which names. */
class LayerContractTest {
  enum Kind {
    PRE
  }

  record Config(int heads, List<Integer> sizes) {}

  record Block(Linear dense, @Name("LayerNorm") LayerNorm norm, double rate) implements Layer {
    static Block create() {
      return new Block(Linear.of(2, 2), LayerNorm.of(2), 0.1);
    }
  }

  record Model(
      List<Block> layer,
      Optional<Linear> pooler,
      Optional<Linear> absent,
      SequencedMap<String, Linear> heads,
      State steps,
      Kind kind,
      boolean causal,
      String title)
      implements Layer {}

  private static Model model() {
    SequencedMap<String, Linear> heads = new LinkedHashMap<>();
    heads.put("click", Linear.of(2, 1).withoutBias());
    heads.put("buy", Linear.of(2, 1).withoutBias());
    return new Model(
        List.of(Block.create(), Block.create()),
        Optional.of(Linear.of(2, 2)),
        Optional.empty(),
        heads,
        State.zeros(),
        Kind.PRE,
        true,
        "t");
  }

  @Test
  void namesFollowComponentsListsMapsAndAnnotations() {
    assertEquals(
        List.of(
            "layer.0.dense.weight",
            "layer.0.dense.bias",
            "layer.0.LayerNorm.weight",
            "layer.0.LayerNorm.bias",
            "layer.1.dense.weight",
            "layer.1.dense.bias",
            "layer.1.LayerNorm.weight",
            "layer.1.LayerNorm.bias",
            "pooler.weight",
            "pooler.bias",
            "heads.click.weight",
            "heads.buy.weight",
            "steps"),
        List.copyOf(model().namedMembers().keySet()));
    assertEquals(12, model().parameters().size());
  }

  private static void refuses(Layer layer, String part) {
    LayerException e = assertThrows(LayerException.class, layer::parameters);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @Test
  void whatIsNoPartIsRefusedByName() {
    record Array(int[] values) implements Layer {}
    record Code(Runnable action) implements Layer {}
    record Unordered(Map<String, Linear> heads) implements Layer {}
    record Hidden(List<Parameter> parameters) implements Layer {}
    record Dotted(@Name("a.b") Linear dense) implements Layer {}
    record Free(Object anything) implements Layer {}
    refuses(new Array(new int[3]), "Array.values is a int[]");
    refuses(new Code(() -> {}), "Code.action");
    refuses(
        new Unordered(Map.of("a", Linear.of(1, 1))), "Unordered.heads is a map without an order");
    LayerException hidden = assertThrows(LayerException.class, new Hidden(List.of())::members);
    assertTrue(String.valueOf(hidden.getMessage()).contains("hides the method of Layer"));
    refuses(new Dotted(Linear.of(1, 1)), "a name has no dots");
    refuses(new Free(new Config(1, List.of(2)).getClass()), "Free.anything");
    Layer plain = new Layer() {};
    refuses(plain, "Override members()");
  }

  @Test
  void configurationHasNoKeys() {
    record Configured(Linear dense, Config config, List<Integer> sizes) implements Layer {}
    Configured layer = new Configured(Linear.of(1, 1), new Config(2, List.of()), List.of(1, 2));
    assertEquals(List.of("dense.weight", "dense.bias"), List.copyOf(layer.namedMembers().keySet()));
  }

  @Test
  void initializationBindsInPlaceAndDependsOnNamesOnly() {
    try (Device device = Device.open("evaluator")) {
      Block block = Block.create();
      assertSame(block, device.initialize(block, Seed.of(1)));
      assertEquals("dense.weight", block.dense().weight().name());
      record Wider(Linear extra, Linear dense) implements Layer {}
      Wider wider = device.initialize(new Wider(Linear.of(9, 9), Linear.of(2, 2)), Seed.of(1));
      assertArrayEquals(block.dense().weight().toFloats(), wider.dense().weight().toFloats());
      assertNotEquals(
          block.dense().weight().toFloats()[0],
          device.initialize(Block.create(), Seed.of(2)).dense().weight().toFloats()[0]);
    }
  }

  @Test
  void linearStartsWithinPyTorchsBounds() {
    try (Device device = Device.open("evaluator")) {
      Linear layer = device.initialize(Linear.of(64, 64), Seed.of(1));
      double sum = 0;
      for (float value : layer.weight().toFloats()) {
        assertTrue(Math.abs(value) <= 1 / 8f);
        sum += value * value;
      }
      assertEquals(1 / 64.0 / 3, sum / 4096, 3e-4, "variance of a uniform distribution");
      Parameter normal = Parameter.of(Initializer.normal(1, 2), 4096);
      record Holder(Parameter p) implements Layer {}
      device.initialize(new Holder(normal), Seed.of(1));
      double mean = 0;
      for (float value : normal.toFloats()) {
        mean += value / 4096;
      }
      assertEquals(1, mean, 0.1);
    }
  }

  @Test
  void stateDictsLoadIntoOtherModels() {
    try (Device device = Device.open("evaluator")) {
      Block one = device.initialize(Block.create(), Seed.of(1));
      Block two = device.load(Block.create(), one.stateDict().toHost());
      assertArrayEquals(one.dense().weight().toFloats(), two.dense().weight().toFloats());
    }
  }

  @Test
  void aStateDictThatDoesNotFitLoadsNothing() {
    try (Device device = Device.open("evaluator")) {
      Block block = device.initialize(Block.create(), Seed.of(1));
      float[] before = block.dense().weight().toFloats();
      SequencedMap<String, StateDict.Entry> entries =
          new LinkedHashMap<>(block.stateDict().toHost().entries());
      StateDict.Entry bias = entries.remove("dense.bias");
      entries.put("dense.biass", bias);
      LayerException names =
          assertThrows(LayerException.class, () -> device.load(block, new StateDict(entries)));
      assertEquals(
          "the state dict does not fit the model: missing [dense.bias], unexpected [dense.biass]."
              + " Nothing was loaded.",
          names.getMessage());
      entries.remove("dense.biass");
      SequencedMap<String, HostBuffer> wrong = new LinkedHashMap<>();
      wrong.put(
          "dense.bias",
          HostBuffer.allocate(
              io.lazytensor.xla.ir.ArrayShape.of(io.lazytensor.xla.ir.DType.F32, 3)));
      entries.putAll(StateDict.ofHost(wrong).entries());
      ShapeException shapes =
          assertThrows(ShapeException.class, () -> device.load(block, new StateDict(entries)));
      assertEquals(
          "the model's dense.bias is f32[2], the state dict has f32[3]. Nothing was loaded.",
          shapes.getMessage());
      assertArrayEquals(before, block.dense().weight().toFloats());
    }
  }

  private static SequencedMap<String, StateDict.Entry> entries(Block block) {
    return new LinkedHashMap<>(block.stateDict().toHost().entries());
  }

  @Test
  void everythingThatDoesNotFitIsReportedAtOnce() {
    try (Device device = Device.open("evaluator")) {
      Block block = device.initialize(Block.create(), Seed.of(1));
      SequencedMap<String, StateDict.Entry> entries = entries(block);
      entries.remove("dense.bias");
      entries.put("extra", java.util.Objects.requireNonNull(entries.get("dense.weight")));
      entries.putAll(wrongNorm().entries());
      LayerException refused =
          assertThrows(LayerException.class, () -> device.load(block, new StateDict(entries)));
      assertEquals(
          "the state dict does not fit the model: missing [dense.bias], unexpected [extra]."
              + " Besides, the model's LayerNorm.weight is f32[2], the state dict has f32[3];"
              + " the model's LayerNorm.bias is f32[2], the state dict has f32[3]. Nothing was"
              + " loaded.",
          refused.getMessage());
    }
  }

  private static StateDict wrongNorm() {
    SequencedMap<String, HostBuffer> wrong = new LinkedHashMap<>();
    for (String name : List.of("LayerNorm.weight", "LayerNorm.bias")) {
      wrong.put(
          name,
          HostBuffer.allocate(
              io.lazytensor.xla.ir.ArrayShape.of(io.lazytensor.xla.ir.DType.F32, 3)));
    }
    return StateDict.ofHost(wrong);
  }

  @Test
  void notStrictLoadsWhatIsThereAndLeavesTheRest() {
    try (Device device = Device.open("evaluator")) {
      Block one = device.initialize(Block.create(), Seed.of(1));
      Block two = device.initialize(Block.create(), Seed.of(2));
      float[] before = two.dense().weight().toFloats();
      SequencedMap<String, StateDict.Entry> entries = entries(one);
      entries.remove("dense.weight");
      entries.put("extra", java.util.Objects.requireNonNull(entries.get("dense.bias")));
      device.load(two, new StateDict(entries), LoadOptions.STRICT.strict(false));
      assertArrayEquals(before, two.dense().weight().toFloats());
      assertArrayEquals(
          one.dense().bias().orElseThrow().toFloats(), two.dense().bias().orElseThrow().toFloats());
    }
  }

  @Test
  void prefixesAreTakenOffAndTwoEqualNamesRefused() {
    try (Device device = Device.open("evaluator")) {
      Block one = device.initialize(Block.create(), Seed.of(1));
      StateDict parallel = one.stateDict().toHost().withPrefix("module.");
      Block two = device.load(Block.create(), parallel.withoutPrefix("module."));
      assertArrayEquals(one.dense().weight().toFloats(), two.dense().weight().toFloats());
      assertThrows(LayerException.class, () -> parallel.renamed(name -> "same"));
    }
  }

  @Test
  void otherTypesAreConvertedOnRequestOnly() {
    SequencedMap<String, HostBuffer> values = new LinkedHashMap<>();
    try (Device device = Device.open("evaluator")) {
      Block one = device.initialize(Block.create(), Seed.of(1));
      one.stateDict()
          .entries()
          .forEach((name, entry) ->
              values.put(name, one.stateDict().toHost(name, io.lazytensor.xla.ir.DType.BF16)));
      StateDict halves = StateDict.ofHost(values);
      ShapeException refused =
          assertThrows(ShapeException.class, () -> device.load(Block.create(), halves));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("convert(true)"), refused.getMessage());
      Block two = device.load(Block.create(), halves, LoadOptions.STRICT.convert(true));
      assertArrayEquals(one.dense().weight().toFloats(), two.dense().weight().toFloats(), 4e-3f);
      assertNotEquals(one.dense().weight().toFloats()[0], two.dense().weight().toFloats()[0]);
    }
  }
}
