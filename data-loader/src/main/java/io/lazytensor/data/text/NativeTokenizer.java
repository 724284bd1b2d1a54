package io.lazytensor.data.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.lazytensor.data.DataException;
import io.lazytensor.data.TokenIds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The native tokenizer, the only class that names DJL's. */
final class NativeTokenizer implements AutoCloseable {
  private static final Executor PLATFORM_THREADS = platformThreads();

  private final HuggingFaceTokenizer tokenizer;
  private volatile boolean closed;

  private NativeTokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  private static Executor platformThreads() {
    int threads = Runtime.getRuntime().availableProcessors();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("lazytensor tokenizer ", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  static NativeTokenizer open(Path json, int maxLength) {
    // DJL would else ask EC2 who it runs on and tell its makers, and fetch libraries it lacks.
    defaultProperty("OPT_OUT_TRACKING", "true");
    defaultProperty("ai.djl.offline", "true");
    Map<String, String> options =
        Map.of(
            "padding", "DO_NOT_PAD",
            "truncation", "LONGEST_FIRST",
            "maxLength", Integer.toString(maxLength));
    try {
      return new NativeTokenizer(HuggingFaceTokenizer.newInstance(json, options));
    } catch (NoClassDefFoundError e) {
      throw TextTokenizer.missing(e);
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new DataException("%s cannot be read as a tokenizer: %s".formatted(json, e), e);
    }
  }

  private static void defaultProperty(String name, String value) {
    if (System.getenv(name) == null && System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  List<TokenIds> encode(List<String> texts) {
    return onPlatformThread(() -> {
      List<TokenIds> out = new ArrayList<>(texts.size());
      if (texts.size() == 1) {
        out.add(ids(tokenizer.encode(texts.getFirst())));
      } else if (!texts.isEmpty()) {
        for (Encoding encoding : tokenizer.batchEncode(texts)) {
          out.add(ids(encoding));
        }
      }
      return out;
    });
  }

  TokenIds encodePair(String first, String second) {
    return onPlatformThread(() -> ids(tokenizer.encode(first, second)));
  }

  String decode(int... ids) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      wide[i] = ids[i];
    }
    return onPlatformThread(() -> tokenizer.decode(wide, true));
  }

  private static TokenIds ids(Encoding encoding) {
    long[] wide = encoding.getIds();
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) wide[i];
    }
    return new TokenIds(ids, encoding.exceedMaxLength());
  }

  private <T> T onPlatformThread(Callable<T> call) {
    if (closed) {
      throw new DataException("the tokenizer is closed");
    }
    if (!Thread.currentThread().isVirtual()) {
      return run(call);
    }
    try {
      return CompletableFuture.supplyAsync(() -> run(call), PLATFORM_THREADS).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof DataException known
          ? known
          : new DataException("tokenizing failed: " + e.getCause(), e.getCause());
    }
  }

  private static <T> T run(Callable<T> call) {
    try {
      return call.call();
    } catch (Exception e) {
      throw new DataException("tokenizing failed: " + e, e);
    }
  }

  @Override
  public void close() {
    closed = true;
    tokenizer.close();
  }
}
