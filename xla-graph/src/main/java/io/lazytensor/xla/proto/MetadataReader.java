package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code OpMetadata}: operation and source line. Where the line is given as a frame of the
 * module's {@code StackFrameIndexProto}, it is looked up there; what is not there is unknown.
 */
final class MetadataReader {
  private final List<String> files = new ArrayList<>();
  private final List<String> functions = new ArrayList<>();
  private final List<NumberMessage> locations = new ArrayList<>();
  private final List<NumberMessage> frames = new ArrayList<>();

  /** Creates a reader for a module, with its stack frames if it has any. */
  MetadataReader(@Nullable WireReader stackFrameIndex) {
    WireReader in = stackFrameIndex;
    while (in != null && in.next()) {
      switch (in.field()) {
        case 1 -> files.add(in.string());
        case 2 -> functions.add(in.string());
        case 3 ->
            locations.add(NumberMessage.read(in.message("FileLocation"), "FileLocation", 1, 2, 3));
        case 4 -> frames.add(NumberMessage.read(in.message("StackFrame"), "StackFrame", 1, 2));
        default -> in.skip();
      }
    }
  }

  /** Reads an instruction's metadata; the name is the instruction's. */
  Metadata read(WireReader in, String name) {
    String opName = "";
    String file = "";
    int line = 0;
    long frame = 0;
    while (in.next()) {
      switch (in.field()) {
        case 2 -> opName = in.string();
        case 3 -> file = in.string();
        case 4 -> line = in.int32();
        case 15 -> frame = in.varint();
        default -> in.skip();
      }
    }
    SourceLine source =
        file.isEmpty() ? ofFrame(frame) : new SourceLine("", "", file, line <= 0 ? -1 : line);
    return new Metadata(opName, source, name);
  }

  private SourceLine ofFrame(long frame) {
    NumberMessage found = at(frames, frame);
    NumberMessage location = found == null ? null : at(locations, found.int64(1));
    String file = location == null ? null : at(files, location.int64(1));
    if (location == null || file == null) {
      return SourceLine.UNKNOWN;
    }
    String function = at(functions, location.int64(2));
    long line = location.int64(3);
    return new SourceLine(
        "",
        function == null ? "" : function,
        file,
        line > 0 && line <= Integer.MAX_VALUE ? (int) line : -1);
  }

  /** Returns what an id, counted from 1, stands for. */
  private static <T> @Nullable T at(List<T> list, long id) {
    return id < 1 || id > list.size() ? null : list.get((int) id - 1);
  }
}
