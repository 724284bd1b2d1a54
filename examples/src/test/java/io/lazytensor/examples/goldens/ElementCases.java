package io.lazytensor.examples.goldens;

import static io.lazytensor.nn.F.where;

import io.lazytensor.Tensor;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;

/** Functions of single elements, arithmetic, comparisons, bits. */
final class ElementCases {
  private ElementCases() {}

  static void add(GoldenTable t) {
    functions(t);
    sums(t);
    divisions(t);
    extremes(t);
    combinations(t);
    comparisons(t);
    logic(t);
  }

  private static void functions(GoldenTable t) {
    t.one("neg", Tensor::neg);
    t.one("abs", Tensor::abs);
    t.one("absKink", Tensor::abs);
    t.one("absOfInts", Tensor::abs);
    t.one("exp", Tensor::exp);
    t.one("expOfInts", Tensor::exp);
    t.one("exp2", Tensor::exp2);
    t.one("expm1", Tensor::expm1);
    t.one("expm1Small", Tensor::expm1);
    t.one("log", Tensor::log);
    t.one("log2", Tensor::log2);
    t.one("log10", Tensor::log10);
    t.one("log1p", Tensor::log1p);
    t.one("sqrt", Tensor::sqrt);
    t.one("sqrtOfBools", Tensor::sqrt);
    t.one("rsqrt", Tensor::rsqrt);
    t.one("square", Tensor::square);
    t.one("reciprocal", Tensor::reciprocal);
    t.one("sin", Tensor::sin);
    t.one("cos", Tensor::cos);
    t.one("tan", Tensor::tan);
    t.one("asin", Tensor::asin);
    t.one("acos", Tensor::acos);
    t.one("atan", Tensor::atan);
    t.one("sinh", Tensor::sinh);
    t.one("cosh", Tensor::cosh);
    t.one("tanh", Tensor::tanh);
    t.one("asinh", Tensor::asinh);
    t.one("acosh", Tensor::acosh);
    t.one("atanh", Tensor::atanh);
    t.one("sigmoid", Tensor::sigmoid);
    t.one("erf", Tensor::erf);
    t.one("erfc", Tensor::erfc);
    t.one("erfcTail", Tensor::erfc);
    t.one("erfcFarTail", Tensor::erfc);
    t.one("sign", Tensor::sign);
    t.one("signOfInts", Tensor::sign);
    t.one("floor", Tensor::floor);
    t.one("ceil", Tensor::ceil);
    t.one("round", Tensor::round);
    t.one("roundKink", Tensor::round);
    t.one("trunc", Tensor::trunc);
    t.one("frac", Tensor::frac);
    t.one("nanToNum", Tensor::nanToNum);
    t.one("nanToNumFinite", Tensor::nanToNum);
    t.one("nanToNumGiven", x -> x.nanToNum(1, 2, -3));
  }

  private static void sums(GoldenTable t) {
    for (String name : new String[] {"add", "addIntToFloat", "addBools", "addScalarTensor"}) {
      t.two(name, Tensor::add);
    }
    t.two("sub", Tensor::sub);
    t.two("mul", Tensor::mul);
    t.two("mulBoolAndFloat", Tensor::mul);
    t.one("addNumber", x -> x.add(2.5));
    t.one("addNumberToInts", x -> x.add(2));
    t.one("addFractionToInts", x -> x.add(2.5));
    t.one("subNumber", x -> x.sub(2.5));
    t.one("rsubNumber", x -> x.rsub(2.5));
    t.one("mulNumber", x -> x.mul(-0.3));
    t.three("broadcastChain", (a, b, c) -> a.add(b).mul(c));
  }

  private static void divisions(GoldenTable t) {
    t.two("div", Tensor::div);
    t.two("divInts", Tensor::div);
    t.one("divNumber", x -> x.div(3));
    t.one("divIntsByNumber", x -> x.div(3));
    t.one("rdivNumber", x -> x.rdiv(3));
    t.two("remainder", Tensor::remainder);
    t.two("remainderInts", Tensor::remainder);
    t.one("remainderNumber", x -> x.remainder(1.5));
    t.two("fmod", Tensor::fmod);
    t.two("fmodInts", Tensor::fmod);
    t.one("fmodNumber", x -> x.fmod(1.5));
    t.two("floorDivide", Tensor::floorDivide);
    t.two("floorDivideInts", Tensor::floorDivide);
    t.one("floorDivideNumber", x -> x.floorDivide(2));
    t.two("pow", Tensor::pow);
    t.two("powZeroKink", Tensor::pow);
    t.one("pow2", x -> x.pow(2));
    t.one("pow3", x -> x.pow(3));
    t.one("pow05", x -> x.pow(0.5));
    t.one("powM1", x -> x.pow(-1));
    t.one("powM2", x -> x.pow(-2));
    t.one("pow17", x -> x.pow(1.7));
    t.one("powInts", x -> x.pow(3));
    t.one("rpow", x -> x.rpow(2.5));
  }

  private static void extremes(GoldenTable t) {
    t.two("maximum", Tensor::maximum);
    t.two("maximumKink", Tensor::maximum);
    t.two("minimum", Tensor::minimum);
    t.two("minimumKink", Tensor::minimum);
    t.one("maximumNumber", x -> x.maximum(0.5));
    t.one("minimumNumber", x -> x.minimum(0.5));
    t.one("clamp", x -> x.clamp(-0.5, 0.7));
    t.one("clampKink", x -> x.clamp(1, 3));
    t.one("clampInts", x -> x.clamp(1, 3));
    t.one("clampMinNumber", x -> x.clampMin(0.2));
    t.one("clampMaxNumber", x -> x.clampMax(0.2));
    t.one("clampMinKink", x -> x.clampMin(1));
    t.three("clampTensors", Tensor::clamp);
    t.three("clampTensorsKink", Tensor::clamp);
    t.two("clampMinTensor", Tensor::clampMin);
    t.two("clampMaxTensor", Tensor::clampMax);
  }

  private static void combinations(GoldenTable t) {
    t.two("atan2", Tensor::atan2);
    t.two("hypot", Tensor::hypot);
    t.two("hypotLarge", Tensor::hypot);
    t.two("logAddExp", Tensor::logAddExp);
    t.two("logAddExpLarge", Tensor::logAddExp);
    t.two("xlogy", Tensor::xlogy);
    t.two("lerp", (x, y) -> x.lerp(y, 0.3));
    t.two("lerpFar", (x, y) -> x.lerp(y, 0.8));
    t.three("lerpTensor", Tensor::lerp);
    t.three("addcmul", (x, y, z) -> x.addcmul(y, z, 0.3));
    t.three("addcdiv", (x, y, z) -> x.addcdiv(y, z, 0.3));
  }

  private static void comparisons(GoldenTable t) {
    comparison(t, "eq", Tensor::eq, Tensor::eq);
    comparison(t, "ne", Tensor::ne, Tensor::ne);
    comparison(t, "lt", Tensor::lt, Tensor::lt);
    comparison(t, "le", Tensor::le, Tensor::le);
    comparison(t, "gt", Tensor::gt, Tensor::gt);
    comparison(t, "ge", Tensor::ge, Tensor::ge);
    t.one("ltFractionOfInts", x -> x.lt(1.5));
    t.two("isClose", (x, y) -> x.isClose(y, 1e-3, 1e-4));
    t.one("isNan", Tensor::isNan);
    t.one("isInf", Tensor::isInf);
    t.one("isFinite", Tensor::isFinite);
  }

  private static void comparison(
      GoldenTable t,
      String name,
      BinaryOperator<Tensor> tensors,
      BiFunction<Tensor, Double, Tensor> number) {
    t.two(name, tensors);
    t.one(name + "Number", x -> number.apply(x, 2.0));
  }

  private static void logic(GoldenTable t) {
    t.two("and", Tensor::and);
    t.two("andOfNumbers", Tensor::and);
    t.two("or", Tensor::or);
    t.two("xor", Tensor::xor);
    t.one("not", Tensor::not);
    t.two("bitwiseAnd", Tensor::bitwiseAnd);
    t.two("bitwiseAndBools", Tensor::bitwiseAnd);
    t.two("bitwiseOr", Tensor::bitwiseOr);
    t.two("bitwiseXor", Tensor::bitwiseXor);
    t.one("bitwiseNot", Tensor::bitwiseNot);
    t.two("shiftLeft", Tensor::shiftLeft);
    t.two("shiftRight", Tensor::shiftRight);
    t.one("shiftRightNumber", x -> x.shiftRight(1));
    t.three("where", (m, x, y) -> where(m, x, y));
    t.two("whereElseNumber", (m, x) -> where(m, x, 2.5));
    t.two("whereNumberElse", (m, x) -> where(m, 2.5, x));
    t.two("maskedFill", (x, m) -> x.maskedFill(m, -100));
    t.three("maskedFillTensor", Tensor::maskedFill);
  }
}
