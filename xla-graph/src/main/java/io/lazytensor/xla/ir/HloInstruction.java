package io.lazytensor.xla.ir;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of a graph. Instructions are immutable and compared by identity; {@link #hash()} is
 * structural.
 */
public final class HloInstruction {
  private final HloOp op;
  private final Shape shape;
  private final List<HloInstruction> operands;
  private final Metadata metadata;
  private final long hash;
  private final @Nullable Object annotation;

  /**
   * Creates an instruction whose shape the caller vouches for; {@code HloBuilder} infers it.
   *
   * @param annotation what the recorder wants to remember of this instruction (a gradient region);
   *     nothing in this module reads it, and passes drop it
   */
  public HloInstruction(
      HloOp op,
      Shape shape,
      List<HloInstruction> operands,
      Metadata metadata,
      @Nullable Object annotation) {
    this.op = op;
    this.shape = shape;
    this.operands = List.copyOf(operands);
    this.metadata = metadata;
    this.annotation = annotation;
    long h = op.hashCode() * 0x9E3779B97F4A7C15L + shape.hashCode();
    for (HloInstruction operand : this.operands) {
      h = Long.rotateLeft(h, 7) * 0xC2B2AE3D27D4EB4FL + operand.hash;
    }
    this.hash = h ^ (h >>> 32);
  }

  /** Returns the operation. */
  public HloOp op() {
    return op;
  }

  /** Returns the result's shape. */
  public Shape shape() {
    return shape;
  }

  /** Returns the result's shape; throws if it is a tuple. */
  public ArrayShape arrayShape() {
    return shape.asArray();
  }

  /** Returns the operands in order. */
  public List<HloInstruction> operands() {
    return operands;
  }

  /** Returns one operand. */
  public HloInstruction operand(int index) {
    return operands.get(index);
  }

  /** Returns where it comes from. */
  public Metadata metadata() {
    return metadata;
  }

  /** Returns a hash of everything this value depends on; metadata and annotation do not count. */
  public long hash() {
    return hash;
  }

  /** Returns what the recorder attached, if anything. */
  public @Nullable Object annotation() {
    return annotation;
  }

  /** Returns opcode, shape, name if it was read with one, and source line. */
  @Override
  public String toString() {
    String name = metadata.name().isEmpty() ? "" : " %" + metadata.name();
    return op.opcode() + " " + shape + name + " (" + metadata.source() + ")";
  }
}
