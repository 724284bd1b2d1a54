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

/** One computation as it is written, with the ids and names it is given. */
final class Unit {
  private final HloComputation computation;
  private final boolean named;
  private final Map<HloInstruction, Integer> positions = new IdentityHashMap<>();
  private final String[] names;
  private final Callees callees;
  private String name;
  private int firstId;

  /**
   * Creates a computation whose ids count from 0 and whose names are the instructions' own.
   *
   * @param named whether names and origins are written
   */
  Unit(HloComputation computation, boolean named, Callees callees) {
    this.computation = computation;
    this.named = named;
    this.callees = callees;
    List<HloInstruction> instructions = computation.instructions();
    this.names = new String[instructions.size()];
    for (int i = 0; i < names.length; i++) {
      positions.put(instructions.get(i), i);
      names[i] = named ? instructions.get(i).metadata().name() : "";
    }
    this.name = named ? computation.name() : "";
  }

  /** Finds the ids of what an instruction calls. */
  interface Callees {
    int[] idsOf(HloInstruction instruction);
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
    int message = out.begin(field);
    out.string(1, name);
    for (HloInstruction instruction : computation.instructions()) {
      int inner = out.begin(2);
      write(out, instruction);
      out.end(inner);
    }
    ProgramShape.write(out, 4, this);
    out.varint(5, id());
    out.varint(6, idOf(computation.root()));
    out.end(message);
  }

  private void write(WireWriter out, HloInstruction instruction) {
    out.string(NAME, nameOf(instruction));
    out.string(OPCODE, instruction.op().opcode());
    ShapeProto.write(out, SHAPE, instruction.shape(), ControlOpWriter.resultLayouts(instruction));
    if (named) {
      writeOrigin(out, instruction.metadata());
    }
    out.varint(ID, idOf(instruction));
    int[] operands = new int[instruction.operands().size()];
    for (int i = 0; i < operands.length; i++) {
      operands[i] = idOf(instruction.operand(i));
    }
    out.packed(OPERAND_IDS, operands);
    List<HloComputation> called = instruction.op().called();
    if (!called.isEmpty()) {
      out.packed(CALLED_COMPUTATION_IDS, callees.idsOf(instruction));
    }
    OpWriter.write(out, instruction);
  }

  private static void writeOrigin(WireWriter out, Metadata origin) {
    SourceLine source = origin.source();
    if (origin.opName().isEmpty() && source.fileName().isEmpty()) {
      return;
    }
    int message = out.begin(METADATA);
    out.string(2, origin.opName());
    out.string(3, source.fileName());
    out.varint(4, source.fileName().isEmpty() ? 0 : Math.max(0, source.line()));
    out.end(message);
  }

  @Override
  public String toString() {
    return name + " " + Arrays.toString(names);
  }
}
