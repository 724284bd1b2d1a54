package io.lazytensor.observe;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Flight-recorder event: a backend compiles a graph. */
@Name("io.lazytensor.Compile")
@Label("Compile")
@Category("LazyTensor")
public final class CompileEvent extends Event {
  /** The step's name. */
  @Label("Step")
  public String step = "";

  /** Number of the graph on its device. */
  @Label("Graph")
  public int graph;

  /** Instructions after simplification. */
  @Label("Instructions")
  public int instructions;

  /** The first call that differs from what was recorded before. */
  @Label("Cause")
  public String cause = "";

  /** Creates an event. */
  public CompileEvent() {}
}
