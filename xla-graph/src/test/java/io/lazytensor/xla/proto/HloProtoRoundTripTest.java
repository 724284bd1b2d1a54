package io.lazytensor.xla.proto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.testing.EveryOp;
import io.lazytensor.xla.testing.ProtoMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HloProtoRoundTripTest {
  private static void comesBack(HloModule module) {
    byte[] bytes = HloProtoWriter.write(module);
    HloModule read = HloProtoReader.read(bytes);
    assertEquals(module, read);
    assertEquals(module.name(), read.name());
    assertArrayEquals(bytes, HloProtoWriter.write(read), "writing again changes nothing");
    assertArrayEquals(HloProtoWriter.canonical(module), HloProtoWriter.canonical(read));
  }

  @ParameterizedTest
  @EnumSource
  void everyOperationComesBack(HloOpcode opcode) {
    HloModule module = EveryOp.module(opcode);
    comesBack(module);
    HloVerifier.verify(HloProtoReader.read(HloProtoWriter.write(module)));
  }

  @Property(tries = 200)
  void generatedModulesComeBack(@ForAll long seed) {
    comesBack(generated(new Random(seed)));
  }

  @Property(tries = 200)
  void equalModulesWithEqualNamesGiveEqualBytes(@ForAll long seed) {
    HloModule one = generated(new Random(seed));
    HloModule two = generated(new Random(seed));
    assertEquals(one, two);
    assertArrayEquals(HloProtoWriter.write(one), HloProtoWriter.write(two));
  }

  @Test
  void theCanonicalFormLeavesNamesAndOriginsOut() {
    HloModule plain = sumOfSquares(Metadata.NONE, "m", "main");
    HloModule named =
        sumOfSquares(
            new Metadata("norm", new SourceLine("A", "f", "A.java", 3), "x"), "other", "entry");
    assertEquals(plain, named);
    assertArrayEquals(HloProtoWriter.canonical(plain), HloProtoWriter.canonical(named));
    assertNotEquals(HloProtoWriter.write(plain).length, HloProtoWriter.write(named).length);
    assertNotEquals(
        List.of(HloProtoWriter.canonical(plain).length, 1),
        List.of(HloProtoWriter.canonical(plain.withReplicas(2)).length, 1));
    assertEquals(plain, HloProtoReader.read(HloProtoWriter.canonical(plain)));
  }

  private static HloModule sumOfSquares(Metadata metadata, String name, String entry) {
    HloBuilder b = new HloBuilder(metadata);
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 4)));
    HloInstruction root = b.sum(b.times(x, x), Dims.of(0));
    return new HloModule(name, HloComputation.of(entry, List.of(x), root), List.of());
  }

  @Test
  void replicasPartitionsAndAliasesComeBack() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 4)));
    HloInstruction y = b.add(new HloOp.Parameter(1, ArrayShape.of(DType.F32, 4)));
    HloInstruction root = b.add(new HloOp.Tuple(), b.plus(x, y), b.minus(x, y));
    HloComputation entry = HloComputation.of("main", List.of(x, y), root);
    comesBack(
        new HloModule(
            "m",
            entry,
            List.of(new InputOutputAlias(1, 0, true), new InputOutputAlias(0, 1)),
            3,
            2));
    HloComputation alone = HloComputation.of("main", List.of(x, y), b.plus(x, y));
    comesBack(new HloModule("m", alone, List.of(new InputOutputAlias(0, 1))));
  }

  @Test
  void deadInstructionsComeBack() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 4)));
    HloInstruction dead = b.negative(x);
    HloInstruction root = b.plus(x, x);
    comesBack(
        new HloModule(
            "m", HloComputation.ofInstructions("main", List.of(x, dead, root), root), List.of()));
  }

  // ---- generated modules ------------------------------------------------------------------------

  private static HloModule generated(Random random) {
    List<HloInstruction> pool = new ArrayList<>();
    List<HloInstruction> parameters = new ArrayList<>();
    DType[] types = {DType.F32, DType.S32, DType.BF16, DType.U8, DType.C64, DType.PRED, DType.S4};
    DType type = types[random.nextInt(types.length)];
    int[] dims = random.ints(random.nextInt(4), 0, 4).toArray();
    ArrayShape shape = ArrayShape.of(type, dims);
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      parameters.add(builder(random).add(new HloOp.Parameter(i, shape)));
    }
    pool.addAll(parameters);
    for (int i = random.nextInt(12); i >= 0; i--) {
      pool.add(next(random, shape, pool));
    }
    HloInstruction root =
        random.nextBoolean()
            ? pool.getLast()
            : builder(random).add(new HloOp.Tuple(), pool.subList(pool.size() / 2, pool.size()));
    return new HloModule("m", HloComputation.of("main", parameters, root), List.of());
  }

  private static HloInstruction next(Random random, ArrayShape shape, List<HloInstruction> pool) {
    HloInstruction x = pool.get(random.nextInt(pool.size()));
    HloInstruction y = pool.get(random.nextInt(pool.size()));
    HloBuilder b = builder(random);
    return switch (random.nextInt(4)) {
      case 0 -> b.add(new HloOp.Constant(literal(random, shape)));
      case 1 -> b.unary(UnaryKind.COPY, x);
      case 2 -> {
        HloInstruction p = builder(random).add(new HloOp.Parameter(0, shape));
        HloComputation copy =
            HloComputation.of(name(random), List.of(p), builder(random).unary(UnaryKind.COPY, p));
        yield b.add(new HloOp.Call(copy), x);
      }
      default -> shape.dtype() == DType.PRED ? b.unary(UnaryKind.NOT, y) : b.plus(x, y);
    };
  }

  private static Literal literal(Random random, ArrayShape shape) {
    byte[] bytes = new byte[(int) shape.byteSize()];
    random.nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] =
          switch (shape.dtype()) {
            case PRED -> (byte) (bytes[i] & 1);
            case S4 -> (byte) (bytes[i] << 28 >> 28);
            default -> bytes[i];
          };
    }
    return Literal.ofBytes(shape, bytes);
  }

  private static HloBuilder builder(Random random) {
    SourceLine line =
        random.nextBoolean()
            ? SourceLine.UNKNOWN
            : new SourceLine("A", "f", "Ä.java", random.nextInt(-1, 9));
    return new HloBuilder(new Metadata(random.nextBoolean() ? "" : "op", line, name(random)));
  }

  private static String name(Random random) {
    return List.of("", "x", "add.3", "1st ü%", "x.1", "computation.4").get(random.nextInt(6));
  }

  @Test
  void equalReducersOfEachTypeAreShared() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 2, 2)));
    HloInstruction zero = b.constant(DType.F32, 0);
    HloInstruction rows = b.add(new HloOp.Reduce(Dims.of(1), max()), x, zero);
    HloInstruction all = b.add(new HloOp.Reduce(Dims.of(0), max()), rows, zero);
    HloModule module = new HloModule("m", HloComputation.of("main", List.of(x), all), List.of());
    comesBack(module);
    long computations =
        ProtoMessage.parse(HloProtoWriter.write(module)).fields.stream()
            .filter(f -> f.number() == 3)
            .count();
    assertEquals(2, computations);
  }

  private static HloComputation max() {
    return HloBuilder.scalarFunction(BinaryKind.MAXIMUM, DType.F32);
  }
}
