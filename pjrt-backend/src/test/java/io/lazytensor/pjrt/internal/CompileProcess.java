package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.CompileOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Compiles numbered modules, and writes down which one before it does: the last one of a journal
 * without an end is the one that ended the process.
 */
final class CompileProcess {
  static final String BEGIN = "begin";
  static final String COMPILED = "compiled";
  static final String REJECTED = "rejected";
  static final String REFUSED = "refused";
  static final String BROKEN = "broken";

  private final Path journal;

  private CompileProcess(Path journal) {
    this.journal = journal;
  }

  /** Arguments: plug-in, journal, first number, how many to compile. */
  public static void main(String[] arguments) throws IOException {
    new CompileProcess(Path.of(arguments[1]))
        .run(arguments[0], Long.parseLong(arguments[2]), Integer.parseInt(arguments[3]));
  }

  private void run(String plugin, long first, int count) throws IOException {
    MutatedModules modules = new MutatedModules();
    Set<HloModule> seen = new HashSet<>();
    try (PjrtBackend backend =
        PjrtBackend.open(new BackendOptions(plugin, Map.of("devices", "2")))) {
      int compiled = 0;
      for (long number = first; compiled < count; number++) {
        HloModule module;
        try {
          module = modules.accepted(number);
        } catch (LazyTensorException e) {
          write(number, REFUSED, "");
          continue;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
          write(number, BROKEN, String.valueOf(e));
          continue;
        }
        if (!seen.add(module)) {
          continue;
        }
        compiled++;
        write(number, BEGIN, "");
        try {
          backend.compile(module, CompileOptions.DEFAULT).close();
          write(number, COMPILED, "");
        } catch (LazyTensorException e) {
          write(number, REJECTED, String.valueOf(e.getMessage()).replace('\n', ' '));
        }
      }
    }
  }

  private void write(long number, String what, String message) throws IOException {
    Files.writeString(
        journal,
        number + " " + what + " " + message + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
