package io.lazytensor.xla.pass;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.WindowOp;
import java.util.List;
import java.util.Optional;

/** Rules that replace one instruction by a simpler one of the same value, bit for bit. */
final class Simplification {
  private Simplification() {}

  /** Returns a simpler instruction of the same value, or the instruction itself. */
  static HloInstruction simplify(HloInstruction x) {
    return switch (x.op()) {
      case HloOp.Unary(UnaryKind kind) -> unary(x, kind);
      case HloOp.Binary(BinaryKind kind) -> binary(x, kind);
      case HloOp.Convert _, HloOp.BitcastConvert _ -> unlessSameShape(x);
      case HloOp.Broadcast broadcast -> broadcast(x, broadcast);
      case HloOp.Reshape _ -> reshape(x);
      case HloOp.Transpose transpose -> transpose(x, transpose);
      case HloOp.Reverse(Dims dimensions) -> dimensions.isEmpty() ? x.operand(0) : x;
      case HloOp.Slice slice -> allOnes(slice.stride()) ? unlessSameShape(x) : x;
      case HloOp.Concatenate _ -> x.operands().size() == 1 ? x.operand(0) : x;
      case HloOp.Pad(PaddingConfig padding) -> isEmpty(padding) ? x.operand(0) : x;
      case HloOp.Dot dot -> dot(x, dot);
      case HloOp.RaggedDot dot -> raggedDot(x, dot);
      case HloOp.GetTupleElement(int index) ->
          x.operand(0).op() instanceof HloOp.Tuple ? x.operand(0).operand(index) : x;
      case HloOp.Parameter _,
          HloOp.Constant _,
          HloOp.Iota _,
          HloOp.IsFinite _,
          HloOp.Compare _,
          HloOp.Select _,
          HloOp.Clamp _,
          HloOp.DynamicSlice _,
          HloOp.DynamicUpdateSlice _,
          HloOp.Gather _,
          HloOp.Scatter _,
          HloOp.Reduce _,
          HloOp.Tuple _,
          HloOp.Call _,
          HloOp.Complex _,
          HloOp.Real _,
          HloOp.Imag _,
          HloOp.ReducePrecision _,
          HloOp.StochasticConvert _,
          HloOp.GetDimensionSize _,
          WindowOp _,
          OrderOp _,
          LibraryOp _,
          ControlOp _,
          CollectiveOp _ ->
          x;
    };
  }

  private static HloInstruction unlessSameShape(HloInstruction x) {
    return x.operand(0).shape().equals(x.shape()) ? x.operand(0) : x;
  }

  private static boolean allOnes(Dims values) {
    return values.stream().allMatch(v -> v == 1);
  }

  private static boolean isEmpty(PaddingConfig padding) {
    return padding.low().stream().allMatch(v -> v == 0)
        && padding.high().stream().allMatch(v -> v == 0)
        && padding.interior().stream().allMatch(v -> v == 0);
  }

  private static HloInstruction unary(HloInstruction x, UnaryKind kind) {
    HloInstruction operand = x.operand(0);
    if (kind == UnaryKind.COPY) {
      return operand;
    }
    // A type without negative numbers has NaN for them.
    boolean undoes =
        kind == UnaryKind.NOT
            || (kind == UnaryKind.NEGATE && x.arrayShape().dtype() != DType.F8E8M0FNU);
    return undoes && operand.op().equals(x.op()) ? operand.operand(0) : x;
  }

  // x + 0 is not x for negative zero; x - 0, x * 1 and x / 1 are x for every float. For complex
  // numbers they are not: the zero of the other part makes NaN of an infinity.
  private static HloInstruction binary(HloInstruction x, BinaryKind kind) {
    HloInstruction left = x.operand(0);
    HloInstruction right = x.operand(1);
    boolean integer = x.arrayShape().dtype().isInteger();
    return switch (kind) {
      case ADD -> integer && isSplat(right, 0) ? left : integer && isSplat(left, 0) ? right : x;
      case SUBTRACT -> isSplat(right, 0) && !isNegativeZero(right) ? left : x;
      case MULTIPLY -> isSplat(right, 1) ? left : isSplat(left, 1) ? right : x;
      case DIVIDE -> isSplat(right, 1) ? left : x;
      case AND,
          ATAN2,
          MAXIMUM,
          MINIMUM,
          MULHI,
          OR,
          POWER,
          REMAINDER,
          SHIFT_LEFT,
          SHIFT_RIGHT_ARITHMETIC,
          SHIFT_RIGHT_LOGICAL,
          XOR ->
          x;
    };
  }

  private static Optional<Literal> splat(HloInstruction x) {
    HloInstruction source = x.op() instanceof HloOp.Broadcast ? x.operand(0) : x;
    return source.op() instanceof HloOp.Constant(Literal literal)
            && literal.shape().isScalar()
            && !literal.shape().dtype().isComplex()
        ? Optional.of(literal)
        : Optional.empty();
  }

  private static boolean isSplat(HloInstruction x, double value) {
    return splat(x).filter(literal -> literal.toDouble(0) == value).isPresent();
  }

  private static boolean isNegativeZero(HloInstruction x) {
    return splat(x).filter(literal -> literal.bits(0) != 0).isPresent();
  }

  private static HloInstruction broadcast(HloInstruction x, HloOp.Broadcast op) {
    HloInstruction operand = x.operand(0);
    if (operand.shape().equals(x.shape())) {
      return operand;
    }
    if (operand.op() instanceof HloOp.Broadcast(Dims _, Dims inner)) {
      int[] through = new int[inner.size()];
      for (int i = 0; i < through.length; i++) {
        through[i] = op.dimensions().get(inner.get(i));
      }
      return new HloBuilder(x.metadata())
          .add(new HloOp.Broadcast(op.resultDims(), Dims.of(through)), operand.operand(0));
    }
    return x;
  }

  private static HloInstruction reshape(HloInstruction x) {
    HloInstruction source = x.operand(0);
    if (source.op() instanceof HloOp.Reshape) {
      source = source.operand(0);
    }
    if (source.shape().equals(x.shape())) {
      return source;
    }
    return source == x.operand(0)
        ? x
        : new HloInstruction(x.op(), x.shape(), List.of(source), x.metadata(), null);
  }

  private static HloInstruction transpose(HloInstruction x, HloOp.Transpose op) {
    Dims outer = op.permutation();
    HloInstruction operand = x.operand(0);
    if (isIdentity(outer)) {
      return operand;
    }
    if (operand.op() instanceof HloOp.Transpose(Dims inner)) {
      int[] both = new int[outer.size()];
      for (int i = 0; i < both.length; i++) {
        both[i] = inner.get(outer.get(i));
      }
      Dims through = Dims.of(both);
      return isIdentity(through)
          ? operand.operand(0)
          : new HloBuilder(x.metadata()).add(new HloOp.Transpose(through), operand.operand(0));
    }
    return x;
  }

  private static boolean isIdentity(Dims permutation) {
    return permutation.equals(Dims.range(permutation.size()));
  }

  /** Reads transposed operands where they lie: a product may sum over any dimension. */
  private static HloInstruction dot(HloInstruction x, HloOp.Dot op) {
    DotDimensionNumbers n = op.dimensionNumbers();
    HloInstruction left = x.operand(0);
    HloInstruction right = x.operand(1);
    Optional<Dims> leftSource = foldable(left, n.lhsContracting(), n.lhsBatch());
    Optional<Dims> rightSource = foldable(right, n.rhsContracting(), n.rhsBatch());
    if (leftSource.isEmpty() && rightSource.isEmpty()) {
      return x;
    }
    DotDimensionNumbers direct =
        new DotDimensionNumbers(
            through(leftSource, n.lhsContracting()),
            through(rightSource, n.rhsContracting()),
            through(leftSource, n.lhsBatch()),
            through(rightSource, n.rhsBatch()));
    return new HloInstruction(
        new HloOp.Dot(direct, op.resultType(), op.precision()),
        x.shape(),
        List.of(
            leftSource.isPresent() ? left.operand(0) : left,
            rightSource.isPresent() ? right.operand(0) : right),
        x.metadata(),
        null);
  }

  /** Groups of a batch are no concern of its products. */
  private static HloInstruction raggedDot(HloInstruction x, HloOp.RaggedDot op) {
    RaggedDotDimensionNumbers n = op.dimensionNumbers();
    return n.mode() == RaggedDotDimensionNumbers.Mode.BATCH
        ? new HloBuilder(x.metadata())
            .add(
                new HloOp.Dot(n.dot(), op.resultType(), op.precision()), x.operand(0), x.operand(1))
        : x;
  }

  /** Returns a transpose's permutation if the free dimensions keep their order through it. */
  private static Optional<Dims> foldable(HloInstruction x, Dims contracting, Dims batch) {
    if (!(x.op() instanceof HloOp.Transpose(Dims permutation))) {
      return Optional.empty();
    }
    ArrayShape shape = x.arrayShape();
    int before = -1;
    for (int i = 0; i < shape.rank(); i++) {
      if (!contracting.contains(i) && !batch.contains(i)) {
        if (permutation.get(i) < before) {
          return Optional.empty();
        }
        before = permutation.get(i);
      }
    }
    return Optional.of(permutation);
  }

  private static Dims through(Optional<Dims> permutation, Dims numbers) {
    return permutation.map(p -> Dims.of(numbers.stream().map(p::get).toArray())).orElse(numbers);
  }
}
