package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** One computation as it is written, with the ids and names it is given. */
final class Unit {
  private final HloComputation computation;
  private final boolean named;
  private final Map<HloInstruction, Integer> positions = new IdentityHashMap<>();
  private final String[] names;
  private String name;
  private int firstId;
  private Function<HloInstruction, int[]> calledIds = _ -> new int[0];

  /**
   * Creates a computation whose ids count from 0 and whose names are the instructions' own.
   *
   * @param named whether names and origins are written
   */
  Unit(HloComputation computation, boolean named) {
    this.computation = computation;
    this.named = named;
    List<HloInstruction> instructions = computation.instructions();
    this.names = new String[instructions.size()];
    for (int i = 0; i < names.length; i++) {
      positions.put(instructions.get(i), i);
      names[i] = named ? instructions.get(i).metadata().name() : "";
    }
    this.name = named ? computation.name() : "";
  }

  /** Sets what each instruction calls, and the ids of that. */
  <T> void call(Function<HloInstruction, List<T>> called, ToIntFunction<T> idOf) {
    calledIds = instruction -> called.apply(instruction).stream().mapToInt(idOf).toArray();
  }

  HloComputation computation() {
    return computation;
  }

  String name() {
    return name;
  }

  void setName(String name) {
    this.name = name;
  }

  String nameOf(HloInstruction instruction) {
    return names[position(instruction)];
  }

  void setNameOf(int position, String name) {
    names[position] = name;
  }

  void setFirstId(int firstId) {
    this.firstId = firstId;
  }

  int idOf(HloInstruction instruction) {
    return firstId + position(instruction);
  }

  /** Returns the computation's id, which follows those of its instructions. */
  int id() {
    return firstId + names.length;
  }

  private int position(HloInstruction instruction) {
    Integer position = positions.get(instruction);
    if (position == null) {
      throw new IllegalStateException(instruction + " is not part of " + computation);
    }
    return position;
  }

  void write(WireWriter out, int field) {
    out.message(
        field,
        body -> {
          body.string(1, name);
          computation.instructions().forEach(i -> body.message(2, m -> write(m, i)));
          ProgramShape.write(body, 4, computation, this::nameOf);
          body.varint(5, id());
          body.varint(6, idOf(computation.root()));
        });
  }

  private void write(WireWriter out, HloInstruction instruction) {
    out.string(NAME, nameOf(instruction));
    out.string(OPCODE, instruction.op().opcode());
    ShapeProto.write(out, SHAPE, instruction.shape(), ControlOpWriter.resultLayouts(instruction));
    if (named) {
      writeOrigin(out, instruction.metadata());
    }
    out.varint(ID, idOf(instruction));
    List<HloInstruction> operands = instruction.operands();
    out.packed(OPERAND_IDS, operands.size(), i -> idOf(operands.get((int) i)));
    int[] called = calledIds.apply(instruction);
    out.packed(CALLED_COMPUTATION_IDS, called.length, i -> called[(int) i]);
    OpWriter.write(out, instruction);
  }

  private static void writeOrigin(WireWriter out, Metadata origin) {
    SourceLine source = origin.source();
    if (origin.opName().isEmpty() && source.fileName().isEmpty()) {
      return;
    }
    out.message(
        METADATA,
        m -> {
          m.string(2, origin.opName());
          m.string(3, source.fileName());
          m.varint(4, source.fileName().isEmpty() ? 0 : Math.max(0, source.line()));
        });
  }

  @Override
  public String toString() {
    return name + " " + Arrays.toString(names);
  }
}
