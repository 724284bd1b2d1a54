package io.lazytensor.xla.runtime;

import java.lang.Runtime.Version;

/** Refuses Java versions on which foreign memory is not safe. */
public final class JdkCheck {
  private static final Version MINIMUM = Version.parse("25.0.3");
  private static final String OVERRIDE = "lazytensor.allowUnsafeJdk";

  private JdkCheck() {}

  /**
   * Checks the running Java.
   *
   * @throws DeviceException if it is older than 25.0.3, whose predecessors can corrupt memory;
   *     {@code -Dlazytensor.allowUnsafeJdk=true} overrides
   */
  public static void require() {
    require(Runtime.version(), Boolean.getBoolean(OVERRIDE));
  }

  static void require(Version running, boolean allowUnsafe) {
    if (!allowUnsafe && running.compareToIgnoreOptional(MINIMUM) < 0) {
      throw new DeviceException(
          "Java %s is needed, this is %s (%s). Earlier releases can corrupt native memory. Run with"
                  .formatted(MINIMUM, running, System.getProperty("java.home"))
              + " a newer JDK 25, or set -D"
              + OVERRIDE
              + "=true to take the risk.");
    }
  }
}
