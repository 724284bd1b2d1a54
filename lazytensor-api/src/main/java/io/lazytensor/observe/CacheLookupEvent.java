package io.lazytensor.observe;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight-recorder event: a graph cut for the first time on its path is looked up. */
@Name("io.lazytensor.CacheLookup")
@Label("Cache look-up")
@Category("LazyTensor")
@StackTrace(false)
public final class CacheLookupEvent extends Event {
  /** The step's name. */
  @Label("Step")
  public String step = "";

  /** Whether the same graph had been compiled, by this process or an earlier one. */
  @Label("Hit")
  public boolean hit;

  /** Where it was: {@code memory}, {@code disk} or nothing. */
  @Label("Where")
  public String where = "";

  /** Creates an event. */
  public CacheLookupEvent() {}
}
