package io.lazytensor.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * A tensor that lies in pieces, each a box of it. The pieces are put together when the data is
 * asked for; one piece that is all of the tensor is not copied.
 */
final class TensorPieces {
  private static final long MAX_COMPARISONS = 50_000_000;

  /**
   * A piece.
   *
   * @param offsets where its first element is in the tensor
   * @param sizes how many elements it has in each dimension
   * @param data its elements side by side in row-major order
   */
  record Piece(long[] offsets, long[] sizes, Supplier<MemorySegment> data) {
    boolean isEmpty() {
      return Arrays.stream(sizes).anyMatch(size -> size == 0);
    }
  }

  private final String name;
  private final TorchDType dtype;
  private final long[] shape;
  private final List<Piece> pieces = new ArrayList<>();

  private TensorPieces(String name, TorchDType dtype, long[] shape) {
    this.name = name;
    this.dtype = dtype;
    this.shape = shape;
  }

  /**
   * Returns the tensor.
   *
   * @throws CheckpointException if pieces overlap, leave gaps or reach outside
   */
  static CheckpointTensor tensor(String name, TorchDType dtype, long[] shape, List<Piece> pieces) {
    TensorPieces whole = new TensorPieces(name, dtype, shape);
    long elements = whole.elements(shape);
    long covered = 0;
    for (Piece piece : pieces) {
      whole.requireInside(piece);
      if (!piece.isEmpty()) {
        whole.pieces.add(piece);
        covered += whole.elements(piece.sizes());
        if (covered > elements) {
          throw whole.wrong("is covered twice in parts by its pieces");
        }
      }
    }
    whole.requireDisjoint();
    if (covered != elements) {
      throw whole.wrong(
          "has %d elements, of which its pieces hold %d".formatted(elements, covered));
    }
    long bytes = elements * dtype.byteSize();
    CheckpointStorage storage = CheckpointStorage.of(dtype, bytes, whole::data);
    return CheckpointTensor.of(dtype, storage, shape);
  }

  private CheckpointException wrong(String what) {
    return new CheckpointException(
        "\"%s\", %s%s, %s".formatted(name, dtype, Arrays.toString(shape), what));
  }

  private long elements(long[] sizes) {
    try {
      long count = 1;
      for (long size : sizes) {
        count = Math.multiplyExact(count, size);
      }
      Math.multiplyExact(count, (long) dtype.byteSize());
      return count;
    } catch (ArithmeticException e) {
      throw new CheckpointException("the size of \"" + name + "\" overflows", e);
    }
  }

  private void requireInside(Piece piece) {
    boolean inside = piece.offsets().length == shape.length && piece.sizes().length == shape.length;
    for (int i = 0; inside && i < shape.length; i++) {
      long offset = piece.offsets()[i];
      long size = piece.sizes()[i];
      inside = offset >= 0 && size >= 0 && offset <= shape[i] && size <= shape[i] - offset;
    }
    if (!inside) {
      throw wrong(
          "has a piece of %s at %s, which reaches outside"
              .formatted(Arrays.toString(piece.sizes()), Arrays.toString(piece.offsets())));
    }
  }

  /** Sweeps along the dimension in which the pieces differ most. */
  private void requireDisjoint() {
    if (pieces.size() < 2) {
      return;
    }
    int along = 0;
    long most = 0;
    for (int i = 0; i < shape.length; i++) {
      int dimension = i;
      long places = pieces.stream().mapToLong(p -> p.offsets()[dimension]).distinct().count();
      if (places > most) {
        most = places;
        along = i;
      }
    }
    int sweep = along;
    List<Piece> sorted = new ArrayList<>(pieces);
    sorted.sort(Comparator.comparingLong(piece -> piece.offsets()[sweep]));
    long comparisons = 0;
    for (int i = 0; i < sorted.size(); i++) {
      long end = sorted.get(i).offsets()[sweep] + sorted.get(i).sizes()[sweep];
      for (int j = i + 1; j < sorted.size() && sorted.get(j).offsets()[sweep] < end; j++) {
        if (overlap(sorted.get(i), sorted.get(j))) {
          throw wrong("is covered twice in parts by its pieces");
        }
        if (++comparisons > MAX_COMPARISONS) {
          throw wrong("is cut into more pieces than can be checked");
        }
      }
    }
  }

  private static boolean overlap(Piece a, Piece b) {
    for (int i = 0; i < a.offsets().length; i++) {
      if (a.offsets()[i] >= b.offsets()[i] + b.sizes()[i]
          || b.offsets()[i] >= a.offsets()[i] + a.sizes()[i]) {
        return false;
      }
    }
    return true;
  }

  // ---- data -------------------------------------------------------------------------------------

  private MemorySegment data() {
    if (pieces.size() == 1) {
      return data(pieces.getFirst());
    }
    long bytes = elements(shape) * dtype.byteSize();
    MemorySegment target = allocate(bytes);
    long[] strides = CheckpointTensor.contiguousStrides(shape);
    for (Piece piece : pieces) {
      long start = 0;
      for (int i = 0; i < shape.length; i++) {
        start += piece.offsets()[i] * strides[i];
      }
      new Copy(piece.sizes(), strides, dtype.byteSize(), data(piece), target).run(0, start);
    }
    return target;
  }

  private MemorySegment allocate(long bytes) {
    try {
      return Arena.ofAuto().allocate(bytes, Long.BYTES);
    } catch (OutOfMemoryError e) {
      throw new CheckpointException(
          "there is no memory for the %d bytes of \"%s\", which lies in %d pieces. Raise"
                  .formatted(bytes, name, pieces.size())
              + " -XX:MaxDirectMemorySize",
          e);
    }
  }

  private MemorySegment data(Piece piece) {
    MemorySegment data = piece.data().get();
    if (data.byteSize() != elements(piece.sizes()) * dtype.byteSize()) {
      throw wrong(
          "has a piece of %s with %d bytes"
              .formatted(Arrays.toString(piece.sizes()), data.byteSize()));
    }
    return data;
  }

  /** Copies a piece to its place, in runs as long as both sides are contiguous. */
  private static final class Copy {
    private final long[] sizes;
    private final long[] strides;
    private final int width;
    private final MemorySegment source;
    private final MemorySegment target;
    private final int runDimension;
    private final long runElements;
    private long read;

    Copy(long[] sizes, long[] strides, int width, MemorySegment source, MemorySegment target) {
      this.sizes = sizes;
      this.strides = strides;
      this.width = width;
      this.source = source;
      this.target = target;
      int dimension = sizes.length;
      long run = 1;
      while (dimension > 0 && strides[dimension - 1] == run) {
        dimension--;
        run *= sizes[dimension];
      }
      this.runDimension = dimension;
      this.runElements = run;
    }

    void run(int dimension, long at) {
      if (dimension == runDimension) {
        long bytes = runElements * width;
        MemorySegment.copy(source, read, target, at * width, bytes);
        read += bytes;
        return;
      }
      for (long i = 0; i < sizes[dimension]; i++) {
        run(dimension + 1, at + i * strides[dimension]);
      }
    }
  }
}
