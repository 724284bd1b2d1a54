package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.HloFormatException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Finds the module in files that wrap one, as XLA's dumps do: an {@code HloProto} holds it with the
 * compiler's buffers, an {@code HloSnapshot} holds that with arguments.
 *
 * <p>Source: XLA {@code xla/service/hlo.proto}.
 */
public final class HloProtoFile {
  private static final int CONTENT = 1;
  private static final int COMPUTATIONS = 3;
  private static final int PROGRAM_SHAPE = 4;

  private HloProtoFile() {}

  /**
   * Returns the serialized {@code HloModuleProto} of a file; the file itself if it wraps nothing,
   * for {@link HloProtoReader} to judge.
   */
  public static MemorySegment module(byte[] file) {
    MemorySegment bytes = MemorySegment.ofArray(file);
    // In a module, field 1 is a name; names hold no computations.
    Optional<MemorySegment> ofHloProto = content(bytes).filter(HloProtoFile::isModule);
    return ofHloProto
        .or(() -> content(bytes).flatMap(HloProtoFile::content).filter(HloProtoFile::isModule))
        .orElse(bytes);
  }

  private static Optional<MemorySegment> content(MemorySegment message) {
    try {
      WireReader in = WireReader.of(message, "HloProto");
      while (in.next()) {
        if (in.field() == CONTENT && in.wire() == WireReader.LENGTH) {
          return Optional.of(in.bytes());
        }
        in.skip();
      }
    } catch (HloFormatException _) {
      // Not a message, so it wraps nothing.
    }
    return Optional.empty();
  }

  private static boolean isModule(MemorySegment message) {
    boolean computations = false;
    boolean shape = false;
    try {
      WireReader in = WireReader.of(message, "HloModuleProto");
      while (in.next()) {
        computations |= in.field() == COMPUTATIONS && in.wire() == WireReader.LENGTH;
        shape |= in.field() == PROGRAM_SHAPE && in.wire() == WireReader.LENGTH;
        in.skip();
      }
    } catch (HloFormatException _) {
      return false;
    }
    return computations && shape;
  }
}
