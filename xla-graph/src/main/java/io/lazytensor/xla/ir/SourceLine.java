package io.lazytensor.xla.ir;

/**
 * A line of the user's program.
 *
 * @param className the binary name of the class
 * @param methodName the method
 * @param fileName the source file, without folders
 * @param line the line number, or -1 where the class has none
 */
public record SourceLine(String className, String methodName, String fileName, int line) {
  /** Stands for an instruction no user line asked for. */
  public static final SourceLine UNKNOWN = new SourceLine("", "", "", -1);

  /** Returns {@code File.java:12}, or {@code unknown source}. */
  @Override
  public String toString() {
    return this.equals(UNKNOWN) ? "unknown source" : fileName + ":" + line;
  }
}
