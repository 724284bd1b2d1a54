package io.lazytensor.xla.ir;

import java.util.List;

/**
 * Who takes part in a collective operation.
 *
 * @param groups the participants of each group; empty stands for one group of all
 * @param channelId identifies the operation across partitions; 0 if it only crosses replicas
 * @param useGlobalDeviceIds whether participants are numbered {@code replica × partitions +
 *     partition}
 */
public record ReplicaGroups(List<Dims> groups, long channelId, boolean useGlobalDeviceIds) {
  /** All replicas in one group. */
  public static final ReplicaGroups ALL = new ReplicaGroups(List.of(), 0, false);

  /** Copies the list. */
  public ReplicaGroups {
    groups = List.copyOf(groups);
  }
}
