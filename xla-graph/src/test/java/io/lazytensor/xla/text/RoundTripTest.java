package io.lazytensor.xla.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.testing.EveryOp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoundTripTest {
  /** Checks that a module and its text come back as they were. */
  static void roundTrip(HloModule module) {
    String text = HloPrinter.print(module);
    HloModule read = HloParser.parse(text);
    assertEquals(module, read, text);
    assertEquals(module.name(), read.name());
    assertEquals(text, HloPrinter.print(read));
  }

  @ParameterizedTest
  @EnumSource
  void everyOperationComesBackFromText(HloOpcode opcode) {
    roundTrip(EveryOp.module(opcode));
  }

  private static HloModule constant(ArrayShape shape, byte[] bytes) {
    HloInstruction x =
        new HloInstruction(
            new HloOp.Constant(Literal.ofBytes(shape, bytes)),
            shape,
            List.of(),
            Metadata.NONE,
            null);
    return new HloModule("constant", HloComputation.of("main", List.of(), x), List.of());
  }

  @ParameterizedTest
  @EnumSource
  void valuesOfEveryTypeComeBack(DType type) {
    DType part = type.realType();
    // Small types take all their values, wide ones all signs and exponents.
    int varied = Math.min(part.bitWidth(), part.isFloating() && part.bitWidth() == 16 ? 16 : 12);
    int count = type == DType.PRED ? 2 : 1 << varied;
    ArrayShape shape = ArrayShape.of(type, type.isComplex() ? count / 2 : count);
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    for (int i = 0; i < count; i++) {
      long value = part.isSigned() ? (long) i << (64 - varied) >> (64 - varied) : i;
      Literal.writeBits(
          MemorySegment.ofArray(bytes),
          i,
          part,
          type == DType.PRED ? i : value << (part.bitWidth() - varied));
    }
    roundTrip(constant(shape, bytes));
  }

  @Property(tries = 200)
  void anyBitsComeBackInAnyShape(@ForAll long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    DType type = DType.values()[random.nextInt(DType.values().length)];
    if (type == DType.PRED || type.bitWidth() < 8) {
      return;
    }
    int[] dims = random.ints(random.nextInt(5), 0, 5).toArray();
    ArrayShape shape = new ArrayShape(type, Dims.of(dims));
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    random.nextBytes(bytes);
    roundTrip(constant(shape, bytes));
  }

  @Property(tries = 300)
  void generatedModulesComeBack(@ForAll long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    HloComputation callee = generated("callee", 1 + random.nextInt(4), List.of(), random);
    HloComputation other = generated("callee", 1 + random.nextInt(4), List.of(callee), random);
    HloComputation entry =
        generated("main", 5 + random.nextInt(30), List.of(callee, other), random);
    HloModule module = new HloModule("generated", entry, List.of(), 1 + random.nextInt(3), 1);
    roundTrip(module);
  }

  /** Makes a computation of random instructions over matrices, of which some are dead. */
  private static HloComputation generated(
      String name, int size, List<HloComputation> callees, RandomGenerator random) {
    ArrayShape shape = ArrayShape.of(DType.F32, 2, 2);
    List<HloInstruction> all = new ArrayList<>();
    int parameters = callees.isEmpty() ? 2 : random.nextInt(3);
    for (int i = 0; i < parameters; i++) {
      all.add(make(new HloOp.Parameter(i, shape), shape, List.of(), random));
    }
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    all.add(make(new HloOp.Constant(Literal.ofBytes(shape, bytes)), shape, List.of(), random));
    for (int i = 0; i < size; i++) {
      HloInstruction x = all.get(random.nextInt(all.size()));
      HloInstruction y = all.get(random.nextInt(all.size()));
      UnaryKind unary = UnaryKind.values()[random.nextInt(UnaryKind.values().length)];
      BinaryKind binary = BinaryKind.values()[random.nextInt(BinaryKind.values().length)];
      all.add(
          switch (random.nextInt(callees.isEmpty() ? 3 : 4)) {
            case 0 -> make(new HloOp.Unary(unary), shape, List.of(x), random);
            case 1 -> make(new HloOp.Binary(binary), shape, List.of(x, y), random);
            case 2 -> make(new HloOp.Transpose(Dims.of(1, 0)), shape, List.of(x), random);
            default -> {
              HloComputation callee = callees.get(random.nextInt(callees.size()));
              yield make(
                  new HloOp.Call(callee),
                  shape,
                  Collections.nCopies(callee.parameters().size(), y),
                  random);
            }
          });
    }
    return HloComputation.ofInstructions(name, all, all.get(random.nextInt(all.size())));
  }

  /** Makes an instruction with a name that may be taken, illegal, or missing. */
  private static HloInstruction make(
      HloOp op, ArrayShape shape, List<HloInstruction> operands, RandomGenerator random) {
    String name =
        switch (random.nextInt(4)) {
          case 0 -> "x";
          case 1 -> "add." + random.nextInt(10);
          case 2 -> List.of("1 é", "f32", "__y", "nan", "ROOT").get(random.nextInt(5));
          default -> "";
        };
    SourceLine source =
        random.nextBoolean()
            ? SourceLine.UNKNOWN
            : new SourceLine("C", "m", "a \"file\"\n\t'é.java", random.nextInt(5));
    return new HloInstruction(
        op, shape, operands, new Metadata(random.nextBoolean() ? "" : "op\\", source, name), null);
  }
}
