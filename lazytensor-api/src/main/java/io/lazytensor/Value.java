package io.lazytensor;

import io.lazytensor.internal.record.DeviceContext;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.internal.run.Slot;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** The symbolic result of an operation. It is part of one recording and ends with it. */
public final class Value extends Tensor {
  Value(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  @Override
  public ArrayShape shape() {
    return latestNode().arrayShape();
  }

  @Override
  protected @Nullable Slot slot() {
    return null;
  }

  @Override
  protected DeviceContext context() {
    return recorder().context();
  }

  /** Returns operation, shape and the line that recorded it; never data. */
  @Override
  public String toString() {
    HloInstruction node = latestNode();
    return "%s %s recorded at %s"
        .formatted(node.metadata().opName(), node.shape(), node.metadata().source());
  }
}
