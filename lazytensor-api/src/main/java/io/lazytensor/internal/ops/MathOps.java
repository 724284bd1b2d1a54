package io.lazytensor.internal.ops;

import static io.lazytensor.internal.ops.Kinds.binary;
import static io.lazytensor.internal.ops.Kinds.function;
import static io.lazytensor.internal.ops.Kinds.number;
import static io.lazytensor.internal.ops.Kinds.reversed;
import static io.lazytensor.internal.ops.Kinds.unary;
import static io.lazytensor.internal.ops.Kinds.written;

import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.MathFunctions;
import io.lazytensor.internal.lower.Promotion;
import io.lazytensor.internal.lower.Trigonometry;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.UnaryKind;
import org.jspecify.annotations.Nullable;

/** Arithmetic and functions of single elements. */
public final class MathOps {
  private MathOps() {}

  /** Bounds that are numbers; null is none. */
  public record Bounds(@Nullable Double min, @Nullable Double max) {}

  /** What takes the place of NaN, ∞ and -∞; null is the type's extreme. */
  public record Replacements(double nan, @Nullable Double positive, @Nullable Double negative) {}

  /** Tolerances of a comparison. */
  public record Tolerances(double relative, double absolute) {}

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
  public static final CallKind FLOOR_DIVIDE = binary("floorDivide", MathFunctions::floorDivide);
  public static final CallKind FLOOR_DIVIDE_NUMBER =
      number("floorDivide", MathFunctions::floorDivide);
  public static final CallKind REMAINDER = binary("remainder", Elementwise::remainder);
  public static final CallKind REMAINDER_NUMBER = number("remainder", Elementwise::remainder);
  public static final CallKind FMOD = binary("fmod", Elementwise::fmod);
  public static final CallKind FMOD_NUMBER = number("fmod", Elementwise::fmod);
  public static final CallKind POW = binary("pow", Elementwise::pow);
  public static final CallKind POW_NUMBER =
      CallKind.of("pow", (b, c) -> Elementwise.pow(b, c.a(), written(c)));
  public static final CallKind RPOW_NUMBER = reversed("rpow", Elementwise::pow);
  public static final CallKind MAXIMUM = binary("maximum", Elementwise::maximum);
  public static final CallKind MAXIMUM_NUMBER = number("maximum", Elementwise::maximum);
  public static final CallKind MINIMUM = binary("minimum", Elementwise::minimum);
  public static final CallKind MINIMUM_NUMBER = number("minimum", Elementwise::minimum);
  public static final CallKind ATAN2 = binary("atan2", Elementwise::atan2);
  public static final CallKind HYPOT = binary("hypot", MathFunctions::hypot);
  public static final CallKind LOG_ADD_EXP = binary("logAddExp", MathFunctions::logAddExp);
  public static final CallKind XLOGY = binary("xlogy", MathFunctions::xlogy);
  public static final CallKind LERP =
      CallKind.of("lerp", (b, c) -> MathFunctions.lerp(b, c.a(), c.b(), c.c()));
  public static final CallKind LERP_NUMBER =
      CallKind.of(
          "lerp",
          (b, c) -> MathFunctions.lerp(b, c.a(), c.b(), Promotion.literal(b, written(c), c.a())));
  public static final CallKind ADDCMUL =
      CallKind.of("addcmul", (b, c) -> MathFunctions.addcmul(b, c.a(), c.b(), c.c(), written(c)));
  public static final CallKind ADDCDIV =
      CallKind.of("addcdiv", (b, c) -> MathFunctions.addcdiv(b, c.a(), c.b(), c.c(), written(c)));

  public static final CallKind NEG = unary("neg", Elementwise::neg);
  public static final CallKind ABS = unary("abs", Elementwise::abs);
  public static final CallKind EXP = function("exp", UnaryKind.EXPONENTIAL);
  public static final CallKind EXP2 = unary("exp2", MathFunctions::exp2);
  public static final CallKind EXPM1 = function("expm1", UnaryKind.EXPONENTIAL_MINUS_ONE);
  public static final CallKind LOG = function("log", UnaryKind.LOG);
  public static final CallKind LOG2 = unary("log2", (b, x) -> MathFunctions.log(b, x, 2));
  public static final CallKind LOG10 = unary("log10", (b, x) -> MathFunctions.log(b, x, 10));
  public static final CallKind LOG1P = function("log1p", UnaryKind.LOG_PLUS_ONE);
  public static final CallKind SQRT = function("sqrt", UnaryKind.SQRT);
  public static final CallKind RSQRT = function("rsqrt", UnaryKind.RSQRT);
  public static final CallKind SIN = function("sin", UnaryKind.SINE);
  public static final CallKind COS = function("cos", UnaryKind.COSINE);
  public static final CallKind TAN = function("tan", UnaryKind.TAN);
  public static final CallKind ASIN = unary("asin", Trigonometry::asin);
  public static final CallKind ACOS = unary("acos", Trigonometry::acos);
  public static final CallKind ATAN = unary("atan", Trigonometry::atan);
  public static final CallKind SINH = unary("sinh", Trigonometry::sinh);
  public static final CallKind COSH = unary("cosh", Trigonometry::cosh);
  public static final CallKind ASINH = unary("asinh", Trigonometry::asinh);
  public static final CallKind ACOSH = unary("acosh", Trigonometry::acosh);
  public static final CallKind ATANH = unary("atanh", Trigonometry::atanh);
  public static final CallKind ERF = function("erf", UnaryKind.ERF);
  public static final CallKind ERFC = unary("erfc", MathFunctions::erfc);
  public static final CallKind SQUARE = unary("square", Elementwise::square);
  public static final CallKind RECIPROCAL = unary("reciprocal", Elementwise::reciprocal);
  public static final CallKind SIGN = unary("sign", Elementwise::sign);
  public static final CallKind FLOOR = integral("floor", UnaryKind.FLOOR);
  public static final CallKind CEIL = integral("ceil", UnaryKind.CEIL);
  public static final CallKind ROUND = integral("round", UnaryKind.ROUND_NEAREST_EVEN);
  public static final CallKind TRUNC = unary("trunc", MathFunctions::trunc);
  public static final CallKind FRAC = unary("frac", MathFunctions::frac);
  public static final CallKind NAN_TO_NUM =
      CallKind.of(
          "nanToNum",
          (b, c) -> {
            Replacements r = c.attribute(Replacements.class);
            return MathFunctions.nanToNum(b, c.a(), r.nan(), r.positive(), r.negative());
          });

  public static final CallKind CLAMP =
      CallKind.of(
          "clamp",
          (b, c) -> {
            Bounds bounds = c.attribute(Bounds.class);
            DType type = c.a().arrayShape().dtype();
            return Elementwise.clamp(
                b, c.a(), bound(bounds.min(), type), bound(bounds.max(), type));
          });

  /** Between tensors equal values share the gradient, unlike between numbers: as PyTorch. */
  public static final CallKind CLAMP_TENSORS =
      CallKind.of(
          "clamp", (b, c) -> Elementwise.minimum(b, Elementwise.maximum(b, c.a(), c.b()), c.c()));

  public static final CallKind CLAMP_MIN = binary("clampMin", Elementwise::maximum);
  public static final CallKind CLAMP_MAX = binary("clampMax", Elementwise::minimum);

  private static CallKind integral(String name, UnaryKind kind) {
    return unary(name, (b, x) -> Elementwise.integral(b, kind, x));
  }

  private static @Nullable Number bound(@Nullable Double value, DType beside) {
    return value == null ? null : Kinds.number(value, beside);
  }
}
