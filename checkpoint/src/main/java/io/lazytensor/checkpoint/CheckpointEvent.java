package io.lazytensor.checkpoint;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight-recorder event: a checkpoint was written. */
@Name("io.lazytensor.Checkpoint")
@Label("Checkpoint")
@Category("LazyTensor")
@StackTrace(false)
public final class CheckpointEvent extends Event {
  /** The step. */
  @Label("Step")
  public long step;

  /** Bytes of the file. */
  @Label("Size")
  @DataAmount
  public long bytes;

  /** Whether training went on meanwhile. */
  @Label("Asynchronous")
  public boolean asynchronous;

  /** Creates an event. */
  public CheckpointEvent() {}
}
