package io.lazytensor.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight-recorder event: bytes move between host and device outside an execution. */
@Name("io.lazytensor.Transfer")
@Label("Transfer")
@Category("LazyTensor")
@StackTrace(false)
public final class TransferEvent extends Event {
  /** What is moved. */
  @Label("Value")
  public String value = "";

  /** Whether it goes to the device. */
  @Label("To device")
  public boolean toDevice;

  /** How much. */
  @Label("Bytes")
  @DataAmount
  public long bytes;

  /** Creates an event. */
  public TransferEvent() {}
}
