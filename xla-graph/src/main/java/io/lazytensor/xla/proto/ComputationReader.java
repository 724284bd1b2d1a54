package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the computations of one module in order; each may call those before it. */
final class ComputationReader {
  private static final int INSTRUCTIONS = 2;

  private final MetadataReader metadata;
  private final Budget budget = new Budget();
  private final Map<Long, HloComputation> computations = new HashMap<>();
  private final Set<String> computationNames = new HashSet<>();
  private final Set<String> instructionNames = new HashSet<>();
  private final Set<Long> fused = new HashSet<>();

  ComputationReader(MetadataReader metadata) {
    this.metadata = metadata;
  }

  @Nullable HloComputation computation(long id) {
    return computations.get(id);
  }

  void read(WireReader in) {
    String name = "";
    WireReader instructions = in.again();
    long id = 0;
    long rootId = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.string();
        case 4 -> ProgramShape.requireReadable(in.message("ProgramShapeProto"));
        case 5 -> id = in.varint();
        case 6 -> rootId = in.varint();
        default -> in.skip();
      }
    }
    if (id == -1 || computations.containsKey(id)) {
      throw broken(
          name, "has the id %d, which %s".formatted(id, id == -1 ? "means none" : "is taken"));
    }
    if (!computationNames.add(name)) {
      throw broken(name, "needs a name of its own");
    }
    if (name.isEmpty()) {
      name = "computation." + id;
    }
    Body body = new Body(name);
    while (instructions.next()) {
      if (instructions.field() == INSTRUCTIONS) {
        body.add(new InstructionProto(instructions.message("HloInstructionProto"), budget));
      } else {
        instructions.skip();
      }
    }
    computations.put(id, body.finish(rootId));
  }

  private static HloFormatException broken(String computation, String why) {
    return new HloFormatException("computation %s %s".formatted(computation, why));
  }

  /** The instructions of one computation. */
  private final class Body {
    final String name;
    final List<HloInstruction> order = new ArrayList<>();

    /** By the low 32 bits of their ids, the only ones that XLA compares. */
    final Map<Integer, HloInstruction> byId = new HashMap<>();

    final Set<HloInstruction> otherLayout = new HashSet<>();

    Body(String name) {
      this.name = name;
    }

    HloComputation finish(long rootId) {
      HloInstruction root = byId.get((int) rootId);
      if (root == null) {
        throw broken(name, "has no instruction %d, which is its root".formatted(rootId));
      }
      return HloComputation.ofInstructions(name, order, root);
    }

    void add(InstructionProto in) {
      long id = in.int64(ID);
      boolean negative = id < 0 || (int) id < 0;
      if (negative || byId.containsKey((int) id)) {
        throw in.broken(
            "has the id %d, which is %s".formatted(id, negative ? "negative" : "taken"));
      }
      if (in.name().isEmpty() || !instructionNames.add(in.name())) {
        throw in.broken("needs a name of its own");
      }
      in.resolve(operands(in), called(in));
      for (int i = 0; i < in.ids(CONTROL_PREDECESSOR_IDS).size(); i++) {
        require(in, in.ids(CONTROL_PREDECESSOR_IDS).get(i));
      }
      Optional<WireReader> sharding = in.message(SHARDING);
      if (sharding.isPresent()) {
        Sharding.check(sharding.get(), in);
      }
      Optional<WireReader> found = in.message(METADATA);
      Metadata origin =
          found.isPresent()
              ? metadata.read(found.get(), in.name())
              : new Metadata("", SourceLine.UNKNOWN, in.name());
      HloInstruction instruction = instruction(in, origin);
      order.add(instruction);
      byId.put((int) id, instruction);
      if (!in.isRowMajor()) {
        otherLayout.add(instruction);
      }
    }

    private void requireNoForeignFields(InstructionProto in) {
      if (in.message(PRECISION_CONFIG).isPresent()) {
        throw in.broken("has a precision, which it does not take");
      }
      if (in.message(DOT_DIMENSION_NUMBERS).isPresent()) {
        throw in.broken("has dimension numbers of dot");
      }
      if (in.message(RAGGED_DOT_DIMENSION_NUMBERS).isPresent()) {
        throw in.broken("has dimension numbers of ragged-dot");
      }
      if (!in.called().isEmpty() && !in.opcode().equals("call") && !in.opcode().equals("while")) {
        throw in.broken("calls computations, which it does not do");
      }
    }

    /** Returns whether XLA's loader makes it without looking at attributes of its own. */
    private static boolean isPlain(HloOpcode opcode) {
      return switch (opcode) {
        case ABS,
            ADD,
            ADD_DEPENDENCY,
            AFTER_ALL,
            AND,
            ATAN2,
            BITCAST_CONVERT,
            CALL,
            CEIL,
            CLAMP,
            COMPLEX,
            CONVERT,
            COPY,
            COUNT_LEADING_ZEROS,
            DIVIDE,
            FLOOR,
            IMAG,
            IS_FINITE,
            MAXIMUM,
            MINIMUM,
            MULHI,
            MULTIPLY,
            NEGATE,
            NOT,
            OPTIMIZATION_BARRIER,
            OR,
            POPULATION_COUNT,
            POWER,
            REAL,
            REMAINDER,
            ROUND_NEAREST_AFZ,
            ROUND_NEAREST_EVEN,
            SELECT,
            SHIFT_LEFT,
            SHIFT_RIGHT_ARITHMETIC,
            SHIFT_RIGHT_LOGICAL,
            SIGN,
            STOCHASTIC_CONVERT,
            SUBTRACT,
            TUPLE,
            WHILE,
            XOR ->
            true;
        default -> false;
      };
    }

    private HloInstruction require(InstructionProto in, long id) {
      HloInstruction found = byId.get((int) id);
      if (found == null) {
        throw in.broken(
            "uses instruction %d, which computation %s does not list before it"
                .formatted(id, name));
      }
      return found;
    }

    private List<HloInstruction> operands(InstructionProto in) {
      Numbers64 ids = in.ids(OPERAND_IDS);
      List<HloInstruction> operands = new ArrayList<>(ids.size());
      for (int i = 0; i < ids.size(); i++) {
        operands.add(require(in, ids.get(i)));
      }
      return operands;
    }

    private List<HloComputation> called(InstructionProto in) {
      Numbers64 ids = in.ids(CALLED_COMPUTATION_IDS);
      List<HloComputation> called = new ArrayList<>(ids.size());
      for (int i = 0; i < ids.size(); i++) {
        HloComputation found = computations.get(ids.get(i));
        if (found == null) {
          throw in.broken(
              "calls computation %d, which the module does not list before %s"
                  .formatted(ids.get(i), name));
        }
        if (in.opcode().equals("fusion") && !fused.add(ids.get(i))) {
          throw in.broken("shares computation %s with another fusion".formatted(found.name()));
        }
        called.add(found);
      }
      return called;
    }

    private HloInstruction instruction(InstructionProto in, Metadata origin) {
      Optional<HloOpcode> opcode = HloOpcode.ofHloName(in.opcode());
      if (opcode.isPresent() && isPlain(opcode.get())) {
        requireNoForeignFields(in);
      }
      if (opcode.isPresent() && opcode.get() == HloOpcode.CONSTANT) {
        return constant(in, LiteralProto.read(in.requiredMessage(LITERAL)), origin);
      }
      HloOp op = opcode.isPresent() ? OpReader.read(opcode.get(), in) : oldOp(in);
      return new HloInstruction(op, in.shape(), in.operands(), origin, null);
    }

    /** Reads what has another opcode here, and refuses the rest. */
    private HloOp oldOp(InstructionProto in) {
      String opcode = in.opcode();
      if (opcode.equals("bitcast") && isReshape(in)) {
        return new HloOp.Reshape(in.arrayShape().dims());
      }
      String direction = OtherOpcodes.comparison(opcode);
      if (!direction.isEmpty()) {
        return OpReader.compare(in, direction);
      }
      if (OtherOpcodes.isKnown(opcode)) {
        throw new UnsupportedException(
            "instruction %s of computation %s: the operation %s is not supported"
                .formatted(in.name(), name, opcode));
      }
      throw in.broken("has an unknown opcode");
    }

    /** A bitcast is a reshape where types and row-major layouts do not change. */
    private boolean isReshape(InstructionProto in) {
      DType from = in.operandArray(0).dtype();
      return from == in.arrayShape().dtype()
          && in.isRowMajor()
          && !otherLayout.contains(in.operands().get(0));
    }

    /** Makes a constant; of a tuple, a constant for each array and the tuple of them. */
    private HloInstruction constant(InstructionProto in, LiteralProto value, Metadata origin) {
      if (!value.shape().equals(in.shape())) {
        throw in.broken("has the shape %s, its literal %s".formatted(in.shape(), value.shape()));
      }
      if (!in.operands().isEmpty()) {
        throw in.broken("has operands");
      }
      return constant(value, origin);
    }

    private HloInstruction constant(LiteralProto value, Metadata origin) {
      Literal array = value.array();
      if (array != null) {
        return new HloInstruction(
            new HloOp.Constant(array), array.shape(), List.of(), origin, null);
      }
      List<HloInstruction> elements = new ArrayList<>();
      Metadata unnamed = new Metadata(origin.opName(), origin.source());
      for (LiteralProto element : value.elements()) {
        HloInstruction made = constant(element, unnamed);
        order.add(made);
        elements.add(made);
      }
      return new HloInstruction(new HloOp.Tuple(), value.shape(), elements, origin, null);
    }
  }
}
