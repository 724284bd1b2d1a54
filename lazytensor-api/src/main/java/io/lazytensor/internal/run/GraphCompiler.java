package io.lazytensor.internal.run;

import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.pass.Passes;
import io.lazytensor.xla.proto.HloProtoWriter;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.PersistentCache;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes executables of graphs: from the persistent cache where they are there, else by compiling.
 */
final class GraphCompiler {
  private static final Logger LOG = LoggerFactory.getLogger(GraphCompiler.class);

  private final Backend backend;
  private final CompileOptions options;
  private final @Nullable PersistentCache cache;

  GraphCompiler(Backend backend, int device, @Nullable PersistentCache cache) {
    this.backend = backend;
    this.options = new CompileOptions(device);
    this.cache = cache;
  }

  /**
   * What was made.
   *
   * @param executable to be closed by the caller
   * @param instructions how many there are after simplification
   * @param loaded whether it was compiled by an earlier process
   */
  record Made(Executable executable, int instructions, boolean loaded) {}

  Made make(HloModule module) {
    HloVerifier.verify(module);
    HloModule simplified = Passes.standard(module);
    int instructions = simplified.entry().instructions().size();
    Optional<String> key = key(simplified);
    Optional<Executable> known = key.flatMap(k -> load(k, simplified));
    if (known.isPresent()) {
      return new Made(known.get(), instructions, true);
    }
    Executable executable = backend.compile(simplified, options);
    key.ifPresent(k -> store(k, executable));
    return new Made(executable, instructions, false);
  }

  private Optional<String> key(HloModule module) {
    return cache == null
        ? Optional.empty()
        : backend
            .fingerprint()
            .map(fingerprint ->
                PersistentCache.key(HloProtoWriter.canonical(module), options, fingerprint));
  }

  private Optional<Executable> load(String key, HloModule module) {
    if (cache == null) {
      return Optional.empty();
    }
    Optional<byte[]> stored = cache.get(key);
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(backend.deserialize(stored.get(), module, options));
    } catch (LazyTensorException e) {
      cache.drop(key, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void store(String key, Executable executable) {
    if (cache != null) {
      try {
        cache.put(key, executable.serialize());
      } catch (UnsupportedException _) {
        // The next process compiles again then.
      } catch (LazyTensorException e) {
        LOG.warn("a compiled graph is not kept for the next process: {}", e.getMessage());
      }
    }
  }
}
