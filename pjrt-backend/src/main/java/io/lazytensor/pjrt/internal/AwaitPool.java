package io.lazytensor.pjrt.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Platform threads that wait in native code; a virtual thread would hold its carrier meanwhile. */
final class AwaitPool {
  static final Executor INSTANCE =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          5,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("pjrt-await-", 0).factory());

  private AwaitPool() {}
}
