package io.lazytensor.internal.record;

import io.lazytensor.internal.run.CutPlan;
import io.lazytensor.observe.CompileCause;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.SourceLine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One public operation in a recording, and a position in the trie of recordings: what came before
 * it is the path to the root, what came after it are its children. Holds nodes, never tensors or
 * buffers.
 */
public final class Call {
  static final HloInstruction[] NONE = {};

  private final CallKind kind;
  private final @Nullable HloInstruction a;
  private final @Nullable HloInstruction b;
  private final @Nullable HloInstruction c;
  private final HloInstruction[] operands;
  private final long literal;
  private final @Nullable Object attribute;
  private final SourceLine source;

  /** Calls between the root and this. */
  final int depth;

  HloInstruction[] results = NONE;

  /** What was recorded before it. */
  private @Nullable Call parent;

  /** The type that autocasting computes in; null where nothing is cast. */
  private @Nullable DType autocast;

  /** The child taken last, then the other children. */
  @Nullable Call last;

  @Nullable List<Call> others;

  /** When a child stopped being the one taken last; its parent's business. */
  long leftAt;

  /** What a cut runs. */
  @Nullable CutPlan plan;

  /** The first call of the recording that followed a cut. */
  @Nullable Call successor;

  Call(
      CallKind kind,
      @Nullable HloInstruction a,
      @Nullable HloInstruction b,
      @Nullable HloInstruction c,
      HloInstruction[] operands,
      long literal,
      @Nullable Object attribute,
      SourceLine source,
      int depth) {
    this.kind = kind;
    this.a = a;
    this.b = b;
    this.c = c;
    this.operands = operands;
    this.literal = literal;
    this.attribute = attribute;
    this.source = source;
    this.depth = depth;
  }

  /** Says where a call stands that is about to be lowered. */
  Call at(Call before, @Nullable DType cast) {
    parent = before;
    autocast = cast;
    return this;
  }

  /** Returns what was recorded before it; null at the beginning. */
  @Nullable Call parentOrNull() {
    return parent;
  }

  /** Returns what was recorded before it. */
  Call parent() {
    if (parent == null) {
      throw new AssertionError(kind + " is at the beginning of a recording");
    }
    return parent;
  }

  @Nullable DType autocast() {
    return autocast;
  }

  /** Returns the same call with other operands in the same places. */
  Call mapped(UnaryOperator<HloInstruction> operand) {
    HloInstruction[] all = new HloInstruction[operands.length];
    Arrays.setAll(all, i -> operand.apply(operands[i]));
    Call out =
        new Call(
            kind,
            a == null ? null : operand.apply(a),
            b == null ? null : operand.apply(b),
            c == null ? null : operand.apply(c),
            all,
            literal,
            attribute,
            source,
            depth);
    out.parent = parent;
    out.autocast = autocast;
    return out;
  }

  boolean same(
      CallKind otherKind,
      @Nullable HloInstruction x,
      @Nullable HloInstruction y,
      @Nullable HloInstruction z,
      long otherLiteral,
      @Nullable Object otherAttribute) {
    return kind == otherKind
        && a == x
        && b == y
        && c == z
        && literal == otherLiteral
        && sameAttribute(otherAttribute);
  }

  boolean sameMany(
      CallKind otherKind,
      @Nullable HloInstruction[] nodes,
      int count,
      long otherLiteral,
      @Nullable Object otherAttribute) {
    if (kind != otherKind
        || operands.length != count
        || literal != otherLiteral
        || !sameAttribute(otherAttribute)) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (operands[i] != nodes[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean sameAttribute(@Nullable Object other) {
    if (attribute == other) {
      return true;
    }
    if (attribute == null || other == null) {
      return false;
    }
    if (attribute instanceof int[] mine) {
      return other instanceof int[] theirs && Arrays.equals(mine, theirs);
    }
    return attribute.equals(other);
  }

  /** Returns what is done. */
  public CallKind kind() {
    return kind;
  }

  /** Returns the first operand. */
  public HloInstruction a() {
    return present(a);
  }

  /** Returns the second operand. */
  public HloInstruction b() {
    return present(b);
  }

  /** Returns the third operand. */
  public HloInstruction c() {
    return present(c);
  }

  boolean hasA() {
    return a != null;
  }

  /** Returns whether there is a second operand. */
  public boolean hasB() {
    return b != null;
  }

  /** Returns whether there is a third operand. */
  public boolean hasC() {
    return c != null;
  }

  private HloInstruction present(@Nullable HloInstruction operand) {
    if (operand == null) {
      throw new AssertionError(kind + " reads an operand it does not have");
    }
    return operand;
  }

  /** Returns the operands of a call with any number of them. */
  public List<HloInstruction> operands() {
    return List.of(operands);
  }

  /** Returns the number written in the program, or what else is packed into it. */
  public long literal() {
    return literal;
  }

  /** Returns the literal as the bits of a {@code double}. */
  public double number() {
    return Double.longBitsToDouble(literal);
  }

  /** Returns the integers written in the program. */
  public int[] integers() {
    return attribute instanceof int[] values ? values.clone() : new int[0];
  }

  /** Returns the attribute of this type. */
  public <T> T attribute(Class<T> type) {
    Object value = attribute;
    if (value == null) {
      throw new AssertionError(kind + " has no attribute");
    }
    return type.cast(value);
  }

  /** Returns the nodes of the results. */
  public HloInstruction[] results() {
    return results;
  }

  HloInstruction result() {
    return results[0];
  }

  SourceLine source() {
    return source;
  }

  /** Adds a child, which is now the one taken last. */
  void link(Call child, long now) {
    if (last != null) {
      if (others == null) {
        others = new ArrayList<>(2);
      }
      last.leftAt = now;
      others.add(last);
    }
    last = child;
  }

  /** Makes one of the other children the one taken last. */
  void prefer(Call child, long now) {
    Call before = last;
    List<Call> rest = others;
    if (before == null || rest == null || before == child || !rest.remove(child)) {
      return;
    }
    before.leftAt = now;
    rest.add(before);
    last = child;
  }

  /** Returns operation, operand shapes and attributes, for a compile's cause. */
  CompileCause.RecordedCall describe() {
    StringBuilder text = new StringBuilder(kind.name()).append('(');
    String separator = "";
    for (HloInstruction operand : Arrays.asList(a, b, c)) {
      if (operand != null) {
        text.append(separator).append(operand.shape());
        separator = ", ";
      }
    }
    if (operands.length > 0) {
      text.append(operands.length).append(" operands");
      separator = ", ";
    }
    if (attribute instanceof int[] values) {
      text.append(separator).append(Arrays.toString(values));
      separator = ", ";
    } else if (attribute != null) {
      text.append(separator).append(attribute);
      separator = ", ";
    }
    if (literal != 0 && kind != SlotCalls.READ && kind != SlotCalls.READ_ALL) {
      text.append(separator).append(describeLiteral());
    }
    return new CompileCause.RecordedCall(text.append(')').toString(), source);
  }

  // A literal is the bits of a double, or a small integer: what reads naturally is what was meant.
  private String describeLiteral() {
    return Math.abs(literal) < 1L << 40 ? Long.toString(literal) : Double.toString(number());
  }
}
