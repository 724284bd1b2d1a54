package io.lazytensor.cpu.reference.internal.plan;

import org.bytedeco.pytorch.global.torch;

/** The threads libtorch uses for what the calling thread asks of it. */
public final class ThreadCount {
  private final int many;
  private int current;

  ThreadCount(int many) {
    this.many = many;
  }

  /** Forgets what was set: another thread may execute this time. */
  public void begin() {
    current = 0;
  }

  /** Sets the number for the next step. */
  void use(boolean wide) {
    int wanted = wide ? many : 1;
    if (wanted != current) {
      torch.set_num_threads(wanted);
      current = wanted;
    }
  }
}
