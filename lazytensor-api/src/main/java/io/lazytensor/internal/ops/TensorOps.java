package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.Indexing;
import io.lazytensor.internal.lower.MatrixProducts;
import io.lazytensor.internal.lower.Primitives;
import io.lazytensor.internal.lower.Promotion;
import io.lazytensor.internal.lower.Reductions;
import io.lazytensor.internal.lower.Shapes;
import io.lazytensor.internal.record.Assignments;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;

/** The calls behind {@link io.lazytensor.Tensor}'s methods. */
public final class TensorOps {
  private TensorOps() {}

  private interface Unary {
    HloInstruction lower(HloBuilder builder, HloInstruction x);
  }

  private interface Binary {
    HloInstruction lower(HloBuilder builder, HloInstruction x, HloInstruction y);
  }

  private interface Reducing {
    HloInstruction lower(HloBuilder builder, HloInstruction x, boolean keepDim, int... dims);
  }

  private interface Indexed {
    HloInstruction lower(HloBuilder builder, HloInstruction x, int[] integers);
  }

  private static CallKind unary(String name, Unary lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a()));
  }

  private static CallKind function(String name, UnaryKind kind) {
    return unary(name, (b, x) -> Elementwise.function(b, kind, x));
  }

  private static CallKind integral(String name, UnaryKind kind) {
    return unary(name, (b, x) -> Elementwise.integral(b, kind, x));
  }

  private static CallKind binary(String name, Binary lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a(), c.b()));
  }

  private static CallKind number(String name, Binary lowering) {
    return CallKind.of(
        name, (b, c) -> lowering.lower(b, c.a(), Promotion.literal(b, written(c), c.a())));
  }

  private static CallKind reversed(String name, Binary lowering) {
    return CallKind.of(
        name, (b, c) -> lowering.lower(b, Promotion.literal(b, written(c), c.a()), c.a()));
  }

  private static CallKind comparison(String name, ComparisonDirection direction) {
    return binary(name, (b, x, y) -> Elementwise.comparison(b, direction, x, y));
  }

  private static CallKind numberComparison(String name, ComparisonDirection direction) {
    return number(name, (b, x, y) -> Elementwise.comparison(b, direction, x, y));
  }

  private static CallKind reduction(String name, Reducing lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a(), c.literal() != 0, c.integers()));
  }

  private static CallKind indexed(String name, Indexed lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a(), c.integers()));
  }

  /**
   * Returns the number written in the program. An integral one does not turn an integer tensor into
   * a floating-point one: Java's {@code add(1)} cannot be told from {@code add(1.0)}.
   */
  static Number written(Call call) {
    return number(call.number(), call.a().arrayShape().dtype());
  }

  static Number number(double value, DType beside) {
    boolean integral = value == Math.rint(value) && Math.abs(value) < 1L << 53;
    return !beside.isFloating() && integral ? (Number) (long) value : (Number) value;
  }

  public static final CallKind FULL =
      CallKind.of(
          "full",
          (b, c) -> {
            ArrayShape shape = c.attribute(ArrayShape.class);
            return Primitives.filled(b, shape.dtype(), shape.dims(), c.number());
          });
  public static final CallKind ARANGE =
      CallKind.of(
          "arange",
          (b, c) -> {
            ArrayShape shape = c.attribute(ArrayShape.class);
            return Primitives.iota(b, shape.dtype(), shape.dims(), 0);
          });

  public static final CallKind ADD = binary("add", Elementwise::add);
  public static final CallKind ADD_NUMBER = number("add", Elementwise::add);
  public static final CallKind SUB = binary("sub", Elementwise::sub);
  public static final CallKind SUB_NUMBER = number("sub", Elementwise::sub);
  public static final CallKind RSUB_NUMBER = reversed("rsub", Elementwise::sub);
  public static final CallKind MUL = binary("mul", Elementwise::mul);
  public static final CallKind MUL_NUMBER = number("mul", Elementwise::mul);
  public static final CallKind DIV = binary("div", Elementwise::div);
  public static final CallKind DIV_NUMBER = number("div", Elementwise::div);
  public static final CallKind RDIV_NUMBER = reversed("rdiv", Elementwise::div);
  public static final CallKind REMAINDER = binary("remainder", Elementwise::remainder);
  public static final CallKind POW = binary("pow", Elementwise::pow);
  public static final CallKind POW_NUMBER =
      CallKind.of("pow", (b, c) -> Elementwise.pow(b, c.a(), written(c)));
  public static final CallKind MAXIMUM = binary("maximum", Elementwise::maximum);
  public static final CallKind MINIMUM = binary("minimum", Elementwise::minimum);

  public static final CallKind NEG = unary("neg", Elementwise::neg);
  public static final CallKind ABS = unary("abs", Elementwise::abs);
  public static final CallKind EXP = function("exp", UnaryKind.EXPONENTIAL);
  public static final CallKind LOG = function("log", UnaryKind.LOG);
  public static final CallKind SQRT = function("sqrt", UnaryKind.SQRT);
  public static final CallKind RSQRT = function("rsqrt", UnaryKind.RSQRT);
  public static final CallKind SIN = function("sin", UnaryKind.SINE);
  public static final CallKind COS = function("cos", UnaryKind.COSINE);
  public static final CallKind ERF = function("erf", UnaryKind.ERF);
  public static final CallKind SQUARE = unary("square", Elementwise::square);
  public static final CallKind RECIPROCAL = unary("reciprocal", Elementwise::reciprocal);
  public static final CallKind SIGN = unary("sign", Elementwise::sign);
  public static final CallKind FLOOR = integral("floor", UnaryKind.FLOOR);
  public static final CallKind CEIL = integral("ceil", UnaryKind.CEIL);
  public static final CallKind ROUND = integral("round", UnaryKind.ROUND_NEAREST_EVEN);
  public static final CallKind CLAMP =
      CallKind.of(
          "clamp",
          (b, c) -> {
            List<?> bounds = c.attribute(List.class);
            DType type = c.a().arrayShape().dtype();
            return Elementwise.clamp(
                b,
                c.a(),
                number((Double) bounds.get(0), type),
                number((Double) bounds.get(1), type));
          });

  public static final CallKind EQ = comparison("eq", ComparisonDirection.EQ);
  public static final CallKind NE = comparison("ne", ComparisonDirection.NE);
  public static final CallKind LT = comparison("lt", ComparisonDirection.LT);
  public static final CallKind LE = comparison("le", ComparisonDirection.LE);
  public static final CallKind GT = comparison("gt", ComparisonDirection.GT);
  public static final CallKind GE = comparison("ge", ComparisonDirection.GE);
  public static final CallKind EQ_NUMBER = numberComparison("eq", ComparisonDirection.EQ);
  public static final CallKind NE_NUMBER = numberComparison("ne", ComparisonDirection.NE);
  public static final CallKind LT_NUMBER = numberComparison("lt", ComparisonDirection.LT);
  public static final CallKind LE_NUMBER = numberComparison("le", ComparisonDirection.LE);
  public static final CallKind GT_NUMBER = numberComparison("gt", ComparisonDirection.GT);
  public static final CallKind GE_NUMBER = numberComparison("ge", ComparisonDirection.GE);
  public static final CallKind AND =
      binary("and", (b, x, y) -> Elementwise.logical(b, BinaryKind.AND, x, y));
  public static final CallKind OR =
      binary("or", (b, x, y) -> Elementwise.logical(b, BinaryKind.OR, x, y));
  public static final CallKind NOT = unary("not", Elementwise::logicalNot);
  public static final CallKind WHERE =
      CallKind.of("where", (b, c) -> Elementwise.where(b, c.a(), c.b(), c.c()));
  public static final CallKind MASKED_FILL =
      CallKind.of("maskedFill", (b, c) -> Elementwise.maskedFill(b, c.a(), c.b(), written(c)));

  public static final CallKind MATMUL =
      CallKind.of(
          "matmul",
          (b, c) -> {
            DType compute = DType.values()[(int) c.literal()];
            return MatrixProducts.matmul(b, lowered(b, c.a(), compute), lowered(b, c.b(), compute));
          });
  public static final CallKind LINEAR =
      CallKind.of(
          "linear",
          (b, c) -> {
            DType compute = DType.values()[(int) c.literal()];
            return MatrixProducts.linear(
                b,
                lowered(b, c.a(), compute),
                lowered(b, c.b(), compute),
                c.hasC() ? lowered(b, c.c(), compute) : null);
          });

  /** Returns an {@code f32} operand in the step's precision. */
  private static HloInstruction lowered(HloBuilder b, HloInstruction x, DType compute) {
    return compute != DType.F32 && x.arrayShape().dtype() == DType.F32
        ? Elementwise.cast(b, x, compute)
        : x;
  }

  public static final CallKind SUM = reduction("sum", Reductions::sum);
  public static final CallKind MEAN = reduction("mean", Reductions::mean);
  public static final CallKind MAX = reduction("max", Reductions::max);
  public static final CallKind MIN = reduction("min", Reductions::min);
  public static final CallKind PROD = reduction("prod", Reductions::prod);
  public static final CallKind VAR =
      reduction("var", (b, x, keep, dims) -> Reductions.variance(b, x, 1, keep, dims));
  public static final CallKind NORM = unary("norm", (b, x) -> Reductions.norm(b, x, 2, false));
  public static final CallKind ARGMAX =
      indexed("argmax", (b, x, i) -> Reductions.argmax(b, x, i[0], false));
  public static final CallKind ARGMIN =
      indexed("argmin", (b, x, i) -> Reductions.argmin(b, x, i[0], false));

  public static final CallKind RESHAPE = indexed("reshape", Shapes::reshape);
  public static final CallKind FLATTEN =
      indexed("flatten", (b, x, i) -> Shapes.flatten(b, x, i[0], i[1]));
  public static final CallKind TRANSPOSE =
      indexed("transpose", (b, x, i) -> Shapes.transpose(b, x, i[0], i[1]));
  public static final CallKind PERMUTE = indexed("permute", Shapes::permute);
  public static final CallKind SQUEEZE = indexed("squeeze", Shapes::squeeze);
  public static final CallKind UNSQUEEZE =
      indexed("unsqueeze", (b, x, i) -> Shapes.unsqueeze(b, x, i[0]));
  public static final CallKind EXPAND = indexed("expand", Shapes::expand);
  public static final CallKind SELECT =
      indexed("select", (b, x, i) -> Shapes.select(b, x, i[0], i[1]));
  public static final CallKind SLICE =
      indexed("slice", (b, x, i) -> Shapes.slice(b, x, i[0], i[1], i[2], i[3]));
  public static final CallKind FLIP = indexed("flip", Shapes::flip);
  public static final CallKind CONCAT =
      CallKind.many(
          "concat",
          (b, c) -> new HloInstruction[] {Shapes.concat(b, c.operands(), (int) c.literal())});
  public static final CallKind STACK =
      CallKind.many(
          "stack",
          (b, c) -> new HloInstruction[] {Shapes.stack(b, c.operands(), (int) c.literal())});
  public static final CallKind SPLIT =
      CallKind.many(
          "split",
          (b, c) -> {
            int[] sizeAndDim = c.integers();
            return Shapes.split(b, c.operands().getFirst(), sizeAndDim[0], sizeAndDim[1])
                .toArray(HloInstruction[]::new);
          });

  public static final CallKind GATHER =
      CallKind.of("gather", (b, c) -> Indexing.gather(b, c.a(), (int) c.literal(), c.b()));
  public static final CallKind INDEX_SELECT =
      CallKind.of(
          "indexSelect", (b, c) -> Indexing.indexSelect(b, c.a(), (int) c.literal(), c.b()));
  public static final CallKind EMBEDDING =
      CallKind.of("embedding", (b, c) -> Indexing.embedding(b, c.a(), c.b()));
  public static final CallKind ONE_HOT =
      CallKind.of("oneHot", (b, c) -> Indexing.oneHot(b, c.a(), (int) c.literal(), DType.S32));

  public static final CallKind CAST =
      CallKind.of("to", (b, c) -> Elementwise.cast(b, c.a(), DType.values()[(int) c.literal()]));
  public static final CallKind DETACH =
      CallKind.of("detach", (b, c) -> Assignments.stopped(b, c.a()));
}
