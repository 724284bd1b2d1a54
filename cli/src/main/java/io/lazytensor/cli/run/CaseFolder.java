package io.lazytensor.cli.run;

import io.lazytensor.cli.Failures;
import io.lazytensor.cli.hlo.ModuleFiles;
import io.lazytensor.cli.hlo.ModuleFormat;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.npy.NpyFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of one case: module and inputs that are read, results that are written. */
final class CaseFolder {
  /** Why a case has no results. */
  static final String ERROR = "error.txt";

  /** Stands for a module that was accepted and not run. */
  static final String ACCEPTED = "accepted.txt";

  private final Path folder;

  CaseFolder(Path folder) {
    this.folder = folder;
  }

  Path path() {
    return folder;
  }

  /** Reads the module. */
  HloModule module() throws IOException {
    Path proto = folder.resolve("module.hlo.pb");
    if (Files.isRegularFile(proto)) {
      return ModuleFiles.read(proto, ModuleFormat.PROTO);
    }
    Path text = folder.resolve("module.txt");
    if (Files.isRegularFile(text)) {
      return ModuleFiles.read(text, ModuleFormat.TEXT);
    }
    throw new CaseException(folder + " has neither module.hlo.pb nor module.txt");
  }

  CaseSettings settings() throws IOException {
    return CaseSettings.read(folder.resolve("case.json"));
  }

  /** Removes what an earlier run left. */
  void clear() throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new CaseException(folder + " is no folder");
    }
    try (DirectoryStream<Path> results =
        Files.newDirectoryStream(folder, "{out_*.npy," + ERROR + "," + ACCEPTED + "}")) {
      for (Path result : results) {
        Files.delete(result);
      }
    }
  }

  /** Reads the argument of a parameter; {@code suffix} is of the device, empty if there is one. */
  Literal input(int parameter, String suffix, ArrayShape shape) throws IOException {
    Path file = folder.resolve("in_" + parameter + suffix + ".npy");
    if (!Files.isRegularFile(file)) {
      throw new CaseException(
          "%s is missing; parameter %d takes %s".formatted(file.getFileName(), parameter, shape));
    }
    return NpyFile.read(file, shape);
  }

  void output(int result, String suffix, Literal value) throws IOException {
    NpyFile.write(folder.resolve("out_" + result + suffix + ".npy"), value);
  }

  void accepted() throws IOException {
    Files.write(folder.resolve(ACCEPTED), new byte[0]);
  }

  /** Says what went wrong, in the first line. */
  void error(String message) throws IOException {
    Files.writeString(folder.resolve(ERROR), message.strip() + "\n");
  }

  void noError() throws IOException {
    Files.deleteIfExists(folder.resolve(ERROR));
  }

  /** Returns the first line of the error; empty if there is none. */
  String firstErrorLine() {
    Path file = folder.resolve(ERROR);
    try {
      return Files.exists(file)
          ? Files.readString(file).lines().findFirst().orElse("no message")
          : "";
    } catch (IOException e) {
      return Failures.message(e);
    }
  }
}
