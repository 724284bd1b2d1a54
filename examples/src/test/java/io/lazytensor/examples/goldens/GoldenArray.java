package io.lazytensor.examples.goldens;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.List;
import java.util.stream.Stream;

/**
 * An array of a golden file.
 *
 * @param shape type and dimension sizes
 * @param values the elements in row-major order
 */
record GoldenArray(ArrayShape shape, double[] values) {
  /** Reads {@code type[dims] values…}. */
  static GoldenArray parse(String text) {
    List<String> words = List.of(text.split(" "));
    String type = words.getFirst();
    int open = type.indexOf('[');
    String sizes = type.substring(open + 1, type.length() - 1);
    int[] dims = split(sizes).mapToInt(Integer::parseInt).toArray();
    ArrayShape shape = new ArrayShape(DType.ofHloName(type.substring(0, open)), Dims.of(dims));
    double[] values = words.stream().skip(1).mapToDouble(GoldenArray::number).toArray();
    if (values.length != shape.elementCount()) {
      throw new IllegalArgumentException(shape + " takes another count than " + values.length);
    }
    return new GoldenArray(shape, values);
  }

  private static Stream<String> split(String sizes) {
    return sizes.isEmpty() ? Stream.of() : Stream.of(sizes.split(","));
  }

  private static double number(String text) {
    return switch (text) {
      case "nan" -> Double.NaN;
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  static GoldenArray of(HostBuffer buffer) {
    DType type = buffer.shape().dtype();
    double[] values = new double[Math.toIntExact(buffer.shape().elementCount())];
    for (int i = 0; i < values.length; i++) {
      values[i] = Numbers.toDouble(type, Literal.readBits(buffer.data(), i, type));
    }
    return new GoldenArray(buffer.shape(), values);
  }

  HostBuffer toHost() {
    DType type = shape.dtype();
    HostBuffer buffer = HostBuffer.allocate(shape);
    for (int i = 0; i < values.length; i++) {
      long bits =
          type.isFloating()
              ? Numbers.encodeFloat(type, values[i])
              : Numbers.saturatingToInteger(type, values[i]);
      Literal.writeBits(buffer.data(), i, type, bits);
    }
    return buffer;
  }
}
