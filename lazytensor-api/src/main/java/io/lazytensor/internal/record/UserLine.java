package io.lazytensor.internal.record;

import io.lazytensor.xla.ir.SourceLine;
import java.lang.StackWalker.StackFrame;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Finds the line of the user's program that a call comes from. */
final class UserLine {
  private static final StackWalker WALKER = StackWalker.getInstance();
  private static final Map<SourceLine, SourceLine> INTERNED = new ConcurrentHashMap<>();
  private static final String ROOT = "io.lazytensor.";
  private static final Set<String> LIBRARY_PACKAGES =
      Set.of("internal", "nn", "optim", "autograd", "observe", "xla");
  private static final Set<String> ROOT_CLASSES =
      Set.of(
          "Tensor",
          "TensorCalls",
          "MathMethods",
          "ArithmeticMethods",
          "ComparisonMethods",
          "ReductionMethods",
          "OrderMethods",
          "ShapeMethods",
          "IndexMethods",
          "ProductMethods",
          "TensorFactory",
          "Value",
          "Parameter",
          "State",
          "Hyper",
          "Input",
          "Device",
          "Step",
          "Fetch",
          "Gradients",
          "GradientAccumulator");

  private UserLine() {}

  static SourceLine capture() {
    Optional<StackFrame> frame = WALKER.walk(UserLine::firstOutside);
    return frame.map(UserLine::intern).orElse(SourceLine.UNKNOWN);
  }

  private static Optional<StackFrame> firstOutside(Stream<StackFrame> frames) {
    return frames.filter(f -> !isLibrary(f.getClassName())).findFirst();
  }

  static boolean isLibrary(String className) {
    if (!className.startsWith(ROOT)) {
      return className.startsWith("java.");
    }
    int dot = className.indexOf('.', ROOT.length());
    if (dot >= 0) {
      return LIBRARY_PACKAGES.contains(className.substring(ROOT.length(), dot))
          && !className.endsWith("Test")
          && !className.contains("Test$");
    }
    int dollar = className.indexOf('$', ROOT.length());
    String name = className.substring(ROOT.length(), dollar < 0 ? className.length() : dollar);
    return ROOT_CLASSES.contains(name);
  }

  private static SourceLine intern(StackFrame frame) {
    String file = frame.getFileName();
    SourceLine line =
        new SourceLine(
            frame.getClassName(),
            frame.getMethodName(),
            file == null ? "" : file,
            frame.getLineNumber());
    SourceLine known = INTERNED.putIfAbsent(line, line);
    return known == null ? line : known;
  }
}
