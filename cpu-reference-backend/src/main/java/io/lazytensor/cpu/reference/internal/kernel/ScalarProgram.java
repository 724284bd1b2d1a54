package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * A computation of scalars, as reducers and scatter combiners are, prepared to run once an element
 * on lanes. Not thread-safe: it owns its registers.
 */
public final class ScalarProgram {
  private interface Instruction {
    void run(long[] registers);
  }

  private final List<Instruction> code = new ArrayList<>();
  private final List<Long> constants = new ArrayList<>();
  private final List<Integer> constantRegisters = new ArrayList<>();
  private final Instruction[] program;
  private final long[] registers;
  private final int[] results;
  private int registerCount;

  /**
   * Prepares a computation.
   *
   * @throws UnsupportedException if it is not made of scalar operations
   */
  public ScalarProgram(HloComputation computation) {
    registerCount = computation.parameters().size();
    List<int[]> arguments = new ArrayList<>();
    for (int i = 0; i < registerCount; i++) {
      arguments.add(new int[] {i});
    }
    results = inline(computation, arguments);
    program = code.toArray(Instruction[]::new);
    registers = new long[registerCount];
    for (int i = 0; i < constants.size(); i++) {
      registers[constantRegisters.get(i)] = constants.get(i);
    }
  }

  /** Sets an argument's lane. */
  public void set(int parameter, long lane) {
    registers[parameter] = lane;
  }

  /** Returns a result's lane after {@link #run}. */
  public long get(int result) {
    return registers[results[result]];
  }

  /** Runs the computation. */
  public void run() {
    for (Instruction instruction : program) {
      instruction.run(registers);
    }
  }

  private int[] inline(HloComputation computation, List<int[]> arguments) {
    IdentityHashMap<HloInstruction, int[]> places = new IdentityHashMap<>();
    for (HloInstruction instruction : computation.instructions()) {
      List<int[]> operands = new ArrayList<>();
      for (HloInstruction operand : instruction.operands()) {
        operands.add(place(places, operand));
      }
      places.put(
          instruction,
          instruction.op() instanceof HloOp.Parameter(int number, _)
              ? arguments.get(number)
              : lower(instruction, operands));
    }
    return place(places, computation.root());
  }

  private static int[] place(
      IdentityHashMap<HloInstruction, int[]> places, HloInstruction instruction) {
    int[] place = places.get(instruction);
    if (place == null) {
      throw new IllegalStateException("operand after its user: " + instruction);
    }
    return place;
  }

  private int[] lower(HloInstruction instruction, List<int[]> operands) {
    return switch (instruction.op()) {
      case HloOp.Tuple() -> operands.stream().mapToInt(o -> o[0]).toArray();
      case HloOp.GetTupleElement(int index) -> new int[] {operands.get(0)[index]};
      case HloOp.Call(HloComputation callee) -> inline(callee, operands);
      case HloOp.Constant(Literal literal) -> {
        int register = registerCount++;
        constants.add(Lanes.ofBits(literal.shape().dtype(), literal.bits(0)));
        constantRegisters.add(register);
        yield new int[] {register};
      }
      case HloOp.Unary(var kind) -> unary(Scalars.unary(kind, type(instruction)), operands);
      case HloOp.Binary(var kind) -> binary(Scalars.binary(kind, type(instruction)), operands);
      case HloOp.IsFinite() -> unary(Scalars.isFinite(), operands);
      case HloOp.Compare(var direction, boolean totalOrder) ->
          binary(Scalars.compare(direction, type(instruction.operand(0)), totalOrder), operands);
      case HloOp.Convert(DType to) ->
          unary(Scalars.convert(type(instruction.operand(0)), to), operands);
      case HloOp.BitcastConvert(DType to) -> bitcast(instruction, to, operands);
      case HloOp.Select() -> select(operands);
      case HloOp.Clamp() -> clamp(type(instruction), operands);
      case HloOp.Reshape _, HloOp.Broadcast _, HloOp.Transpose _ ->
          scalarOnly(instruction, operands);
      case HloOp.Parameter _,
          HloOp.Iota _,
          HloOp.Reverse _,
          HloOp.Slice _,
          HloOp.DynamicSlice _,
          HloOp.DynamicUpdateSlice _,
          HloOp.Concatenate _,
          HloOp.Pad _,
          HloOp.Gather _,
          HloOp.Scatter _,
          HloOp.Reduce _,
          HloOp.Dot _,
          HloOp.Complex _,
          HloOp.Real _,
          HloOp.Imag _,
          HloOp.ReducePrecision _,
          HloOp.StochasticConvert _,
          HloOp.GetDimensionSize _,
          WindowOp _,
          OrderOp _,
          LibraryOp _,
          ControlOp _,
          CollectiveOp _ ->
          throw unsupported(instruction);
    };
  }

  private int[] scalarOnly(HloInstruction instruction, List<int[]> operands) {
    if (!instruction.arrayShape().isScalar()) {
      throw unsupported(instruction);
    }
    return operands.get(0);
  }

  private int[] unary(LongUnaryOperator f, List<int[]> operands) {
    int a = operands.get(0)[0];
    return emit(a, a, (x, _) -> f.applyAsLong(x));
  }

  private int[] binary(LongBinaryOperator f, List<int[]> operands) {
    return emit(operands.get(0)[0], operands.get(1)[0], f);
  }

  private int[] emit(int a, int b, LongBinaryOperator f) {
    int to = registerCount++;
    code.add(r -> r[to] = f.applyAsLong(r[a], r[b]));
    return new int[] {to};
  }

  private int[] select(List<int[]> operands) {
    int condition = operands.get(0)[0];
    int onTrue = operands.get(1)[0];
    int onFalse = operands.get(2)[0];
    int to = registerCount++;
    code.add(r -> r[to] = r[condition] != 0 ? r[onTrue] : r[onFalse]);
    return new int[] {to};
  }

  private int[] clamp(DType dtype, List<int[]> operands) {
    LongBinaryOperator max = Scalars.binary(io.lazytensor.xla.ir.BinaryKind.MAXIMUM, dtype);
    LongBinaryOperator min = Scalars.binary(io.lazytensor.xla.ir.BinaryKind.MINIMUM, dtype);
    int[] raised = emit(operands.get(1)[0], operands.get(0)[0], max);
    return emit(raised[0], operands.get(2)[0], min);
  }

  private int[] bitcast(HloInstruction instruction, DType to, List<int[]> operands) {
    DType from = type(instruction.operand(0));
    if (from.byteSize() != to.byteSize()) {
      throw unsupported(instruction);
    }
    return unary(lane -> Lanes.ofBits(to, Lanes.bits(from, lane)), operands);
  }

  private static DType type(HloInstruction instruction) {
    ArrayShape shape = instruction.arrayShape();
    if (!shape.isScalar()) {
      throw unsupported(instruction);
    }
    return shape.dtype();
  }

  private static UnsupportedException unsupported(HloInstruction instruction) {
    return new UnsupportedException(
        "cpu-reference: a reducer or combiner is made of scalar operations, got "
            + instruction
            + "; use scalars, or another device");
  }
}
