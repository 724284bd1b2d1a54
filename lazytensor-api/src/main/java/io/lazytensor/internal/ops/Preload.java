package io.lazytensor.internal.ops;

import io.lazytensor.internal.record.CallKind;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links the operations' lowerings on a thread of its own, once, while a device opens: some tens of
 * milliseconds that the first recording of a JVM does not have to wait for.
 */
public final class Preload {
  private static final Logger LOG = LoggerFactory.getLogger(Preload.class);

  static {
    Thread.ofPlatform().daemon().name("lazytensor preload").start(Preload::link);
  }

  private Preload() {}

  /** Starts linking if nobody has; returns at once. */
  public static void start() {
    // Initializing this class has done it.
  }

  private static void link() {
    // A class is linked when one of its kinds is read.
    for (CallKind kind :
        List.of(
            MathOps.ADD,
            TensorOps.MATMUL,
            ShapeOps.RESHAPE,
            ReductionOps.SUM,
            ActivationOps.RELU,
            LogicOps.EQ,
            IndexOps.GATHER,
            CreationOps.FULL,
            GradientOps.NORM,
            OptimizerOps.STEP)) {
      LOG.debug("linked the room of {}", kind);
    }
  }
}
