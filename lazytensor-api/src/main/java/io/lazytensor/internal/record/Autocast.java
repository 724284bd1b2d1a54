package io.lazytensor.internal.record;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What mixed precision does with the operands of an operation. The lists are those of PyTorch's
 * {@code torch.amp} ("CUDA ops that can autocast"), by the names operations have here; reductions
 * count as operations that need {@code f32}.
 */
enum Autocast {
  /** Runs in the low type: what multiplies matrices. */
  LOW,
  /** Runs in {@code f32}: what sums, or grows too fast for a small type. */
  FULL,
  /** Casts what it multiplies by itself, and only that: a mask must not lose its range. */
  OWN,
  /** Runs in the type its operands have or promote to. */
  KEEP;

  private static final Set<String> LOW_NAMES =
      Set.of(
          "addmm",
          "baddbmm",
          "bilinear",
          "bmm",
          "conv1d",
          "conv2d",
          "convTranspose1d",
          "convTranspose2d",
          "einsum",
          "linear",
          "matmul",
          "mm",
          "mv",
          "pairwiseDot");

  private static final Set<String> OWN_NAMES =
      Set.of(
          "gru",
          "gruCell",
          "lstm",
          "lstmCell",
          "multiheadAttention",
          "rnn",
          "rnnCell",
          "scaledDotProductAttention");

  private static final Set<String> FULL_NAMES =
      Set.of(
          "acos",
          "asin",
          "batchNorm",
          "bce",
          "bceWithLogits",
          "cdist",
          "cosh",
          "cosineEmbedding",
          "cosineSimilarity",
          "crossEntropy",
          "cumprod",
          "cumsum",
          "dotProduct",
          "exp",
          "exp2",
          "expm1",
          "factorizationMachine",
          "gaussianNll",
          "groupNorm",
          "hingeEmbedding",
          "huber",
          "infoNce",
          "instanceNorm",
          "klDiv",
          "klDivergence",
          "l1",
          "layerNorm",
          "log",
          "log10",
          "log1p",
          "log2",
          "logAddExp",
          "logCumsumExp",
          "logSoftmax",
          "logSumExp",
          "logsumexp",
          "marginRanking",
          "mean",
          "mse",
          "multiMargin",
          "multilabelSoftMargin",
          "multipleNegativesRanking",
          "nll",
          "norm",
          "normalize",
          "pairwiseDistance",
          "poissonNll",
          "pow",
          "prod",
          "reciprocal",
          "rmsNorm",
          "rpow",
          "rsqrt",
          "sinh",
          "smoothL1",
          "softMargin",
          "softmax",
          "softmin",
          "softplus",
          "std",
          "sum",
          "tan",
          "tripletMargin",
          "var");

  static Autocast of(String name) {
    if (LOW_NAMES.contains(name)) {
      return LOW;
    }
    return OWN_NAMES.contains(name) ? OWN : FULL_NAMES.contains(name) ? FULL : KEEP;
  }

  /** Returns the call on operands of the type it runs in. */
  Call apply(HloBuilder b, Call call) {
    DType cast = call.autocast();
    if (cast == null || this == KEEP || (this == OWN && cast != DType.F32)) {
      return call;
    }
    DType type = this == LOW ? cast : DType.F32;
    // An operand that is given twice stays one.
    Map<HloInstruction, HloInstruction> known = new IdentityHashMap<>();
    return call.mapped(operand -> known.computeIfAbsent(operand, x -> converted(b, x, type)));
  }

  private static HloInstruction converted(HloBuilder b, HloInstruction x, DType type) {
    if (!(x.shape() instanceof ArrayShape shape)) {
      return x;
    }
    boolean small = shape.dtype() == DType.F16 || shape.dtype() == DType.BF16;
    return small || shape.dtype() == DType.F32 ? b.convert(x, type) : x;
  }
}
