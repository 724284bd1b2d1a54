package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Finds the few combinations for which libtorch has one pass over memory: sums with a scaled or
 * multiplied term, which optimizers are made of, and matrix products with a bias. An absorbed
 * product has no other user. The fused multiply-add rounds once where HLO rounds twice.
 */
final class Fusion {
  private final IdentityHashMap<HloInstruction, Pattern> patterns = new IdentityHashMap<>();
  private final Set<HloInstruction> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());
  private final IdentityHashMap<HloInstruction, Integer> uses = new IdentityHashMap<>();
  private final HloInstruction root;

  /** What one step computes. */
  sealed interface Pattern {}

  /** {@code a + factor * b}. */
  record AddScaled(HloInstruction a, HloInstruction b, double factor) implements Pattern {}

  /** {@code a + factor * b * c}. */
  record AddProduct(HloInstruction a, HloInstruction b, HloInstruction c, double factor)
      implements Pattern {}

  /** {@code a + b / c}. */
  record AddQuotient(HloInstruction a, HloInstruction b, HloInstruction c) implements Pattern {}

  /** {@code dot + bias}, the bias repeated along all dimensions but the last. */
  record DotWithBias(HloInstruction dot, HloOp.Dot op, HloInstruction bias) implements Pattern {}

  private Fusion(HloComputation computation) {
    this.root = computation.root();
    for (HloInstruction instruction : computation.instructions()) {
      for (HloInstruction operand : instruction.operands()) {
        uses.merge(operand, 1, Integer::sum);
      }
    }
    // From the results backwards, so that the outermost of a chain of sums takes its product.
    for (HloInstruction instruction : computation.instructions().reversed()) {
      if (!absorbed.contains(instruction)) {
        find(instruction).ifPresent(pattern -> patterns.put(instruction, pattern));
      }
    }
  }

  static Fusion of(HloComputation computation) {
    return new Fusion(computation);
  }

  boolean isAbsorbed(HloInstruction instruction) {
    return absorbed.contains(instruction);
  }

  Optional<Pattern> patternAt(HloInstruction instruction) {
    return Optional.ofNullable(patterns.get(instruction));
  }

  private Optional<Pattern> find(HloInstruction instruction) {
    if (!(instruction.op() instanceof HloOp.Binary(BinaryKind kind))
        || !(instruction.shape() instanceof ArrayShape shape)
        || (shape.dtype() != DType.F32 && shape.dtype() != DType.F64)) {
      return Optional.empty();
    }
    HloInstruction left = instruction.operand(0);
    HloInstruction right = instruction.operand(1);
    if (left == right) {
      return Optional.empty();
    }
    if (kind == BinaryKind.SUBTRACT) {
      return multiplyAdd(left, right, -1);
    }
    if (kind != BinaryKind.ADD) {
      return Optional.empty();
    }
    return bias(left, right)
        .or(() -> bias(right, left))
        .or(() -> multiplyAdd(left, right, 1))
        .or(() -> multiplyAdd(right, left, 1))
        .or(() -> divideAdd(left, right))
        .or(() -> divideAdd(right, left));
  }

  private Optional<Pattern> multiplyAdd(HloInstruction a, HloInstruction product, double sign) {
    if (!isOwn(product, BinaryKind.MULTIPLY)) {
      return Optional.empty();
    }
    HloInstruction left = product.operand(0);
    HloInstruction right = product.operand(1);
    absorbed.add(product);
    OptionalDouble leftFactor = constant(left);
    OptionalDouble rightFactor = constant(right);
    if (leftFactor.isPresent() || rightFactor.isPresent()) {
      HloInstruction rest = leftFactor.isPresent() ? right : left;
      double factor = leftFactor.isPresent() ? leftFactor.getAsDouble() : rightFactor.orElseThrow();
      return Optional.of(scaled(a, rest, sign * factor));
    }
    return Optional.of(scaledProduct(a, left, right, sign));
  }

  /** Takes a constant out of one factor: {@code (factor * b) * c}, as in AdamW's second moment. */
  private Pattern scaledProduct(
      HloInstruction a, HloInstruction left, HloInstruction right, double sign) {
    if (isOwn(left, BinaryKind.MULTIPLY)) {
      OptionalDouble factor = constant(left.operand(1));
      if (factor.isPresent()) {
        absorbed.add(left);
        return new AddProduct(a, left.operand(0), right, sign * factor.getAsDouble());
      }
    }
    return new AddProduct(a, left, right, sign);
  }

  private Optional<Pattern> divideAdd(HloInstruction a, HloInstruction quotient) {
    if (!isOwn(quotient, BinaryKind.DIVIDE)) {
      return Optional.empty();
    }
    absorbed.add(quotient);
    return Optional.of(new AddQuotient(a, quotient.operand(0), quotient.operand(1)));
  }

  /** Splits {@code factor * (b * c)} where the inner product has no other user either. */
  private Pattern scaled(HloInstruction a, HloInstruction term, double factor) {
    if (isOwn(term, BinaryKind.MULTIPLY)
        && constant(term.operand(0)).isEmpty()
        && constant(term.operand(1)).isEmpty()) {
      absorbed.add(term);
      return new AddProduct(a, term.operand(0), term.operand(1), factor);
    }
    return new AddScaled(a, term, factor);
  }

  private Optional<Pattern> bias(HloInstruction dot, HloInstruction bias) {
    if (dot.op() instanceof HloOp.Dot op
        && isOnlyUse(dot)
        && op.dimensionNumbers().lhsBatch().isEmpty()
        && bias.op() instanceof HloOp.Broadcast(var resultDims, var dimensions)
        && resultDims.size() == 2
        && dimensions.size() == 1
        && dimensions.get(0) == 1) {
      absorbed.add(dot);
      return Optional.of(new DotWithBias(dot, op, bias));
    }
    return Optional.empty();
  }

  private boolean isOwn(HloInstruction instruction, BinaryKind kind) {
    return instruction.op() instanceof HloOp.Binary(BinaryKind k)
        && k == kind
        && isOnlyUse(instruction);
  }

  private boolean isOnlyUse(HloInstruction instruction) {
    return instruction != root
        && !absorbed.contains(instruction)
        && !patterns.containsKey(instruction)
        && uses.getOrDefault(instruction, 0) == 1;
  }

  /** Returns the finite value every element has, if it is a constant of the computation. */
  private static OptionalDouble constant(HloInstruction instruction) {
    HloInstruction source = instruction;
    while (source.op() instanceof HloOp.Broadcast || source.op() instanceof HloOp.Reshape) {
      source = source.operand(0);
    }
    if (source.op() instanceof HloOp.Constant(Literal literal)
        && literal.shape().elementCount() == 1
        && Double.isFinite(literal.toDouble(0))) {
      return OptionalDouble.of(literal.toDouble(0));
    }
    return OptionalDouble.empty();
  }
}
