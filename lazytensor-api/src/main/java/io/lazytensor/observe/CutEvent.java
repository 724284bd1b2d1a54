package io.lazytensor.observe;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Flight-recorder event: a recording was cut. */
@Name("io.lazytensor.Cut")
@Label("Recording and cut")
@Category("LazyTensor")
@StackTrace(false)
public final class CutEvent extends Event {
  /** The step's name. */
  @Label("Step")
  public String step = "";

  /** Number of the graph on its device. */
  @Label("Graph")
  public int graph;

  /** Time from opening the recording to its cut. */
  @Label("Recording")
  @Timespan(Timespan.NANOSECONDS)
  public long recording;

  /** Whether this graph ran before. */
  @Label("Repeated")
  public boolean repeated;

  /** Creates an event. */
  public CutEvent() {}
}
