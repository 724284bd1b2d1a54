package io.lazytensor.observe;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight-recorder event: a recording, from its first call to its cut. */
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

  /** Whether the trie knew the path. */
  @Label("Known path")
  public boolean hit;

  /** Creates an event. */
  public CutEvent() {}
}
