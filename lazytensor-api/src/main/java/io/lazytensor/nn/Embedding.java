package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;

/**
 * Rows of a table picked by index. PyTorch: {@code nn.Embedding}. An index out of range picks the
 * nearest row: on a device nothing can be refused.
 *
 * @param weight {@code [entries, size]}
 * @param paddingIndex the row that is zero at first and has no gradient; {@link #NO_PADDING} for
 *     none
 */
public record Embedding(Parameter weight, int paddingIndex) implements UnaryLayer {
  /** Every row has a gradient. */
  public static final int NO_PADDING = -1;

  /** Checks the padding index. */
  public Embedding {
    requireRow("Embedding", weight, paddingIndex);
  }

  /** Uses a table without padding. */
  public Embedding(Parameter weight) {
    this(weight, NO_PADDING);
  }

  /** Returns a table of normally distributed rows. */
  public static Embedding of(int entries, int size) {
    return new Embedding(Parameter.of(Initializer.normal(0, 1), entries, size));
  }

  /** Returns a table of normally distributed rows, of which one is zero and is not trained. */
  public static Embedding of(int entries, int size, int paddingIndex) {
    return new Embedding(
        Parameter.of(zeroRow(Initializer.normal(0, 1), paddingIndex), entries, size), paddingIndex);
  }

  /** Returns an initializer whose result has zeros in one row. */
  static Initializer zeroRow(Initializer initializer, int row) {
    return (shape, seed, name) -> {
      var value = initializer.create(shape, seed, name);
      int width = shape.dim(1);
      for (int i = 0; i < width; i++) {
        Literal.writeBits(value.data(), (long) row * width + i, shape.dtype(), 0);
      }
      return value;
    };
  }

  static void requireRow(String layer, Parameter weight, int paddingIndex) {
    DType type = weight.shape().dtype();
    if (weight.rank() != 2
        || paddingIndex < NO_PADDING
        || paddingIndex >= weight.size(0)
        || !type.isFloating()) {
      throw new LayerException(
          "%s: expected a table f32[entries,size] and a padding index of one of its rows, or -1, got"
                  .formatted(layer)
              + " %s and %d".formatted(weight.shape(), paddingIndex));
    }
  }

  /**
   * Picks rows.
   *
   * @param indices {@code s32[…]}
   * @return {@code […, size]}
   */
  @Override
  public Tensor forward(Tensor indices) {
    return F.embedding(indices, weight, paddingIndex);
  }
}
