package io.lazytensor.xla.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.testing.EveryOp;
import io.lazytensor.xla.testing.ProtoMessage;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rules of XLA's loaders that {@link HloProtoReader} is too lenient to check. */
class HloProtoWriterTest {
  private static final ArrayShape PAIR = ArrayShape.of(DType.F32, 2);

  private static ProtoMessage proto(HloModule module) {
    return ProtoMessage.parse(HloProtoWriter.write(module));
  }

  private static List<ProtoMessage> all(ProtoMessage message, int field) {
    List<ProtoMessage> out = new ArrayList<>();
    for (ProtoMessage.Field f : message.fields) {
      if (f.number() == field) {
        out.add(ProtoMessage.parse(f.payload()));
      }
    }
    return out;
  }

  private static String text(ProtoMessage message, int field) {
    for (ProtoMessage.Field f : message.fields) {
      if (f.number() == field) {
        return new String(f.payload(), StandardCharsets.UTF_8);
      }
    }
    return "";
  }

  private static long number(ProtoMessage message, int field) {
    NumberMessage read =
        NumberMessage.read(
            WireReader.of(MemorySegment.ofArray(message.toBytes()), "Test"), "Test", field);
    return read.int64(field);
  }

  private static List<String> names(ProtoMessage module) {
    List<String> out = new ArrayList<>();
    for (ProtoMessage computation : all(module, 3)) {
      all(computation, 2).forEach(i -> out.add(text(i, 1)));
    }
    return out;
  }

  @ParameterizedTest
  @EnumSource
  void idsComeFromOneCounterAndNamesAreValid(HloOpcode opcode) {
    ProtoMessage module = proto(EveryOp.module(opcode));
    long last = 0;
    Set<String> seen = new HashSet<>();
    for (ProtoMessage computation : all(module, 3)) {
      for (ProtoMessage instruction : all(computation, 2)) {
        assertEquals(++last, number(instruction, 35));
        String name = text(instruction, 1);
        assertTrue(name.matches("[A-Za-z_][A-Za-z0-9_.-]*") && seen.add(name), name);
      }
      assertEquals(++last, number(computation, 5));
      ProtoMessage signature = all(computation, 4).get(0);
      assertEquals(
          all(signature, 1).size(),
          signature.fields.stream().filter(f -> f.number() == 3).count(),
          "a name for each parameter");
    }
    assertEquals(last, number(module, 6), "the entry is the last");
    assertEquals(1, all(module, 4).size());
  }

  @Test
  void theBytesOfASumAreTheseOnes() {
    HloInstruction x = parameter("p0", 0);
    HloInstruction y = parameter("p1", 1);
    HloInstruction sum =
        new HloBuilder(new Metadata("", SourceLine.UNKNOWN, "add.3")).binary(BinaryKind.ADD, x, y);
    HloModule module = new HloModule("m", HloComputation.of("main", List.of(x, y), sum), List.of());
    String shape = "100b1a01022a030a0100";
    String signature = "0a0a" + shape + "0a0a" + shape + "120a" + shape + "1a0270301a027031";
    assertEquals(
        "0a016d"
            + "12046d61696e"
            + "1a9c01"
            + "0a046d61696e"
            + "121e"
            + "0a027030"
            + "1209706172616d65746572"
            + "1a0a"
            + shape
            + "980201"
            + "1220"
            + "0a027031"
            + "1209706172616d65746572"
            + "1a0a"
            + shape
            + "980202"
            + "4801"
            + "1220"
            + "0a056164642e33"
            + "1203616464"
            + "1a0a"
            + shape
            + "980203"
            + "a202020102"
            + "222c"
            + signature
            + "2804"
            + "3003"
            + "222c"
            + signature
            + "3004",
        HexFormat.of().formatHex(HloProtoWriter.write(module)));
  }

  private static HloInstruction parameter(String name, int number) {
    return new HloBuilder(new Metadata("", SourceLine.UNKNOWN, name))
        .add(new HloOp.Parameter(number, PAIR));
  }

  @Test
  void namesThatAreGivenAreKeptAndMadeUnique() {
    HloInstruction x = parameter("x", 0);
    HloInstruction first = named("x", x);
    HloInstruction second = named("1 ü", first);
    HloInstruction third = named("negate.3", second);
    HloInstruction root = new HloBuilder().negative(third);
    assertEquals(
        List.of("x", "x.1", "___", "negate.3", "negate.5"),
        names(proto(new HloModule("m", HloComputation.of("main", List.of(x), root), List.of()))));
  }

  private static HloInstruction named(String name, HloInstruction x) {
    return new HloBuilder(new Metadata("", SourceLine.UNKNOWN, name)).negative(x);
  }

  @Test
  void eachFusionHasAComputationOfItsOwn() {
    HloBuilder b = new HloBuilder();
    HloInstruction p = b.add(new HloOp.Parameter(0, PAIR));
    HloComputation fused = HloComputation.of("fused", List.of(p), b.negative(p));
    HloInstruction x = b.add(new HloOp.Parameter(0, PAIR));
    HloInstruction once = b.add(new ControlOp.Fusion("kLoop", fused), x);
    HloInstruction twice = b.add(new ControlOp.Fusion("kLoop", fused), once);
    HloInstruction called = b.add(new HloOp.Call(fused), twice);
    HloModule module = new HloModule("m", HloComputation.of("main", List.of(x), called), List.of());
    ProtoMessage proto = proto(module);
    assertEquals(
        List.of("fused", "fused.1", "fused.2", "main"),
        all(proto, 3).stream().map(c -> text(c, 1)).toList());
    assertEquals(module, HloProtoReader.read(proto.toBytes()));
  }

  @Test
  void equalComputationsOfOneNameAreWrittenOnce() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, PAIR));
    HloInstruction root = x;
    for (String name : List.of("f", "f", "g")) {
      HloInstruction p = b.add(new HloOp.Parameter(0, PAIR));
      root =
          b.add(
              new HloOp.Call(HloComputation.of(name, List.of(p), b.unary(UnaryKind.SQRT, p))),
              root);
    }
    ProtoMessage proto =
        proto(new HloModule("m", HloComputation.of("main", List.of(x), root), List.of()));
    assertEquals(List.of("f", "g", "main"), all(proto, 3).stream().map(c -> text(c, 1)).toList());
  }

  @Test
  void theOriginIsWritten() {
    HloInstruction x = parameter("x", 0);
    HloInstruction root =
        new HloBuilder(new Metadata("relu", new SourceLine("A", "f", "A.java", 12))).negative(x);
    ProtoMessage proto =
        proto(new HloModule("m", HloComputation.of("main", List.of(x), root), List.of()));
    ProtoMessage origin = all(all(all(proto, 3).get(0), 2).get(1), 7).get(0);
    assertEquals("relu", text(origin, 2));
    assertEquals("A.java", text(origin, 3));
    assertEquals(12, number(origin, 4));
  }

  @Test
  void deepCallsAreWritten() {
    HloBuilder b = new HloBuilder();
    HloInstruction p = b.add(new HloOp.Parameter(0, PAIR));
    HloComputation inner = HloComputation.of("f", List.of(p), b.negative(p));
    for (int i = 0; i < 900; i++) {
      HloInstruction x = b.add(new HloOp.Parameter(0, PAIR));
      HloInstruction call =
          new HloInstruction(new HloOp.Call(inner), PAIR, List.of(x), Metadata.NONE, null);
      inner = HloComputation.of("f", List.of(x), call);
    }
    HloModule module = new HloModule("m", inner, List.of());
    assertTrue(HloProtoWriter.write(module).length > 9_000);
    assertTrue(HloProtoWriter.canonical(module).length > 9_000);
  }

  @Test
  void theModuleHasAName() {
    HloInstruction x = parameter("x", 0);
    assertEquals(
        "module",
        text(proto(new HloModule("", HloComputation.of("main", List.of(x), x), List.of())), 1));
  }
}
