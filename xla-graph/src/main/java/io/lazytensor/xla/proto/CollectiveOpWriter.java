package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.ReplicaGroups;

/** Operations between devices. */
final class CollectiveOpWriter {
  private CollectiveOpWriter() {}

  static void write(WireWriter out, CollectiveOp op) {
    switch (op) {
      case CollectiveOp.AllReduce reduce -> groups(out, reduce.groups());
      case CollectiveOp.AllGather gather -> {
        OpWriter.dimension(out, gather.dimension());
        groups(out, gather.groups());
      }
      case CollectiveOp.ReduceScatter scatter -> {
        OpWriter.dimension(out, scatter.dimension());
        groups(out, scatter.groups());
      }
      case CollectiveOp.AllToAll exchange -> {
        if (exchange.splitDimension() >= 0) {
          OpWriter.dimension(out, exchange.splitDimension());
        }
        groups(out, exchange.groups());
      }
      case CollectiveOp.CollectivePermute permute -> {
        for (Dims pair : permute.sourceTargetPairs()) {
          int message = out.begin(SOURCE_TARGET_PAIRS);
          out.varint(1, pair.get(0));
          out.varint(2, pair.get(1));
          out.end(message);
        }
        out.varint(CHANNEL_ID, permute.channelId());
      }
      case CollectiveOp.CollectiveBroadcast broadcast -> groups(out, broadcast.groups());
      case CollectiveOp.PartitionId _, CollectiveOp.ReplicaId _ -> {
        // The shape says everything.
      }
    }
  }

  private static void groups(WireWriter out, ReplicaGroups groups) {
    for (Dims group : groups.groups()) {
      int message = out.begin(REPLICA_GROUPS);
      out.packed(1, group);
      out.end(message);
    }
    out.varint(CHANNEL_ID, groups.channelId());
    out.bool(USE_GLOBAL_DEVICE_IDS, groups.useGlobalDeviceIds());
  }
}
