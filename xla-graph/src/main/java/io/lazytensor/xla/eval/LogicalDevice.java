package io.lazytensor.xla.eval;

/**
 * One of the devices that run a module together, by the numbers the program sees.
 *
 * @param replica which copy of the data it has
 * @param partition which part of the replica's work it does
 * @param rendezvous where it meets the others
 */
record LogicalDevice(int replica, int partition, Rendezvous rendezvous) {
  /** Returns the only device of a program for one. */
  static LogicalDevice single() {
    return new LogicalDevice(0, 0, new Rendezvous(1, 1));
  }

  /** Returns {@code replica × partitions + partition}. */
  int number() {
    return replica * rendezvous.partitions() + partition;
  }

  /** Stops this device's evaluation if another one failed. */
  void checkPeers() {
    rendezvous.check();
  }
}
