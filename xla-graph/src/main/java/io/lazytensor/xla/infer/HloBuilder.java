package io.lazytensor.xla.infer;

import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** Makes instructions whose shapes are inferred, all with the same metadata. */
public final class HloBuilder {
  private final Metadata metadata;

  /** Creates a builder that marks its instructions with an origin. */
  public HloBuilder(Metadata metadata) {
    this.metadata = metadata;
  }

  /** Creates a builder without an origin. */
  public HloBuilder() {
    this(Metadata.NONE);
  }

  /** Returns the origin of what this makes. */
  public Metadata metadata() {
    return metadata;
  }

  /**
   * Makes one instruction.
   *
   * @throws io.lazytensor.xla.ir.ShapeException if the operands do not fit
   */
  public HloInstruction add(HloOp op, List<HloInstruction> operands) {
    List<Shape> shapes = new ArrayList<>(operands.size());
    for (HloInstruction operand : operands) {
      shapes.add(operand.shape());
    }
    Shape shape = ShapeInference.infer(op, shapes);
    return new HloInstruction(op, shape, operands, metadata, null);
  }

  /** Makes one instruction. */
  public HloInstruction add(HloOp op, HloInstruction... operands) {
    return add(op, List.of(operands));
  }
}
