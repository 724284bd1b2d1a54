package io.lazytensor.data;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight-recorder event: a program waits for a batch. */
@Name("io.lazytensor.LoaderStall")
@Label("Loader Stall")
@Category("LazyTensor")
@StackTrace(false)
public final class LoaderStallEvent extends Event {
  /** The epoch, from 0. */
  @Label("Epoch")
  public long epoch;

  /** The batch within the epoch, from 0. */
  @Label("Batch")
  public long batch;

  /** Whether it is the first of the epoch: the loader began with the wait. */
  @Label("First")
  public boolean first;

  /** Creates an event. */
  public LoaderStallEvent() {}
}
