package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.runtime.DeviceException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where devices meet for a collective operation: each waits until all of its group are there. If
 * nobody can go on, or one device fails, all of them stop.
 */
final class Rendezvous {
  private final int replicas;
  private final int partitions;
  private final Map<Key, Meeting> meetings = new HashMap<>();
  private int blocked;
  private int ended;
  private volatile @Nullable Throwable failure;

  Rendezvous(int replicas, int partitions) {
    this.replicas = replicas;
    this.partitions = partitions;
  }

  int replicas() {
    return replicas;
  }

  int partitions() {
    return partitions;
  }

  int devices() {
    return replicas * partitions;
  }

  /** Ends the evaluation of a device because of another one's failure. */
  static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("another device failed", null, false, false);
    }
  }

  /** Instructions are compared by identity: all devices run the same module. */
  private record Key(HloInstruction instruction, List<Integer> group) {}

  private static final class Meeting {
    final Object[] values;
    final boolean[] arrived;
    int missing;

    Meeting(int size) {
      this.values = new Object[size];
      this.arrived = new boolean[size];
      this.missing = size;
    }
  }

  /**
   * Hands over a value, and returns those of all members once they are there.
   *
   * @param group the members' device numbers
   * @param member this device's position in the group
   */
  List<Object> exchange(HloInstruction instruction, List<Integer> group, int member, Object value) {
    if (group.size() == 1) {
      return List.of(value);
    }
    synchronized (this) {
      check();
      Key key = new Key(instruction, group);
      Meeting meeting = meetings.computeIfAbsent(key, _ -> new Meeting(group.size()));
      meeting.values[member] = value;
      meeting.arrived[member] = true;
      meeting.missing--;
      if (meeting.missing == 0) {
        meetings.remove(key);
        blocked -= group.size() - 1;
        notifyAll();
      } else {
        blocked++;
        failIfStuck();
        await(meeting);
      }
      return List.of(meeting.values);
    }
  }

  private synchronized void await(Meeting meeting) {
    while (meeting.missing > 0) {
      check();
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        fail(new DeviceException("interrupted while waiting for other devices", e));
      }
    }
  }

  /** Notes that a device will come to no more meetings. */
  synchronized void end() {
    ended++;
    failIfStuck();
  }

  /** Notes the first failure, and wakes everybody up. */
  synchronized void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    notifyAll();
  }

  /** Returns the first failure. */
  @Nullable Throwable failure() {
    return failure;
  }

  void check() {
    if (failure != null) {
      throw new Stopped();
    }
  }

  private void failIfStuck() {
    if (blocked == 0 || blocked + ended < devices()) {
      return;
    }
    String waiting =
        meetings.entrySet().stream()
            .map(entry -> describe(entry.getKey(), entry.getValue()))
            .sorted()
            .collect(Collectors.joining("; "));
    fail(
        new DeviceException(
            "all devices wait for each other or have ended; every device of a group has to run"
                + " the same collective operations in the same order: "
                + waiting));
  }

  private static String describe(Key key, Meeting meeting) {
    List<Integer> here = new ArrayList<>();
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < meeting.arrived.length; i++) {
      (meeting.arrived[i] ? here : missing).add(key.group().get(i));
    }
    return "devices %s are at %s, devices %s are not".formatted(here, key.instruction(), missing);
  }
}
