package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads serialized {@code HloModuleProto}s, as JAX, PyTorch/XLA and XLA's dumps contain them.
 *
 * <p>Accepts what XLA's loader accepts, and is safe for bytes from anywhere: lengths, ids and
 * references are checked, nesting is bounded, and memory stays in proportion to the input. Ids of
 * instructions may carry the computation's id in their high bits.
 *
 * <p>Array layouts do not change what a module computes and are dropped; literals are brought into
 * row-major order, and {@code custom-call} keeps the layouts it fixes. Dropped as well: shardings
 * that only say where data lies, schedules, control dependencies, frontend attributes, backend
 * configurations other than those of {@code custom-call}, its aliases and schedule, accuracies, and
 * computations nobody calls. The numbers of replicas and partitions are not part of {@code
 * HloModuleProto}; they are 1 unless {@link HloProtoWriter} wrote the file.
 *
 * <p>Source: XLA {@code xla/service/hlo.proto}, {@code xla/hlo/ir/hlo_module.cc}.
 */
public final class HloProtoReader {
  private static final int COMPUTATIONS = 3;
  private static final int INPUT_OUTPUT_ALIAS = 8;

  private HloProtoReader() {}

  /**
   * Reads a module. It is well formed as a graph; whether shapes fit is for {@link
   * io.lazytensor.xla.infer.HloVerifier} to say.
   *
   * @throws HloFormatException if the bytes are no module XLA would load
   * @throws UnsupportedException if the module has something this library does not do
   */
  public static HloModule read(byte[] bytes) {
    return read(MemorySegment.ofArray(bytes));
  }

  /** Reads a module from memory, which is not used afterwards. See {@link #read(byte[])}. */
  public static HloModule read(MemorySegment bytes) {
    if (bytes.byteSize() > Integer.MAX_VALUE) {
      throw new HloFormatException(
          "HloModuleProto: %d bytes; at most 2 GiB are expected".formatted(bytes.byteSize()));
    }
    WireReader message = WireReader.of(bytes, "HloModuleProto");
    ModuleFields fields = new ModuleFields(message);
    ComputationReader reader = new ComputationReader(new MetadataReader(fields.stackFrames));
    WireReader in = message.again();
    while (in.next()) {
      if (in.field() == COMPUTATIONS) {
        reader.read(in.message("HloComputationProto"));
      } else {
        in.skip();
      }
    }
    HloComputation entry = reader.computation(fields.entryId);
    if (entry == null) {
      throw new HloFormatException(
          "HloModuleProto: the entry computation %d is missing".formatted(fields.entryId));
    }
    fields.programShape().requireSignatureOf(entry);
    return new HloModule(
        fields.name, entry, aliases(message.again(), entry), fields.replicas, fields.partitions);
  }

  private static List<InputOutputAlias> aliases(WireReader in, HloComputation entry) {
    List<InputOutputAlias> out = new ArrayList<>();
    boolean tuple = entry.root().shape() instanceof TupleShape;
    while (in.next()) {
      if (in.field() != INPUT_OUTPUT_ALIAS) {
        in.skip();
        continue;
      }
      WireReader entries = in.message("HloInputOutputAliasProto");
      while (entries.next()) {
        if (entries.field() != 1) {
          entries.skip();
          continue;
        }
        if (out.size() == entry.parameters().size()) {
          throw new HloFormatException(
              "HloModuleProto: %d parameters have more aliases".formatted(out.size()));
        }
        out.add(
            alias(
                NumberMessage.read(
                    entries.message("AliasEntryProto"), "AliasEntryProto", 1, 2, 3, 4),
                tuple));
      }
    }
    return out;
  }

  private static InputOutputAlias alias(NumberMessage entry, boolean tupleRoot) {
    if (entry.list(1).size() != (tupleRoot ? 1 : 0) || !entry.list(3).isEmpty()) {
      throw new UnsupportedException(
          "the alias of output {%s} and parameter %d {%s} is not supported: both have to be whole"
              .formatted(entry.list(1), entry.number(2), entry.list(3)));
    }
    return new InputOutputAlias(
        tupleRoot ? entry.list(1).get(0) : 0, entry.number(2), entry.number(4) == 2);
  }

  /** The fields of the module's own message, computations and aliases left out. */
  private static final class ModuleFields {
    String name = "";
    @Nullable WireReader programShape;
    @Nullable WireReader stackFrames;
    long entryId;
    int replicas = 1;
    int partitions = 1;

    ModuleFields(WireReader in) {
      while (in.next()) {
        switch (in.field()) {
          case 1 -> name = in.string();
          case 4 -> {
            WireReader next = in.message("ProgramShapeProto");
            programShape = programShape == null ? next : programShape.mergedWith(next);
          }
          case 6 -> entryId = in.varint();
          case 17 -> stackFrames = in.message("StackFrameIndexProto");
          case 19 -> readAttributes(in.message("FrontendAttributes"));
          default -> in.skip();
        }
      }
      if (name.isEmpty()) {
        throw new HloFormatException("HloModuleProto: the module has no name");
      }
    }

    ProgramShape programShape() {
      if (programShape == null) {
        throw new HloFormatException("HloModuleProto: the program shape of the host is missing");
      }
      return ProgramShape.read(programShape);
    }

    private void readAttributes(WireReader in) {
      while (in.next()) {
        if (in.field() != 1) {
          in.skip();
          continue;
        }
        WireReader entry = in.message("FrontendAttributes.MapEntry");
        String key = "";
        String value = "";
        while (entry.next()) {
          switch (entry.field()) {
            case 1 -> key = entry.string();
            case 2 -> value = entry.string();
            default -> entry.skip();
          }
        }
        switch (key) {
          case HloProtoWriter.REPLICAS -> replicas = count(key, value);
          case HloProtoWriter.PARTITIONS -> partitions = count(key, value);
          default -> {}
        }
      }
    }

    private static int count(String key, String value) {
      if (!value.matches("[1-9][0-9]{0,8}")) {
        throw new HloFormatException(
            "HloModuleProto: %s is \"%s\"; a number from 1 is expected".formatted(key, value));
      }
      return Integer.parseInt(value);
    }
  }
}
