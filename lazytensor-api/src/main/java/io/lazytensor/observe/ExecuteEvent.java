package io.lazytensor.observe;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight-recorder event: an executable runs. */
@Name("io.lazytensor.Execute")
@Label("Execute")
@Category("LazyTensor")
@StackTrace(false)
public final class ExecuteEvent extends Event {
  /** The step's name. */
  @Label("Step")
  public String step = "";

  /** Number of the graph on its device. */
  @Label("Graph")
  public int graph;

  /** Whether it ran on the recording thread. */
  @Label("Inline")
  public boolean inline;

  /** Creates an event. */
  public ExecuteEvent() {}
}
