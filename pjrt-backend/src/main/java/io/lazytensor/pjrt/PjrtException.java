package io.lazytensor.pjrt;

import io.lazytensor.xla.runtime.DeviceException;

/** An error that a plug-in returned: its code, the function and the plug-in's own words. */
public final class PjrtException extends DeviceException {
  private static final long serialVersionUID = 1L;

  /** Codes of {@code PJRT_Error_Code}, which are those of Abseil's status. */
  public enum Code {
    /** No error. */
    OK,
    /** The operation was cancelled. */
    CANCELLED,
    /** Anything else. */
    UNKNOWN,
    /** The caller's mistake. */
    INVALID_ARGUMENT,
    /** It took too long. */
    DEADLINE_EXCEEDED,
    /** Something named does not exist. */
    NOT_FOUND,
    /** Something exists already. */
    ALREADY_EXISTS,
    /** The caller may not. */
    PERMISSION_DENIED,
    /** No memory left, mostly. */
    RESOURCE_EXHAUSTED,
    /** The wrong state for this. */
    FAILED_PRECONDITION,
    /** Given up, often because of another one's failure. */
    ABORTED,
    /** Beyond a bound. */
    OUT_OF_RANGE,
    /** The plug-in does not do this. */
    UNIMPLEMENTED,
    /** A defect of the plug-in. */
    INTERNAL,
    /** Not now. */
    UNAVAILABLE,
    /** Data is lost. */
    DATA_LOSS,
    /** The caller is nobody known. */
    UNAUTHENTICATED;

    /** Returns the code of a number; {@link #UNKNOWN} if there is none. */
    public static Code of(int number) {
      return number >= 0 && number < values().length ? values()[number] : UNKNOWN;
    }
  }

  private final Code code;
  private final String function;
  private final String pluginMessage;

  /** Creates the exception. */
  public PjrtException(Code code, String function, String pluginMessage) {
    super(text(code, function, pluginMessage));
    this.code = code;
    this.function = function;
    this.pluginMessage = pluginMessage;
  }

  private static String text(Code code, String function, String pluginMessage) {
    String text = function + " failed with " + code + ": " + pluginMessage;
    return code == Code.RESOURCE_EXHAUSTED
        ? "out of device memory. "
            + text
            + ". Use a smaller batch or model, keep fewer values on the device, or give the plug-in"
            + " more memory."
        : text;
  }

  /** Returns the code. */
  public Code code() {
    return code;
  }

  /** Returns the C function that failed. */
  public String function() {
    return function;
  }

  /** Returns what the plug-in said. */
  public String pluginMessage() {
    return pluginMessage;
  }

  /** Returns whether trying the same again may succeed. */
  public boolean isRetryable() {
    return code == Code.UNAVAILABLE || code == Code.ABORTED || code == Code.DEADLINE_EXCEEDED;
  }
}
