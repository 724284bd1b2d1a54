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
 * row-major order. Dropped as well: shardings that only say where data lies, schedules, control
 * dependencies, frontend attributes, backend configurations other than those of {@code
 * custom-call}, accuracies, and computations nobody calls. The numbers of replicas and partitions
 * are not part of {@code HloModuleProto}; they are 1 unless {@link HloProtoWriter} wrote the file.
 *
 * <p>Source: XLA {@code xla/service/hlo.proto}, {@code xla/hlo/ir/hlo_module.cc}.
 */
public final class HloProtoReader {
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
    return new HloProtoReader.Fields(WireReader.of(bytes, "HloModuleProto")).module();
  }

  /** The fields of the module's own message. */
  private static final class Fields {
    private String name = "";
    private final List<WireReader> computations = new ArrayList<>();
    private final List<NumberMessage> aliases = new ArrayList<>();
    private @Nullable WireReader programShape;
    private @Nullable WireReader stackFrames;
    private long entryId;
    private int replicas = 1;
    private int partitions = 1;

    Fields(WireReader in) {
      while (in.next()) {
        switch (in.field()) {
          case 1 -> name = in.string();
          case 3 -> computations.add(in.message("HloComputationProto"));
          case 4 -> programShape = in.message("ProgramShapeProto");
          case 6 -> entryId = in.varint();
          case 8 ->
              aliases.addAll(
                  Messages.repeated(
                      in.message("HloInputOutputAliasProto"), "AliasEntryProto", 1, 2, 3, 4));
          case 17 -> stackFrames = in.message("StackFrameIndexProto");
          case 19 -> readAttributes(in.message("FrontendAttributes"));
          default -> in.skip();
        }
      }
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

    HloModule module() {
      if (name.isEmpty()) {
        throw new HloFormatException("HloModuleProto: the module has no name");
      }
      if (programShape == null) {
        throw new HloFormatException("HloModuleProto: the program shape of the host is missing");
      }
      ComputationReader reader = new ComputationReader(new MetadataReader(stackFrames));
      for (WireReader computation : computations) {
        reader.read(computation);
      }
      HloComputation entry = reader.computation(entryId);
      if (entry == null) {
        throw new HloFormatException(
            "HloModuleProto: the entry computation %d is missing".formatted(entryId));
      }
      ProgramShape.read(programShape).requireSignatureOf(entry);
      boolean tuple = entry.root().shape() instanceof TupleShape;
      List<InputOutputAlias> read = aliases.stream().map(a -> alias(a, tuple)).toList();
      return new HloModule(name, entry, read, replicas, partitions);
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
  }
}
