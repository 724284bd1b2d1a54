package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.pass.Passes;
import io.lazytensor.xla.proto.HloProtoReader;
import io.lazytensor.xla.proto.HloProtoWriter;
import io.lazytensor.xla.testing.EveryOp;
import io.lazytensor.xla.testing.ModuleMutations;
import io.lazytensor.xla.testing.ProtoMutations;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Numbered modules, each a valid one with a few changes. The number is the seed; the first {@link
 * #SYSTEMATIC} are each operation with each type.
 */
final class MutatedModules {
  private static final int TYPES = DType.values().length;
  static final long SYSTEMATIC = (long) HloOpcode.values().length * TYPES;

  private final List<HloModule> bases = new ArrayList<>(EveryOp.modules().values());
  private final ModuleMutations mutations;
  private final ProtoMutations bytes;

  MutatedModules() {
    for (int i = 0; i < 20; i++) {
      bases.add(new RandomModule(new Random(i)).build());
    }
    mutations = new ModuleMutations(bases);
    bytes = new ProtoMutations(bases.stream().map(HloProtoWriter::write).toList());
  }

  /**
   * Returns the module of a number, as it goes to a plug-in.
   *
   * @throws io.lazytensor.xla.ir.LazyTensorException if it is refused, as most are
   */
  HloModule accepted(long number) {
    HloModule explicit = Passes.explicitBroadcasts(mutated(number));
    HloVerifier.verifyForPlugin(explicit);
    return explicit;
  }

  private HloModule mutated(long number) {
    if (number < SYSTEMATIC) {
      HloModule module = bases.get((int) (number / TYPES));
      DType type = DType.values()[(int) (number % TYPES)];
      ArrayShape first =
          module.parameterShapes().isEmpty()
              ? module.outputShapes().getFirst().asArray()
              : module.parameterShapes().getFirst().asArray();
      return ModuleMutations.retyped(module, first.dtype(), type);
    }
    Random random = new Random(number * 0x9E3779B97F4A7C15L);
    HloModule module = bases.get(random.nextInt(bases.size()));
    if (random.nextInt(3) == 0) {
      byte[] proto = HloProtoWriter.write(module);
      for (int k = random.nextInt(2); k >= 0; k--) {
        proto = bytes.mutate(proto, random);
      }
      return HloProtoReader.read(proto);
    }
    return mutations.mutate(module, random);
  }
}
