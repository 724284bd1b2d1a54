package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.TupleShape;

/**
 * Writes modules as serialized {@code HloModuleProto}s, which XLA's compilers take.
 *
 * <p>The bytes keep the rules of every loader since 2023: called computations come before their
 * callers and operands before users, ids come from one counter below 2^31, names are unique, each
 * computation has a program shape with a name for each parameter, and layouts are written out as
 * row-major. A fused computation is written once for each fusion; other computations that are equal
 * and equally named are written once.
 *
 * <p>Source: XLA {@code xla/service/hlo.proto}, {@code xla/xla_data.proto}.
 */
public final class HloProtoWriter {
  /** Frontend attributes that keep what {@code HloModuleProto} has no field for. */
  static final String REPLICAS = "lazytensor.replicas";

  static final String PARTITIONS = "lazytensor.partitions";

  private HloProtoWriter() {}

  /**
   * Writes a module. Equal modules with equal names and origins give equal bytes, and {@link
   * HloProtoReader} reads an equal module from them. An instruction keeps its name if no other has
   * it, else it gets a suffix; one without a name is called by its opcode and id.
   *
   * @throws io.lazytensor.xla.ir.UnsupportedException if the bytes would exceed 2 GiB
   */
  public static byte[] write(HloModule module) {
    ModulePlan plan = ModulePlan.named(module);
    return write(module, plan, module.name().isEmpty() ? "module" : module.name());
  }

  /**
   * Writes a module without names and origins: equal modules give equal bytes, whatever their
   * instructions are called and wherever they come from. Meant for keys of caches; not every loader
   * takes these bytes.
   *
   * @throws io.lazytensor.xla.ir.UnsupportedException if the bytes would exceed 2 GiB
   */
  public static byte[] canonical(HloModule module) {
    return write(module, ModulePlan.canonical(module), "module");
  }

  private static byte[] write(HloModule module, ModulePlan plan, String name) {
    WireWriter out = new WireWriter();
    Unit entry = plan.entry();
    out.string(1, name);
    out.string(2, entry.name());
    for (Unit unit : plan.units()) {
      unit.write(out, 3);
    }
    ProgramShape.write(out, 4, entry);
    out.varint(6, entry.id());
    if (!module.aliases().isEmpty()) {
      int message = out.begin(8);
      for (InputOutputAlias alias : module.aliases()) {
        write(out, alias, module.entry().root().shape() instanceof TupleShape);
      }
      out.end(message);
    }
    if (module.replicas() != 1 || module.partitions() != 1) {
      int message = out.begin(19);
      attribute(out, REPLICAS, module.replicas());
      attribute(out, PARTITIONS, module.partitions());
      out.end(message);
    }
    return out.toByteArray();
  }

  private static void attribute(WireWriter out, String key, int count) {
    int entry = out.begin(1);
    out.string(1, key);
    out.string(2, String.valueOf(count));
    out.end(entry);
  }

  private static void write(WireWriter out, InputOutputAlias alias, boolean tupleRoot) {
    int entry = out.begin(1);
    out.packed(1, tupleRoot ? Dims.of(alias.output()) : Dims.of());
    out.varint(2, alias.parameter());
    out.varint(4, alias.must() ? 2 : 1);
    out.end(entry);
  }
}
