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
   * Reads a module whose content says what it is.
   *
   * @throws HloFormatException if the content is no module; the message begins with the file
   */
  public static HloModule read(Path file) throws IOException {
    return read(file, Optional.empty());
  }

  /**
   * Reads a module of a format that is known.
   *
   * @throws HloFormatException if the content is no module; the message begins with the file
   */
  public static HloModule read(Path file, ModuleFormat format) throws IOException {
    return read(file, Optional.of(format));
  }

  private static HloModule read(Path file, Optional<ModuleFormat> format) throws IOException {
    if (Files.isDirectory(file)) {
      throw new HloFormatException(file + " is a folder; a file with a module is expected");
    }
    if (Files.size(file) > Integer.MAX_VALUE - 8) {
      throw new HloFormatException(file + " has 2 GiB or more, which is not read");
    }
    byte[] content = Files.readAllBytes(file);
    try {
      return parse(content, format.orElseGet(() -> formatOf(content)));
    } catch (HloFormatException e) {
      throw new HloFormatException(file + ": " + e.getMessage());
    }
  }

  private static ModuleFormat formatOf(byte[] content) {
    if (content.length == 0) {
      throw new HloFormatException("the file is empty");
    }
    if (startsWith(content, MLIR_BYTECODE)) {
      return ModuleFormat.STABLEHLO;
    }
    return isText(content) ? ModuleFormat.TEXT : ModuleFormat.PROTO;
  }

  private static HloModule parse(byte[] content, ModuleFormat format) {
    return switch (format) {
      case PROTO -> HloProtoReader.read(HloProtoFile.module(content));
      case TEXT -> parseText(decode(content));
      case STABLEHLO -> throw stableHlo();
    };
  }

  private static HloModule parseText(String text) {
    String code = COMMENTS.matcher(text).replaceFirst("");
    if (code.isEmpty()) {
      throw new HloFormatException("the file has no module, only space and comments");
    }
    boolean hlo = code.startsWith("HloModule");
    if (!hlo && (MLIR.matcher(code).find() || code.contains("stablehlo."))) {
      throw stableHlo();
    }
    return HloParser.parse(text);
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

  /** Returns whether the content has no control characters but those of text. */
  private static boolean isText(byte[] content) {
    for (byte b : content) {
      if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f') {
        return false;
      }
    }
    return true;
  }

  private static String decode(byte[] content) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException _) {
      throw new HloFormatException("the file is text, and no valid UTF-8");
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
