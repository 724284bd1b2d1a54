package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.xla.runtime.DeviceException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Reads what a plug-in points to. */
@SuppressWarnings("restricted") // binding native functions is what this is for
final class Native {
  private Native() {}

  /** Returns text of a size; empty where there is none. */
  static String text(MemorySegment pointer, long size) {
    return new String(bytes(pointer, size), StandardCharsets.UTF_8);
  }

  /** Returns a copy of bytes. */
  static byte[] bytes(MemorySegment pointer, long size) {
    if (pointer.address() == 0 || size == 0) {
      return new byte[0];
    }
    if (size < 0 || size > Integer.MAX_VALUE - 8) {
      throw new DeviceException(
          "the plug-in returned " + size + " bytes, more than an array holds");
    }
    return pointer.reinterpret(size).toArray(JAVA_BYTE);
  }

  /** Returns a copy of an array of 8-byte numbers or addresses. */
  static long[] longs(MemorySegment pointer, long count) {
    if (pointer.address() == 0 || count == 0) {
      return new long[0];
    }
    if (count < 0 || count > 1 << 24) {
      throw new DeviceException("the plug-in returned a list of " + count + " entries");
    }
    return pointer.reinterpret(8 * count).toArray(JAVA_LONG);
  }
}
