"""Writes tensor.txt: operations of tensors, for TensorGoldenTest.

A case whose name ends in Kink lies where the derivative jumps: PyTorch's convention is compared,
central differences are not.
"""

import torch
import torch.nn.functional as F

from goldens import Goldens

goldens = Goldens(seed=11)
case = goldens.case
r = torch.randn
t = torch.tensor
nan, inf = float("nan"), float("inf")


def positive(*shape):
    return torch.rand(shape) * 3 + 0.1


def inside(*shape):
    return torch.rand(shape) * 1.8 - 0.9


def distinct(*shape):
    """Numbers no two of which are near each other."""
    n = 1
    for s in shape:
        n *= s
    return ((torch.randperm(n) - n / 2 + 0.25) * 0.37).reshape(shape)


# Functions of one element
x = t([-3.2, -1.5, -0.7, -0.01, 0.02, 0.3, 1.1, 2.6, 4.4])
for name in ["neg", "abs", "exp", "exp2", "expm1", "sin", "cos", "tan", "atan", "sinh", "cosh",
             "tanh", "asinh", "sigmoid", "erf", "square", "reciprocal", "sign", "floor", "ceil",
             "trunc", "frac"]:
    case(name, getattr(torch, name), x=x.clone())
case("round", torch.round, x=t([-2.4, -1.6, 0.2, 1.7, 2.6]))
case("roundKink", torch.round, x=t([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]))
for name in ["log", "log2", "log10", "sqrt", "rsqrt"]:
    case(name, getattr(torch, name), x=positive(3, 3))
case("log1p", torch.log1p, x=t([-0.9, -1e-4, 1e-6, 0.3, 5.0, 1e4]))
case("expm1Small", torch.expm1, x=t([-1e-4, 1e-6, 3e-3]))
case("acosh", torch.acosh, x=positive(6) + 1)
for name in ["asin", "acos", "atanh"]:
    case(name, getattr(torch, name), x=inside(7))
case("erfc", torch.erfc, x=t([-4.0, -1.2, -0.3, 0.0, 0.4, 0.99]))
case("erfcTail", torch.erfc, x=t([1.01, 1.5, 1.99, 2.01, 2.4]))
case("erfcFarTail", torch.erfc, x=t([4.0, 4.2, 4.5]))
case("absKink", torch.abs, x=t([-1.0, 0.0, 2.0]))
case("expOfInts", torch.exp, x=t([0, 1, 2]))
case("sqrtOfBools", torch.sqrt, x=t([True, False]))
case("absOfInts", torch.abs, x=t([-3, 0, 4]))
case("signOfInts", torch.sign, x=t([-3, 0, 4]))
case("nanToNum", torch.nan_to_num, no_gradient=("x",), x=t([1.5, nan, inf, -inf]))
case("nanToNumGiven", lambda x: torch.nan_to_num(x, 1.0, 2.0, -3.0), no_gradient=("x",), x=t([1.5, nan, inf, -inf]))
case("nanToNumFinite", torch.nan_to_num, x=r(4))

# Arithmetic
case("add", torch.add, a=r(3, 4), b=r(4))
case("sub", torch.sub, a=r(3, 1), b=r(1, 4))
case("mul", torch.mul, a=r(2, 3, 4), b=r(3, 1))
case("div", torch.div, a=r(2, 3), b=positive(2, 3))
case("divInts", torch.div, a=t([1, -2, 7]), b=t([2, 3, 2]))
case("addNumber", lambda x: x + 2.5, x=r(3))
case("addNumberToInts", lambda x: x + 2, x=t([1, 2]))
case("addFractionToInts", lambda x: x + 2.5, x=t([1, 2]))
case("subNumber", lambda x: x - 2.5, x=r(3))
case("rsubNumber", lambda x: 2.5 - x, x=r(3))
case("mulNumber", lambda x: x * -0.3, x=r(3))
case("divNumber", lambda x: x / 3, x=r(3))
case("divIntsByNumber", lambda x: x / 3, x=t([1, 2, 7]))
case("rdivNumber", lambda x: 3 / x, x=positive(3))
case("addIntToFloat", torch.add, a=t([1, 2]), b=r(2))
case("mulBoolAndFloat", torch.mul, a=t([True, False]), b=r(2))
case("addBools", torch.add, a=t([True, False, True]), b=t([True, False, False]))
case("addScalarTensor", torch.add, a=r(2, 2), b=r(()))
case("remainder", torch.remainder, a=t([5.5, -5.3, 5.1, -5.9]), b=t([2.0, 2.2, -2.1, -2.3]))
case("remainderInts", torch.remainder, a=t([5, -5, 5, -5]), b=t([3, 3, -3, -3]))
case("remainderNumber", lambda x: torch.remainder(x, 1.5), x=t([5.5, -5.3, 0.1]))
case("fmod", torch.fmod, a=t([5.5, -5.3, 5.1, -5.9]), b=t([2.0, 2.2, -2.1, -2.3]))
case("fmodInts", torch.fmod, a=t([5, -5, 5, -5]), b=t([3, 3, -3, -3]))
case("fmodNumber", lambda x: torch.fmod(x, 1.5), x=t([5.5, -5.3, 0.1]))
case("floorDivide", torch.floor_divide, no_gradient=("a", "b"), a=t([7.0, -7.0, 7.0, -7.0, 6.0, 1.0]), b=t([2.0, 2.0, -2.0, -2.0, 0.0, 0.1]))
case("floorDivideInts", torch.floor_divide, a=t([7, -7, 7, -7]), b=t([2, 2, -2, -2]))
case("floorDivideNumber", lambda x: torch.div(x, 2, rounding_mode="floor"), x=t([7.3, -7.1, 0.5]))
case("pow", torch.pow, a=positive(4), b=r(4))
case("pow2", lambda x: x**2, x=r(3))
case("pow3", lambda x: x**3, x=r(3))
case("pow05", lambda x: x**0.5, x=positive(3))
case("powM1", lambda x: x**-1, x=positive(3))
case("powM2", lambda x: x**-2, x=positive(3))
case("pow17", lambda x: x**1.7, x=positive(3))
case("powInts", lambda x: x**3, x=t([-2, 0, 3]))
case("rpow", lambda x: 2.5**x, x=r(3))
case("powZeroKink", torch.pow, a=t([0.0, 0.0, 2.0]), b=t([0.0, 2.0, 0.0]))
case("maximum", torch.maximum, a=distinct(2, 3), b=distinct(2, 3) + 0.1)
case("maximumKink", torch.maximum, a=t([1.0, 2.0, 3.0, nan]), b=t([2.0, 2.0, 1.0, 1.0]))
case("minimum", torch.minimum, a=distinct(2, 3), b=distinct(3) + 0.1)
case("minimumKink", torch.minimum, a=t([1.0, 2.0, 3.0]), b=t([2.0, 2.0, 1.0]))
case("maximumNumber", lambda x: torch.maximum(x, t(0.5, dtype=x.dtype)), x=distinct(5))
case("minimumNumber", lambda x: torch.minimum(x, t(0.5, dtype=x.dtype)), x=distinct(5))
case("clamp", lambda x: x.clamp(-0.5, 0.7), x=distinct(7))
case("clampKink", lambda x: x.clamp(1, 3), x=t([0.0, 1.0, 2.0, 3.0, 4.0]))
case("clampMinNumber", lambda x: x.clamp(min=0.2), x=distinct(5))
case("clampMaxNumber", lambda x: x.clamp(max=0.2), x=distinct(5))
case("clampMinKink", lambda x: x.clamp_min(1), x=t([0.0, 1.0, 2.0]))
case("clampInts", lambda x: x.clamp(1, 3), x=t([0, 2, 5]))
case("clampTensors", torch.clamp, x=distinct(2, 3), lo=t([-0.5, -0.2, 0.1]), hi=t([[0.6], [0.3]]))
case("clampTensorsKink", torch.clamp, x=t([1.0, 2.0, 3.0, 4.0, 5.0]), lo=t([2.0] * 5), hi=t([4.0] * 5))
case("clampMinTensor", torch.clamp_min, x=distinct(5), lo=r(5))
case("clampMaxTensor", torch.clamp_max, x=distinct(5), hi=r(5))
case("atan2", torch.atan2, a=r(5), b=r(5))
case("hypot", torch.hypot, a=r(5), b=r(5))
case("hypotLarge", torch.hypot, no_gradient=("a", "b"), a=t([3e25, 1e-30]), b=t([4e25, 2e-30]))
case("logAddExp", torch.logaddexp, a=r(5) * 3, b=r(5) * 3)
case("logAddExpLarge", torch.logaddexp, a=t([100.0, -200.0, 5.0]), b=t([99.0, -201.0, 5.0]))
case("xlogy", torch.xlogy, a=t([0.0, 0.5, -2.0]), b=positive(3))
case("lerp", lambda a, b: torch.lerp(a, b, 0.3), a=r(4), b=r(4))
case("lerpFar", lambda a, b: torch.lerp(a, b, 0.8), a=r(4), b=r(4))
case("lerpTensor", torch.lerp, a=r(2, 3), b=r(3), w=torch.rand(2, 3))
case("addcmul", lambda a, b, c: torch.addcmul(a, b, c, value=0.3), a=r(2, 3), b=r(3), c=r(2, 1))
case("addcdiv", lambda a, b, c: torch.addcdiv(a, b, c, value=0.3), a=r(2, 3), b=r(3), c=positive(2, 1))

# Comparison, logic, bits
a, b = t([1.0, 2.0, 3.0, nan]), t([2.0, 2.0, 1.0, nan])
for name in ["eq", "ne", "lt", "le", "gt", "ge"]:
    case(name, getattr(torch, name), no_gradient=("a", "b"), a=a.clone(), b=b.clone())
    case(name + "Number", lambda x, f=getattr(torch, name): f(x, 2), no_gradient=("x",), x=a.clone())
case("ltFractionOfInts", lambda x: x < 1.5, x=t([1, 2]))
case("isClose", lambda a, b: torch.isclose(a, b, 1e-3, 1e-4), no_gradient=("a", "b"), a=t([1.0, 1.0, inf, nan, 0.0]), b=t([1.0005, 1.1, inf, nan, 5e-5]))
special = t([1.0, nan, inf, -inf])
case("isNan", torch.isnan, no_gradient=("x",), x=special.clone())
case("isInf", torch.isinf, no_gradient=("x",), x=special.clone())
case("isFinite", torch.isfinite, no_gradient=("x",), x=special.clone())
p, q = t([True, True, False, False]), t([True, False, True, False])
case("and", torch.logical_and, a=p, b=q)
case("or", torch.logical_or, a=p, b=q)
case("xor", torch.logical_xor, a=p, b=q)
case("not", torch.logical_not, x=p)
case("andOfNumbers", torch.logical_and, no_gradient=("a",), a=t([0.0, 0.5, -1.0]), b=t([1, 0, 2]))
i, j = t([5, -3, 12, 0]), t([3, 6, -1, 7])
case("bitwiseAnd", torch.bitwise_and, a=i, b=j)
case("bitwiseOr", torch.bitwise_or, a=i, b=j)
case("bitwiseXor", torch.bitwise_xor, a=i, b=j)
case("bitwiseNot", torch.bitwise_not, x=i)
case("bitwiseAndBools", torch.bitwise_and, a=p, b=q)
case("shiftLeft", torch.bitwise_left_shift, a=i, b=t([1, 2, 3, 4]))
case("shiftRight", torch.bitwise_right_shift, a=i, b=t([1, 2, 3, 4]))
case("shiftRightNumber", lambda x: x >> 1, x=i)
case("where", torch.where, m=t([[True], [False]]), a=r(3), b=r(2, 1))
case("whereElseNumber", lambda m, x: torch.where(m, x, 2.5), m=t([True, False]), x=r(2, 2))
case("whereNumberElse", lambda m, x: torch.where(m, 2.5, x), m=t([True, False]), x=r(2, 2))
case("maskedFill", lambda x, m: x.masked_fill(m, -100.0), x=r(2, 3), m=t([True, False, True]))
case("maskedFillTensor", lambda x, m, v: x.masked_fill(m, v), x=r(2, 3), m=t([True, False, True]), v=r(()))

# Reductions
y = r(2, 3, 4)
case("sumAll", torch.sum, x=y.clone())
case("sumDim", lambda x: x.sum(1), x=y.clone())
case("sumDims", lambda x: x.sum((0, -1)), x=y.clone())
case("sumKeep", lambda x: x.sum(-1, keepdim=True), x=y.clone())
case("sumDimsKeep", lambda x: x.sum((0, 2), keepdim=True), x=y.clone())
case("sumBools", torch.sum, x=t([True, False, True]))
case("sumInts", lambda x: x.sum(0), x=t([[1, 2], [3, 4]]))
case("meanAll", torch.mean, x=y.clone())
case("meanDim", lambda x: x.mean(0), x=y.clone())
case("meanKeep", lambda x: x.mean(1, keepdim=True), x=y.clone())
case("prodAll", torch.prod, x=r(2, 3))
case("prodDim", lambda x: x.prod(1), x=r(2, 3))
case("prodZeros", lambda x: x.prod(1), x=t([[0.0, 2.0, 3.0], [0.0, 0.0, 4.0]]))
for name in ["var", "std"]:
    f = getattr(torch, name)
    case(name + "All", f, x=y.clone())
    case(name + "Dim", lambda x, f=f: f(x, 1), x=y.clone())
    case(name + "Keep", lambda x, f=f: f(x, -1, keepdim=True), x=y.clone())
    case(name + "Biased", lambda x, f=f: f(x, 1, correction=0), x=y.clone())
    case(name + "Corrected", lambda x, f=f: f(x, 2, correction=2, keepdim=True), x=y.clone())
case("stdZeroKink", torch.std, x=t([2.0, 2.0, 2.0]))
d = distinct(3, 4)
case("maxAll", torch.amax, x=d.clone())
case("maxDim", lambda x: x.amax(1), x=d.clone())
case("minDim", lambda x: x.amin(0), x=d.clone())
case("minKeep", lambda x: x.amin(1, keepdim=True), x=d.clone())
case("maxKink", lambda x: x.amax(1), x=t([[1.0, 3.0, 3.0], [5.0, 5.0, 5.0]]))
case("maxNan", lambda x: x.amax(1), no_gradient=("x",), x=t([[1.0, 3.0], [nan, 1.0]]))
case("maxWithIndices", lambda x: x.max(1), x=d.clone())
case("minWithIndices", lambda x: x.min(0), x=d.clone())
case("maxWithIndicesKeep", lambda x: x.max(1, keepdim=True), x=d.clone())
case("maxWithIndicesKink", lambda x: x.max(1), x=t([[1.0, 3.0, 3.0], [nan, 1.0, 2.0]]))
case("argmax", lambda x: x.argmax(1), no_gradient=("x",), x=d.clone())
case("argmaxAll", torch.argmax, no_gradient=("x",), x=d.clone())
case("argminKeep", lambda x: x.argmin(0, keepdim=True), no_gradient=("x",), x=d.clone())
case("argmaxTies", lambda x: x.argmax(1), no_gradient=("x",), x=t([[1.0, 3.0, 3.0], [nan, 1.0, nan]]))
case("argmaxInts", lambda x: x.argmax(), x=t([3, 9, 2]))
case("norm", torch.norm, x=r(2, 3))
case("normDim", lambda x: x.norm(dim=1), x=r(2, 3))
case("normKeep", lambda x: x.norm(dim=0, keepdim=True), x=r(2, 3))
case("norm1", lambda x: x.norm(1, dim=1), x=r(2, 3))
case("norm3", lambda x: x.norm(3, dim=1), x=r(2, 3))
case("norm15", lambda x: x.norm(1.5, dim=1), x=r(2, 3))
case("norm05", lambda x: x.norm(0.5, dim=1), x=r(2, 3))
case("normInf", lambda x: x.norm(inf, dim=1), x=distinct(2, 3))
case("normMinusInf", lambda x: x.norm(-inf, dim=1), x=distinct(2, 3))
case("norm0", lambda x: x.norm(0), no_gradient=("x",), x=t([0.0, 2.0, -1.0]))
case("normZeroKink", lambda x: x.norm(dim=1), x=t([[0.0, 0.0], [3.0, 4.0]]))
case("norm3ZeroKink", lambda x: x.norm(3, dim=1), x=t([[0.0, 0.0], [0.0, 4.0]]))
case("norm1ZeroKink", lambda x: x.norm(1, dim=1), x=t([[0.0, 0.0], [0.0, 4.0]]))
case("logSumExp", lambda x: x.logsumexp(1), x=y.clone() * 5)
case("logSumExpDims", lambda x: x.logsumexp((0, 2)), x=y.clone())
case("logSumExpKeep", lambda x: x.logsumexp(1, keepdim=True), x=y.clone())
case("logSumExpLarge", lambda x: x.logsumexp(0), x=t([1000.0, 999.0, -1000.0]))
case("any", lambda x: x.any(1), x=t([[True, False], [False, False]]))
case("anyAll", torch.any, no_gradient=("x",), x=t([0.0, 0.0]))
case("all", lambda x: x.all(0, keepdim=True), x=t([[True, False], [True, True]]))
case("countNonzero", torch.count_nonzero, no_gradient=("x",), x=t([[0.0, 2.0], [nan, 0.0]]))
case("countNonzeroDim", lambda x: x.count_nonzero(1), x=t([[0, 2], [3, 4]]))
case("median", torch.median, x=distinct(6))
case("medianKink", torch.median, x=t([3.0, 1.0, 3.0, 3.0, 4.0]))
case("medianDim", lambda x: x.median(1), x=distinct(3, 4))
case("medianNan", torch.median, no_gradient=("x",), x=t([3.0, nan, 1.0]))

# Scans and orders
case("cumsum", lambda x: x.cumsum(1), x=r(2, 7))
case("cumsumFirst", lambda x: x.cumsum(0), x=r(5, 2))
case("cumsumInts", lambda x: x.cumsum(0), x=t([1, 2, 3]))
case("cumsumBools", lambda x: x.cumsum(0), x=t([True, False, True]))
case("cumprod", lambda x: x.cumprod(1), x=r(2, 5))
case("cumprodZeros", lambda x: x.cumprod(0), x=t([2.0, 0.0, 3.0, 0.0, 4.0]))
case("logCumsumExp", lambda x: x.logcumsumexp(1), x=r(2, 6) * 4)
case("cummax", lambda x: x.cummax(1), x=distinct(2, 6))
case("cummaxKink", lambda x: x.cummax(0), x=t([1.0, 3.0, 3.0, 2.0, nan, 5.0, nan]))
case("cummin", lambda x: x.cummin(0), x=distinct(6, 2))
case("sort", lambda x: torch.sort(x, dim=1, stable=True), x=distinct(3, 5))
case("sortDescending", lambda x: x.sort(0, descending=True), x=distinct(4, 2))
case("sortKink", lambda x: torch.sort(x, dim=0, stable=True), x=t([2.0, nan, 1.0, 2.0, -inf, 1.0, inf]))
case("sortDescendingKink", lambda x: torch.sort(x, dim=0, stable=True, descending=True), x=t([2.0, nan, 1.0, 2.0, -inf, 1.0, inf]))
case("sortInts", lambda x: x.sort(0), x=t([3, -1, 2]))
case("sortBools", lambda x: torch.sort(x, dim=0, stable=True), x=t([True, False, True, False]))
case("argsort", lambda x: x.argsort(1), no_gradient=("x",), x=distinct(3, 5))
case("argsortDescending", lambda x: x.argsort(0, descending=True), no_gradient=("x",), x=distinct(5))
case("topk", lambda x: x.topk(3), x=distinct(2, 6))
case("topkSmallest", lambda x: x.topk(2, dim=0, largest=False), x=distinct(5, 2))

# Shapes
s = r(2, 3, 4)
case("reshape", lambda x: x.reshape(4, -1), x=s.clone())
case("flatten", torch.flatten, x=s.clone())
case("flattenFrom", lambda x: x.flatten(1), x=s.clone())
case("flattenRange", lambda x: x.flatten(0, 1), x=s.clone())
case("unflatten", lambda x: x.unflatten(-1, (2, -1)), x=s.clone())
case("transpose", lambda x: x.transpose(0, -1), x=s.clone())
case("t", lambda x: x.t(), x=r(2, 3))
case("permute", lambda x: x.permute(2, 0, 1), x=s.clone())
case("movedim", lambda x: x.movedim(0, -1), x=s.clone())
case("movedims", lambda x: x.movedim((0, 1), (2, 0)), x=s.clone())
case("squeezeAll", torch.squeeze, x=r(1, 2, 1))
case("squeezeDim", lambda x: x.squeeze(0), x=r(1, 2, 1))
case("squeezeDims", lambda x: x.squeeze((0, 2, 1)), x=r(1, 2, 1))
case("unsqueeze", lambda x: x.unsqueeze(-1), x=r(2, 3))
case("expand", lambda x: x.expand(2, -1, 4), x=r(3, 1))
case("repeat", lambda x: x.repeat(2, 1, 3), x=r(2, 2))
case("repeatInterleave", lambda x: x.repeat_interleave(3, 1), x=r(2, 2))
case("select", lambda x: x[:, -1], x=s.clone())
case("slice", lambda x: x[:, :, 1:-1], x=s.clone())
case("sliceStep", lambda x: x[:, 0:3:2], x=s.clone())
case("narrow", lambda x: x.narrow(2, 1, 2), x=s.clone())
case("narrowNegative", lambda x: x.narrow(2, -3, 2), x=s.clone())
case("unfold", lambda x: x.unfold(1, 2, 2), x=r(2, 7))
case("unfoldOverlap", lambda x: x.unfold(0, 3, 1), x=r(5, 2))
case("unfoldMiddle", lambda x: x.unfold(1, 2, 1), x=r(2, 4, 3))
case("diagonal", torch.diagonal, x=r(3, 4))
case("diagonalOffset", lambda x: x.diagonal(1, 0, 2), x=s.clone())
case("diagonalBelow", lambda x: x.diagonal(-1, -2, -1), x=s.clone())
case("diagonalCorner", lambda x: x.diagonal(3), x=r(3, 4))
case("tril", torch.tril, x=r(3, 4))
case("trilAbove", lambda x: x.tril(1), x=r(2, 3, 3))
case("triu", torch.triu, x=r(3, 4))
case("triuBelow", lambda x: x.triu(-1), x=r(3, 3))
case("flip", lambda x: x.flip(0, -1), x=s.clone())
case("roll", lambda x: x.roll(-2, 1), x=r(2, 5))
case("rollDims", lambda x: x.roll((1, 2), (0, 1)), x=r(2, 5))
case("rollFlat", lambda x: x.roll(3), x=r(2, 5))
case("split", lambda x: x.split(2, 1), x=r(2, 5))
case("splitSizes", lambda x: x.split([1, 3, 1], 1), x=r(2, 5))
case("chunk", lambda x: x.chunk(3, 0), x=r(7, 2))
case("unbind", lambda x: x.unbind(1), x=r(2, 3))
case("cat", lambda a, b: torch.cat([a, b]), a=r(2, 3), b=r(1, 3))
case("catLast", lambda a, b, c: torch.cat([a, b, c], -1), a=r(2, 1), b=r(2, 2), c=r(2, 3))
case("catTypes", lambda a, b: torch.cat([a, b]), a=r(2), b=t([1, 2]))
case("stack", lambda a, b: torch.stack([a, b], 1), a=r(2, 3), b=r(2, 3))
case("stackLast", lambda a, b: torch.stack([a, b], -1), a=r(2, 3), b=r(2, 3))
case("pad", lambda x: F.pad(x, (1, 2)), x=r(2, 3))
case("padTwo", lambda x: F.pad(x, (1, 0, 0, 2), value=1.5), x=r(2, 3))
case("padNegative", lambda x: F.pad(x, (-1, 2)), x=r(2, 4))
case("padReflect", lambda x: F.pad(x, (2, 1), mode="reflect"), x=r(2, 4))
case("padReflectTwo", lambda x: F.pad(x, (1, 2, 1, 0), mode="reflect"), x=r(1, 2, 3))
case("padReplicate", lambda x: F.pad(x, (2, 1), mode="replicate"), x=r(2, 3))
case("padCircular", lambda x: F.pad(x, (2, 1), mode="circular"), x=r(2, 3))
case("meshgrid", lambda a, b: torch.meshgrid(a, b, indexing="ij"), a=r(2), b=r(3))
case("broadcastChain", lambda a, b, c: (a + b) * c, a=r(2, 1, 3), b=r(4, 1), c=r(()))

# Indices
case("gather", lambda x, i: x.gather(1, i), x=r(2, 4), i=t([[0, 3, 3], [2, 1, 0]]))
case("gatherPart", lambda x, i: x.gather(0, i), x=r(3, 4), i=t([[0, 2], [1, 1]]))
case("gatherThree", lambda x, i: x.gather(2, i), x=r(2, 2, 3), i=t([[[0, 2]], [[1, 1]]]))
case("takeAlongDim", lambda x, i: torch.take_along_dim(x, i, 1), x=r(2, 4), i=t([[0, 3, 3]]))
case("indexSelect", lambda x, i: x.index_select(1, i), x=r(2, 4), i=t([3, 0, 3]))
index = t([[0, 3, 2], [2, 1, 0]])
case("scatter", lambda x, i, v: x.scatter(1, i, v), x=r(2, 4), i=index, v=r(2, 3))
case("scatterPart", lambda x, i, v: x.scatter(0, i, v), no_gradient=("v",), x=r(4, 3), i=t([[0, 3], [2, 1]]), v=r(3, 3))
case("scatterNumber", lambda x, i: x.scatter(1, i, 1.5), x=r(2, 4), i=index)
case("scatterAdd", lambda x, i, v: x.scatter_add(1, i, v), x=r(2, 4), i=t([[0, 3, 3], [2, 2, 2]]), v=r(2, 3))
case("scatterAddPart", lambda x, i, v: x.scatter_add(0, i, v), no_gradient=("v",), x=r(4, 3), i=t([[0, 3], [0, 1]]), v=r(3, 3))
case("indexAdd", lambda x, i, v: x.index_add(0, i, v), x=r(3, 2), i=t([2, 0, 2, 1]), v=r(4, 2))
case("indexAddAlpha", lambda x, i, v: x.index_add(1, i, v, alpha=-0.5), x=r(2, 3), i=t([2, 0]), v=r(2, 2))
case("indexCopy", lambda x, i, v: x.index_copy(0, i, v), x=r(4, 2), i=t([2, 0]), v=r(2, 2))
case("indexFill", lambda x, i: x.index_fill(1, i, 2.5), x=r(2, 4), i=t([3, 0]))
case("oneHot", lambda i: F.one_hot(i, 4), i=t([[0, 3], [2, 1]]))
case("embedding", lambda i, w: F.embedding(i, w), i=t([[0, 3], [3, 1]]), w=r(4, 3))

# Products
for name, a, b in [
    ("VectorVector", (4,), (4,)),
    ("MatrixVector", (3, 4), (4,)),
    ("VectorMatrix", (4,), (4, 3)),
    ("MatrixMatrix", (2, 4), (4, 3)),
    ("BatchVector", (2, 3, 4), (4,)),
    ("VectorBatch", (4,), (2, 4, 3)),
    ("BatchMatrix", (2, 3, 4), (4, 5)),
    ("MatrixBatch", (3, 4), (2, 4, 5)),
    ("BatchBatch", (2, 3, 4), (2, 4, 5)),
    ("Broadcast", (2, 1, 3, 4), (3, 4, 2)),
]:
    case("matmul" + name, torch.matmul, a=r(a), b=r(b))
case("matmulInts", torch.matmul, a=t([[1, 2], [3, 4]]), b=t([[5, 6], [7, 8]]))
case("mm", torch.mm, a=r(2, 3), b=r(3, 4))
case("bmm", torch.bmm, a=r(2, 2, 3), b=r(2, 3, 4))
case("mv", torch.mv, a=r(2, 3), b=r(3))
case("dot", torch.dot, a=r(5), b=r(5))
case("outer", torch.outer, a=r(3), b=r(4))
case("addmm", lambda x, a, b: torch.addmm(x, a, b, beta=0.5, alpha=2), x=r(4), a=r(2, 3), b=r(3, 4))
case("baddbmm", lambda x, a, b: torch.baddbmm(x, a, b, beta=0.5, alpha=-1), x=r(1, 2, 4), a=r(2, 2, 3), b=r(2, 3, 4))
einsums = {
    "Matmul": ("ij,jk->ik", [(2, 3), (3, 4)]),
    "Implicit": ("ij,jk", [(2, 3), (3, 4)]),
    "ImplicitOrder": ("ba,bc", [(2, 3), (2, 4)]),
    "Batch": ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]),
    "Attention": ("bqhd,bkhd->bhqk", [(2, 3, 2, 2), (2, 2, 2, 2)]),
    "Trace": ("ii", [(3, 3)]),
    "Diagonal": ("ii->i", [(3, 3)]),
    "BatchDiagonal": ("...ii->...i", [(2, 3, 3)]),
    "TripleDiagonal": ("iii->i", [(2, 2, 2)]),
    "Transpose": ("ij->ji", [(2, 3)]),
    "Sum": ("ij->", [(2, 3)]),
    "SumColumn": ("ij->j", [(2, 3)]),
    "Outer": ("i,j->ij", [(3,), (4,)]),
    "Hadamard": ("ij,ij->ij", [(2, 3), (2, 3)]),
    "HadamardTransposed": ("ij,ji->ij", [(2, 3), (3, 2)]),
    "Ellipsis": ("...ij,...jk->...ik", [(2, 1, 2, 3), (3, 3, 2)]),
    "EllipsisImplicit": ("i...,ij", [(2, 3), (2, 4)]),
    "EllipsisEnd": ("ij,j...->i...", [(2, 3), (3, 2, 2)]),
    "EllipsisSummed": ("...i->i", [(2, 3, 2)]),
    "Three": ("ij,jk,kl->il", [(2, 3), (3, 2), (2, 4)]),
    "Bilinear": ("bn,anm,bm->ba", [(2, 3), (2, 3, 2), (2, 2)]),
    "OnesBroadcast": ("ij,jk->ik", [(2, 1), (3, 4)]),
    "SummedAlone": ("ij,k->i", [(2, 3), (4,)]),
    "Spaces": (" i j , j k -> k i ", [(2, 3), (3, 4)]),
    "Capitals": ("aB,BC->aC", [(2, 3), (3, 2)]),
}
for name, (equation, shapes) in einsums.items():
    names = ["a", "b", "c"]
    case("einsum" + name, lambda *o, e=equation: torch.einsum(e, *o), **{names[k]: r(s) for k, s in enumerate(shapes)})

# Distances
case("normalize", lambda x: F.normalize(x, dim=1), x=r(2, 3))
case("normalize1", lambda x: F.normalize(x, 1.0, 0, 1e-3), x=r(2, 3))
case("normalizeZeroKink", lambda x: F.normalize(x, dim=1, eps=0.5), x=t([[0.0, 0.0], [0.3, 0.4], [3.0, 4.0]]))
case("cosineSimilarity", lambda a, b: F.cosine_similarity(a, b, -1), a=r(2, 3), b=r(2, 3))
case("cosineSimilarityBroadcast", lambda a, b: F.cosine_similarity(a, b, 2), a=r(2, 1, 3), b=r(4, 3))
case("pairwiseDistance", F.pairwise_distance, a=r(2, 3), b=r(2, 3))
case("pairwiseDistance1", lambda a, b: F.pairwise_distance(a, b, 1.0), a=r(2, 3), b=r(2, 3))
case("cdist", torch.cdist, a=r(2, 3), b=r(4, 3))
case("cdistBatch", lambda a, b: torch.cdist(a, b, p=1.0), a=r(2, 2, 3), b=r(2, 3, 3))
case("cdistZeroKink", torch.cdist, a=t([[1.0, 0.0]]), b=t([[1.0, 0.0], [2.0, 2.0]]))

# New tensors, shaped by an input that is not read
case("zerosLike", torch.zeros_like, no_gradient=("x",), x=r(2, 3))
case("onesLikeInts", torch.ones_like, x=t([1, 2]))
case("fullLike", lambda x: torch.full_like(x, 2.5), no_gradient=("x",), x=r(3))
case("arange", lambda x: torch.arange(5), x=t([0]))
case("arangeStep", lambda x: torch.arange(7, -3, -2), x=t([0]))
case("arangeFractions", lambda x: torch.arange(-1.0, 2.0, 0.3, dtype=x.dtype), no_gradient=("x",), x=t([0.0]))
case("linspace", lambda x: torch.linspace(-1.5, 3.0, 7, dtype=x.dtype), no_gradient=("x",), x=t([0.0]))
case("eye", lambda x: torch.eye(2, 3, dtype=x.dtype), no_gradient=("x",), x=t([0.0]))

goldens.write("tensor.txt")
