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
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.Arrays;
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
    List<int[]> arguments = new ArrayList<>();
    for (HloInstruction parameter : computation.parameters()) {
      arguments.add(fresh(leafCount(parameter, parameter.shape())));
    }
    results = inline(computation, arguments);
    program = code.toArray(Instruction[]::new);
    registers = new long[registerCount];
    for (int i = 0; i < constants.size(); i++) {
      registers[constantRegisters.get(i)] = constants.get(i);
    }
  }

  private int[] fresh(int count) {
    int[] places = new int[count];
    for (int i = 0; i < count; i++) {
      places[i] = registerCount++;
    }
    return places;
  }

  /** Returns how many scalars a shape is made of; a token is none. */
  private static int leafCount(HloInstruction instruction, Shape shape) {
    return switch (shape) {
      case ArrayShape array -> {
        if (!array.isScalar()) {
          throw unsupported(instruction);
        }
        yield 1;
      }
      case TupleShape(List<Shape> elements) -> {
        int count = 0;
        for (Shape element : elements) {
          count += leafCount(instruction, element);
        }
        yield count;
      }
      case TokenShape() -> 0;
    };
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
      case HloOp.Tuple() -> operands.stream().flatMapToInt(Arrays::stream).toArray();
      case HloOp.GetTupleElement(int index) -> element(instruction, operands.get(0), index);
      case HloOp.Call(HloComputation callee) -> inline(callee, operands);
      case HloOp.Constant(Literal literal) ->
          constant(Lanes.ofBits(type(instruction), literal.bits(0)));
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
      case HloOp.Real() -> operands.get(0);
      case HloOp.Imag() -> constant(Lanes.ofBits(type(instruction), 0));
      case HloOp.ReducePrecision(int exponentBits, int mantissaBits) ->
          unary(Scalars.reducePrecision(type(instruction), exponentBits, mantissaBits), operands);
      case HloOp.Reshape _, HloOp.Broadcast _, HloOp.Transpose _ ->
          scalarOnly(instruction, operands);
      case ControlOp op -> control(instruction, op, operands);
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
          HloOp.RaggedDot _,
          HloOp.Complex _,
          HloOp.StochasticConvert _,
          HloOp.GetDimensionSize _,
          WindowOp _,
          OrderOp _,
          LibraryOp _,
          CollectiveOp _ ->
          throw unsupported(instruction);
    };
  }

  private int[] control(HloInstruction instruction, ControlOp op, List<int[]> operands) {
    return switch (op) {
      case ControlOp.Map(HloComputation callee) -> inline(callee, operands);
      case ControlOp.Fusion(_, HloComputation callee) -> inline(callee, operands);
      case ControlOp.OptimizationBarrier(), ControlOp.AddDependency() -> operands.get(0);
      case ControlOp.AfterAll() -> new int[0];
      case ControlOp.Conditional(List<HloComputation> branches) ->
          conditional(instruction, branches, operands);
      case ControlOp.While(HloComputation condition, HloComputation body) ->
          whileLoop(condition, body, operands.get(0));
      case ControlOp.Scan _, ControlOp.CustomCall _ -> throw unsupported(instruction);
    };
  }

  private int[] conditional(
      HloInstruction instruction, List<HloComputation> branches, List<int[]> operands) {
    DType selector = type(instruction.operand(0));
    int index = operands.get(0)[0];
    ScalarProgram[] programs =
        branches.stream().map(ScalarProgram::new).toArray(ScalarProgram[]::new);
    int[] to = fresh(leafCount(instruction, instruction.shape()));
    code.add(r -> {
      int chosen = Branches.chosen(selector, r[index], programs.length);
      programs[chosen].apply(r, operands.get(chosen + 1), to);
    });
    return to;
  }

  private int[] whileLoop(HloComputation condition, HloComputation body, int[] initial) {
    ScalarProgram test = new ScalarProgram(condition);
    ScalarProgram round = new ScalarProgram(body);
    int[] state = fresh(initial.length);
    int[] holds = fresh(1);
    code.add(r -> {
      for (int i = 0; i < state.length; i++) {
        r[state[i]] = r[initial[i]];
      }
      test.apply(r, state, holds);
      while (r[holds[0]] != 0) {
        round.apply(r, state, state);
        test.apply(r, state, holds);
      }
    });
    return state;
  }

  /** Runs this on some of another program's registers. */
  private void apply(long[] other, int[] arguments, int[] to) {
    for (int i = 0; i < arguments.length; i++) {
      set(i, other[arguments[i]]);
    }
    run();
    for (int i = 0; i < to.length; i++) {
      other[to[i]] = get(i);
    }
  }

  private int[] constant(long lane) {
    int[] register = fresh(1);
    constants.add(lane);
    constantRegisters.add(register[0]);
    return register;
  }

  private static int[] element(HloInstruction instruction, int[] tuple, int index) {
    if (!(instruction.operand(0).shape() instanceof TupleShape(List<Shape> elements))) {
      throw unsupported(instruction);
    }
    int first = 0;
    for (Shape before : elements.subList(0, index)) {
      first += leafCount(instruction, before);
    }
    return Arrays.copyOfRange(tuple, first, first + leafCount(instruction, elements.get(index)));
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
        "cpu-reference: a reducer, combiner, comparator or map is made of scalar operations, got "
            + instruction
            + "; use scalars, or another device");
  }
}
