package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Who a device meets in a collective operation.
 *
 * <p>Source: XLA {@code xla/service/collective_ops_utils.cc}, {@code CollectiveOpGroupMode}.
 *
 * @param members device numbers, in the order of the group; empty if the device is in no group
 * @param position this device's place among them, or -1
 */
record DeviceGroup(List<Integer> members, int position) {
  /** Copies the list. */
  DeviceGroup {
    members = List.copyOf(members);
  }

  /** What the numbers in replica groups are. */
  private enum Mode {
    /** Replicas; each partition on its own. */
    CROSS_REPLICA,
    /** Partitions; each replica on its own. */
    CROSS_PARTITION,
    /** Replicas, with all their partitions. */
    CROSS_REPLICA_AND_PARTITION,
    /** Device numbers. */
    FLATTENED
  }

  /** Returns the group of an all-reduce, all-gather or reduce-scatter. */
  static DeviceGroup ofReduction(HloInstruction x, ReplicaGroups groups, LogicalDevice device) {
    if (groups.channelId() == 0) {
      if (groups.useGlobalDeviceIds()) {
        throw new UnsupportedException(
            x + " numbers its devices globally and has no channel; give it a channel id above 0");
      }
      return find(x, groups.groups(), Mode.CROSS_REPLICA, device);
    }
    return find(
        x,
        groups.groups(),
        groups.useGlobalDeviceIds() ? Mode.FLATTENED : Mode.CROSS_REPLICA_AND_PARTITION,
        device);
  }

  /** Returns the group of an all-to-all or collective-broadcast. */
  static DeviceGroup ofExchange(HloInstruction x, ReplicaGroups groups, LogicalDevice device) {
    return find(
        x,
        groups.groups(),
        groups.channelId() == 0 ? Mode.CROSS_REPLICA : Mode.CROSS_PARTITION,
        device);
  }

  /** Returns all devices a collective-permute's numbers can mean. */
  static DeviceGroup ofPermutation(boolean channel, LogicalDevice device) {
    Mode mode = channel ? Mode.CROSS_PARTITION : Mode.CROSS_REPLICA;
    return of(Dims.range(count(mode, device)), mode, device);
  }

  private static DeviceGroup find(
      HloInstruction x, List<Dims> groups, Mode mode, LogicalDevice device) {
    int count = count(mode, device);
    if (groups.isEmpty()) {
      return of(Dims.range(count), mode, device);
    }
    requireIds(x, groups, count);
    for (Dims group : groups) {
      DeviceGroup found = of(group, mode, device);
      if (found.position >= 0) {
        return found;
      }
    }
    return new DeviceGroup(List.of(), -1);
  }

  /** Returns how many numbers there are. */
  private static int count(Mode mode, LogicalDevice device) {
    return switch (mode) {
      case CROSS_REPLICA, CROSS_REPLICA_AND_PARTITION -> device.rendezvous().replicas();
      case CROSS_PARTITION -> device.rendezvous().partitions();
      case FLATTENED -> device.rendezvous().devices();
    };
  }

  private static DeviceGroup of(Dims ids, Mode mode, LogicalDevice device) {
    int partitions = device.rendezvous().partitions();
    List<Integer> members = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      int id = ids.get(i);
      switch (mode) {
        case CROSS_REPLICA -> members.add(id * partitions + device.partition());
        case CROSS_PARTITION -> members.add(device.replica() * partitions + id);
        case CROSS_REPLICA_AND_PARTITION ->
            IntStream.range(0, partitions).forEach(p -> members.add(id * partitions + p));
        case FLATTENED -> members.add(id);
      }
    }
    return new DeviceGroup(members, members.indexOf(device.number()));
  }

  /** Checks that all numbers name devices that take part. */
  static void requireIds(HloInstruction x, List<Dims> groups, int count) {
    for (Dims group : groups) {
      if (group.stream().anyMatch(id -> id < 0 || id >= count)) {
        throw new UnsupportedException(
            x
                + " names devices {"
                + group
                + "}, but the module runs on "
                + count
                + "; give it more replicas or partitions, and evaluate all of them");
      }
    }
  }

  /** Returns this device's place in the group. */
  int requirePosition(HloInstruction x) {
    if (position < 0) {
      throw new UnsupportedException(
          x + " has groups without one of the devices; every device has to be in a group");
    }
    return position;
  }
}
