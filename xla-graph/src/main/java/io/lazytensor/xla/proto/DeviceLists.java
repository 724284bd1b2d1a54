package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.Dims;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Groups of devices, in each of the forms XLA has had for them. */
final class DeviceLists {
  /** More devices than any machine has; a short iota may stand for any number. */
  private static final int MAX_DEVICES = 1 << 20;

  private DeviceLists() {}

  static List<Dims> read(InstructionProto in) {
    List<WireReader> listed = in.repeated(REPLICA_GROUPS);
    if (!listed.isEmpty()) {
      return listed.stream().map(m -> NumberMessage.read(m, "ReplicaGroup", 1).list(1)).toList();
    }
    Optional<WireReader> iota = in.message(IOTA_COLLECTIVE_DEVICE_LIST);
    if (iota.isPresent()) {
      return iota(in, iota.get());
    }
    if (in.message(MESH_AXES_REPLICA_GROUP_LIST).isPresent()) {
      throw in.unsupported("replica groups by mesh axes are");
    }
    return in.message(COLLECTIVE_DEVICE_LIST).map(m -> deviceList(in, m)).orElse(List.of());
  }

  private static List<Dims> deviceList(InstructionProto in, WireReader message) {
    List<Dims> groups = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 ->
            groups.add(
                NumberMessage.read(message.message("ReplicaGroup"), "ReplicaGroup", 1).list(1));
        case 2 -> groups.addAll(iota(in, message.message("IotaReplicaGroupListProto")));
        default -> message.skip();
      }
    }
    return groups;
  }

  /** Counts through an array in the order of its transposed dimensions, and cuts into groups. */
  private static List<Dims> iota(InstructionProto in, WireReader message) {
    NumberMessage list = NumberMessage.read(message, "IotaReplicaGroupListProto", 1, 2, 3, 4);
    int count = list.number(1);
    int size = list.number(2);
    Dims reshape = list.list(3);
    Dims permutation = list.list(4).isEmpty() ? Dims.range(reshape.size()) : list.list(4);
    // The product of the dimensions is the number of devices, so that more would all be 1.
    if (reshape.size() > 32) {
      throw in.unsupported("device arrays of %d dimensions are".formatted(reshape.size()));
    }
    if (count < 1 || size < 1 || (long) count * size > MAX_DEVICES) {
      throw in.unsupported("%d groups of %d devices are".formatted(count, size));
    }
    in.spend((long) count * size);
    int[] ids = new int[count * size];
    if (!fill(ids, reshape, permutation)) {
      throw in.broken(
          "lists %d devices as the array [%s] transposed by {%s}"
              .formatted(ids.length, reshape, permutation));
    }
    List<Dims> groups = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      groups.add(Dims.of(Arrays.copyOfRange(ids, i * size, (i + 1) * size)));
    }
    return groups;
  }

  private static boolean fill(int[] ids, Dims reshape, Dims permutation) {
    int rank = reshape.size();
    boolean[] seen = new boolean[rank];
    long[] strides = new long[rank];
    long elements = 1;
    for (int i = rank - 1; i >= 0; i--) {
      if (reshape.get(i) < 1 || reshape.get(i) > MAX_DEVICES) {
        return false;
      }
      strides[i] = elements;
      elements = Math.min(elements * reshape.get(i), MAX_DEVICES + 1L);
    }
    if (elements != ids.length || permutation.size() != rank) {
      return false;
    }
    for (int i = 0; i < rank; i++) {
      int dim = permutation.get(i);
      if (dim < 0 || dim >= rank || seen[dim]) {
        return false;
      }
      seen[dim] = true;
    }
    for (int n = 0; n < ids.length; n++) {
      long rest = n;
      long id = 0;
      for (int i = rank - 1; i >= 0; i--) {
        int dim = permutation.get(i);
        id += rest % reshape.get(dim) * strides[dim];
        rest /= reshape.get(dim);
      }
      ids[n] = (int) id;
    }
    return true;
  }
}
