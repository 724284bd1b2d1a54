package io.lazytensor.internal.ops;

import static io.lazytensor.internal.ops.Kinds.binary;
import static io.lazytensor.internal.ops.Kinds.number;
import static io.lazytensor.internal.ops.Kinds.unary;
import static io.lazytensor.internal.ops.Kinds.written;

import io.lazytensor.internal.lower.Bits;
import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.MathFunctions;
import io.lazytensor.internal.lower.Promotion;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;

/** Comparisons, logic, bits, and what chooses by them. */
public final class LogicOps {
  private LogicOps() {}

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
  public static final CallKind IS_CLOSE =
      CallKind.of(
          "isClose",
          (b, c) -> {
            MathOps.Tolerances t = c.attribute(MathOps.Tolerances.class);
            return MathFunctions.isClose(b, c.a(), c.b(), t.relative(), t.absolute());
          });
  public static final CallKind IS_NAN = unary("isNan", Elementwise::isNan);
  public static final CallKind IS_INF = unary("isInf", MathFunctions::isInf);
  public static final CallKind IS_FINITE = unary("isFinite", Elementwise::isFinite);

  public static final CallKind AND = logical("and", BinaryKind.AND);
  public static final CallKind OR = logical("or", BinaryKind.OR);
  public static final CallKind XOR = logical("xor", BinaryKind.XOR);
  public static final CallKind NOT = unary("not", Elementwise::logicalNot);
  public static final CallKind BITWISE_AND = bitwise("bitwiseAnd", BinaryKind.AND);
  public static final CallKind BITWISE_OR = bitwise("bitwiseOr", BinaryKind.OR);
  public static final CallKind BITWISE_XOR = bitwise("bitwiseXor", BinaryKind.XOR);
  public static final CallKind BITWISE_NOT = unary("bitwiseNot", Bits::not);
  public static final CallKind SHIFT_LEFT = binary("shiftLeft", Bits::shiftLeft);
  public static final CallKind SHIFT_LEFT_NUMBER = number("shiftLeft", Bits::shiftLeft);
  public static final CallKind SHIFT_RIGHT = binary("shiftRight", Bits::shiftRight);
  public static final CallKind SHIFT_RIGHT_NUMBER = number("shiftRight", Bits::shiftRight);

  public static final CallKind WHERE =
      CallKind.of("where", (b, c) -> Elementwise.where(b, c.a(), c.b(), c.c()));
  public static final CallKind WHERE_ELSE_NUMBER =
      CallKind.of(
          "where",
          (b, c) -> {
            Number value = Kinds.number(c.number(), c.b().arrayShape().dtype());
            return Elementwise.where(b, c.a(), c.b(), Promotion.literal(b, value, c.b()));
          });
  public static final CallKind WHERE_NUMBER_ELSE =
      CallKind.of(
          "where",
          (b, c) -> {
            Number value = Kinds.number(c.number(), c.b().arrayShape().dtype());
            return Elementwise.where(b, c.a(), Promotion.literal(b, value, c.b()), c.b());
          });
  public static final CallKind MASKED_FILL =
      CallKind.of("maskedFill", (b, c) -> Elementwise.maskedFill(b, c.a(), c.b(), written(c)));

  private static CallKind comparison(String name, ComparisonDirection direction) {
    return binary(name, (b, x, y) -> Elementwise.comparison(b, direction, x, y));
  }

  private static CallKind numberComparison(String name, ComparisonDirection direction) {
    return number(name, (b, x, y) -> Elementwise.comparison(b, direction, x, y));
  }

  private static CallKind logical(String name, BinaryKind kind) {
    return binary(name, (b, x, y) -> Elementwise.logical(b, kind, x, y));
  }

  private static CallKind bitwise(String name, BinaryKind kind) {
    return binary(name, (b, x, y) -> Bits.combine(b, kind, x, y));
  }
}
