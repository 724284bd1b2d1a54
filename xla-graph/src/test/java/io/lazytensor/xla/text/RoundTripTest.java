package io.lazytensor.xla.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.EveryOp;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import java.lang.foreign.MemorySegment;
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
  void everyValueOfSmallTypesComesBack(DType type) {
    int bits = Math.min(16, type.isComplex() ? 16 : type.bitWidth());
    int count = 1 << (type == DType.PRED ? 1 : bits);
    ArrayShape shape = ArrayShape.of(type, count);
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    DType part = type.realType();
    int parts = type.isComplex() ? 2 : 1;
    for (int i = 0; i < count * parts; i++) {
      // Small types take all their values; wide ones take all upper halves.
      long value = part.bitWidth() > 16 ? (long) i << (part.bitWidth() - 16) : i;
      boolean negative = part.isSigned() && (value >>> (bits - 1) & 1) != 0;
      Literal.writeBits(
          segment, i, part, negative && part.bitWidth() < 8 ? value | (-1L << bits) : value);
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
}
