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
  private final Numbers64 locationFiles = new Numbers64();
  private final Numbers64 locationFunctions = new Numbers64();
  private final Numbers64 locationLines = new Numbers64();
  private final Numbers64 frameLocations = new Numbers64();

  /** Creates a reader for a module, with its stack frames if it has any. */
  MetadataReader(@Nullable WireReader stackFrameIndex) {
    WireReader in = stackFrameIndex;
    while (in != null && in.next()) {
      switch (in.field()) {
        case 1 -> files.add(in.string());
        case 2 -> functions.add(in.string());
        case 3 -> {
          NumberMessage location =
              NumberMessage.read(in.message("FileLocation"), "FileLocation", 1, 2, 3);
          locationFiles.add(location.int64(1));
          locationFunctions.add(location.int64(2));
          locationLines.add(location.int64(3));
        }
        case 4 ->
            frameLocations.add(
                NumberMessage.read(in.message("StackFrame"), "StackFrame", 1).int64(1));
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
    long location = at(frameLocations, frame);
    String file = at(files, at(locationFiles, location));
    if (file.isEmpty()) {
      return SourceLine.UNKNOWN;
    }
    long line = at(locationLines, location);
    return new SourceLine(
        "",
        at(functions, at(locationFunctions, location)),
        file,
        line > 0 && line <= Integer.MAX_VALUE ? (int) line : -1);
  }

  /** Returns what an id, counted from 1, stands for; nothing if it stands for nothing. */
  private static String at(List<String> list, long id) {
    return id < 1 || id > list.size() ? "" : list.get((int) id - 1);
  }

  private static long at(Numbers64 list, long id) {
    return id < 1 || id > list.size() ? 0 : list.get((int) id - 1);
  }
}
