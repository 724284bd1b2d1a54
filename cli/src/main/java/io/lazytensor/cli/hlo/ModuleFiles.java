package io.lazytensor.cli.hlo;

import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.proto.HloProtoFile;
import io.lazytensor.xla.proto.HloProtoReader;
import io.lazytensor.xla.proto.HloProtoWriter;
import io.lazytensor.xla.text.HloParser;
import io.lazytensor.xla.text.HloPrinter;
import io.lazytensor.xla.text.StableHloPrinter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads modules from files, whose format is recognised by their content, and writes them. */
public final class ModuleFiles {
  private static final byte[] MLIR_BYTECODE = {'M', 'L', (byte) 0xEF, 'R'};

  private static final Pattern MLIR =
      Pattern.compile(
          "\\A\\s*(?:module\\b|func\\.func\\b|builtin\\.|\"builtin\\.|#\\w|!\\w|vhlo\\.)");

  private static final Pattern COMMENTS =
      Pattern.compile("\\A(?:\\s|//[^\\n]*(?:\\n|\\z)|/\\*.*?\\*/)*+", Pattern.DOTALL);

  private ModuleFiles() {}

  /**
   * Reads a module.
   *
   * @throws HloFormatException if the content is no module; the message begins with the file
   */
  public static HloModule read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new HloFormatException(file + " is a folder; a file with a module is expected");
    }
    if (Files.size(file) > Integer.MAX_VALUE - 8) {
      throw new HloFormatException(file + " has 2 GiB or more, which is not read");
    }
    try {
      return parse(Files.readAllBytes(file));
    } catch (HloFormatException e) {
      throw new HloFormatException(file + ": " + e.getMessage());
    }
  }

  /** Parses a module from the content of a file. */
  public static HloModule parse(byte[] content) {
    if (content.length == 0) {
      throw new HloFormatException("the file is empty");
    }
    if (startsWith(content, MLIR_BYTECODE)) {
      throw stableHlo();
    }
    Optional<String> text = text(content);
    if (text.isEmpty()) {
      return HloProtoReader.read(HloProtoFile.module(content));
    }
    String code = COMMENTS.matcher(text.get()).replaceFirst("");
    if (code.isEmpty()) {
      throw new HloFormatException("the file has no module, only space and comments");
    }
    if (!code.startsWith("HloModule")
        && (MLIR.matcher(code).find() || code.contains("stablehlo."))) {
      throw stableHlo();
    }
    return HloParser.parse(text.get());
  }

  private static HloFormatException stableHlo() {
    return new HloFormatException(
        "this is StableHLO (MLIR), which is written and not read; HLO text or an HloModuleProto is"
            + " expected; in JAX, jit(f).lower(x).compiler_ir(\"hlo\").as_hlo_text() is one");
  }

  private static boolean startsWith(byte[] content, byte[] prefix) {
    return content.length >= prefix.length
        && ByteBuffer.wrap(content, 0, prefix.length).equals(ByteBuffer.wrap(prefix));
  }

  /** Returns the content as text, if it is text: UTF-8 without control characters. */
  private static Optional<String> text(byte[] content) {
    for (byte b : content) {
      if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f') {
        return Optional.empty();
      }
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString());
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }

  /** Returns a module in a format, as the bytes of a file. */
  static byte[] encode(HloModule module, ModuleFormat format) {
    return switch (format) {
      case TEXT -> HloPrinter.print(module).getBytes(StandardCharsets.UTF_8);
      case PROTO -> HloProtoWriter.write(module);
      case STABLEHLO -> StableHloPrinter.print(module).getBytes(StandardCharsets.UTF_8);
    };
  }
}
