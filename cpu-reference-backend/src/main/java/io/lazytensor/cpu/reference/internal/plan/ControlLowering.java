package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.Branches;
import io.lazytensor.cpu.reference.internal.kernel.EvaluatedCall;
import io.lazytensor.cpu.reference.internal.kernel.ScalarProgram;
import io.lazytensor.cpu.reference.internal.kernel.ScanLoop;
import io.lazytensor.cpu.reference.internal.kernel.WhileLoop;
import io.lazytensor.cpu.reference.internal.plan.Result.TokenResult;
import io.lazytensor.cpu.reference.internal.plan.Result.TupleResult;
import io.lazytensor.xla.eval.CustomCalls;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loops and branches: their computations are programs of their own, whose arguments and results are
 * the caller's memory and whose temporaries are among the caller's.
 */
final class ControlLowering {
  private final Emitter emitter;
  private final Callees callees;

  /** Lowers what is called. */
  interface Callees {
    /** Lowers a computation into the caller's steps. */
    Result inlined(HloComputation computation, List<Result> arguments);

    /** Lowers a computation into a program of its own; aliases count leaves. */
    Program separate(HloComputation computation, List<InputOutputAlias> aliases);
  }

  ControlLowering(Emitter emitter, Callees callees) {
    this.emitter = emitter;
    this.callees = callees;
  }

  Result lower(HloInstruction at, ControlOp op, List<Result> in) {
    return switch (op) {
      case ControlOp.While loop -> whileLoop(at, loop, Leaves.of(in.get(0)));
      case ControlOp.Conditional(List<HloComputation> branches) -> conditional(at, branches, in);
      case ControlOp.Scan scan ->
          scan(at, scan, in.stream().flatMap(r -> Leaves.of(r).stream()).toList());
      case ControlOp.Map(HloComputation computation) -> map(at, computation, in);
      case ControlOp.Fusion(_, HloComputation computation) -> callees.inlined(computation, in);
      case ControlOp.OptimizationBarrier() -> in.size() == 1 ? in.get(0) : new TupleResult(in);
      case ControlOp.AddDependency() -> in.get(0);
      case ControlOp.AfterAll() -> new TokenResult();
      case ControlOp.CustomCall call -> customCall(at, call, in);
    };
  }

  /** The state of a loop: a value for each array, and how the loop hands it on. */
  private static final class Carried {
    final List<Value> homes = new ArrayList<>();
    final List<@Nullable Value> spares = new ArrayList<>();
    final List<Value> read = new ArrayList<>();
    final List<Value> written = new ArrayList<>();

    List<WhileLoop.Part> parts(Step.Bindings bindings) {
      List<WhileLoop.Part> parts = new ArrayList<>();
      for (int i = 0; i < homes.size(); i++) {
        Value spare = spares.get(i);
        parts.add(
            new WhileLoop.Part(
                bindings.location(homes.get(i)), spare == null ? null : bindings.location(spare)));
      }
      return parts;
    }
  }

  /**
   * Gives each array of a state its memory. What the body leaves alone stays the caller's value;
   * what it overwrites in place needs one copy before the loop, and anything else a second buffer.
   */
  private Carried carried(HloInstruction at, List<Value> initial, Program body, int firstResult) {
    Carried carried = new Carried();
    for (int i = 0; i < initial.size(); i++) {
      Value start = initial.get(i);
      if (body.unchanged()[firstResult + i]) {
        Value same = emitter.dense(at, start);
        carried.homes.add(same);
        carried.spares.add(null);
        carried.read.add(same);
        continue;
      }
      Value home = emitter.copy(at, start);
      carried.homes.add(home);
      carried.written.add(home);
      if (body.outputParameter()[firstResult + i] >= 0) {
        carried.spares.add(null);
      } else {
        Value spare = emitter.temporary(start.shape());
        carried.spares.add(spare);
        carried.written.add(spare);
      }
    }
    return carried;
  }

  private static List<InputOutputAlias> inPlace(int count, int firstResult, int firstArgument) {
    List<InputOutputAlias> aliases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      aliases.add(new InputOutputAlias(firstResult + i, firstArgument + i));
    }
    return aliases;
  }

  private Program separate(HloComputation computation, List<InputOutputAlias> aliases) {
    Program program = callees.separate(computation, aliases);
    emitter.countConstants(program);
    return program;
  }

  private Result whileLoop(HloInstruction at, ControlOp.While loop, List<Value> initial) {
    Program body = separate(loop.body(), inPlace(initial.size(), 0, 0));
    Program condition = separate(loop.condition(), List.of());
    Carried state = carried(at, initial, body, 0);
    Value test = emitter.temporary(ArrayShape.scalar(DType.PRED));
    Value scratch = Value.scratch(Math.max(body.temporaryBytes(), condition.temporaryBytes()));
    state.written.add(test);
    state.written.add(scratch);
    emitter.emit(
        at,
        state.read,
        state.written,
        (b, _, _) ->
            new WhileLoop(
                b.routine(condition, scratch),
                b.routine(body, scratch),
                b.location(test),
                state.parts(b)));
    return Leaves.build(at.shape(), state.homes.iterator());
  }

  private Result conditional(HloInstruction at, List<HloComputation> branches, List<Result> in) {
    Value selector = Leaves.of(in.get(0)).getFirst();
    List<Program> programs = new ArrayList<>();
    List<List<Value>> arguments = new ArrayList<>();
    List<Value> read = new ArrayList<>(List.of(selector));
    long scratchBytes = 0;
    for (int i = 0; i < branches.size(); i++) {
      Program program = separate(branches.get(i), List.of());
      scratchBytes = Math.max(scratchBytes, program.temporaryBytes());
      programs.add(program);
      List<Value> dense = Leaves.of(in.get(i + 1)).stream().map(v -> emitter.dense(at, v)).toList();
      arguments.add(dense);
      read.addAll(dense);
    }
    List<Value> results = Leaves.shapes(at.shape()).stream().map(emitter::temporary).toList();
    Value scratch = Value.scratch(scratchBytes);
    List<Value> written = new ArrayList<>(results);
    written.add(scratch);
    emitter.emit(
        at,
        read,
        written,
        (b, _, _) -> {
          List<Branches.Branch> made = new ArrayList<>();
          for (int i = 0; i < programs.size(); i++) {
            made.add(
                new Branches.Branch(
                    b.routine(programs.get(i), scratch), Emitter.locations(b, arguments.get(i))));
          }
          return new Branches(b.location(selector), made, Emitter.locations(b, results));
        });
    return Leaves.build(at.shape(), results.iterator());
  }

  private Result scan(HloInstruction at, ControlOp.Scan op, List<Value> in) {
    int arrayCount = in.size() - op.carries();
    List<Value> initial = in.subList(arrayCount, in.size());
    List<ArrayShape> shapes = Leaves.shapes(at.shape());
    int resultCount = shapes.size() - op.carries();
    Program body = separate(op.computation(), inPlace(op.carries(), resultCount, arrayCount));
    List<Value> arrays =
        in.subList(0, arrayCount).stream()
            .map(v -> emitter.dense(at, v.transpose(toFront(v.rank(), op.dimension()))))
            .toList();
    List<Value> results =
        shapes.subList(0, resultCount).stream()
            .map(s -> emitter.temporary(movedToFront(s, op.dimension())))
            .toList();
    Carried carries = carried(at, initial, body, resultCount);
    Value scratch = Value.scratch(body.temporaryBytes());
    List<Value> read = new ArrayList<>(arrays);
    read.addAll(carries.read);
    List<Value> written = new ArrayList<>(results);
    written.addAll(carries.written);
    written.add(scratch);
    long length = scanLength(at, op, in, shapes);
    emitter.emit(
        at,
        read,
        written,
        (b, _, _) ->
            new ScanLoop(
                b.routine(body, scratch),
                Emitter.locations(b, arrays),
                Emitter.locations(b, results),
                carries.parts(b),
                length,
                op.reverse()));
    List<Value> all = new ArrayList<>();
    for (Value result : results) {
      all.add(result.transpose(fromFront(result.rank(), op.dimension())));
    }
    all.addAll(carries.homes);
    return Leaves.build(at.shape(), all.iterator());
  }

  private static long scanLength(
      HloInstruction at, ControlOp.Scan op, List<Value> in, List<ArrayShape> results) {
    if (in.size() > op.carries()) {
      return in.get(0).sizes()[op.dimension()];
    }
    if (results.size() > op.carries()) {
      return results.get(0).dim(op.dimension());
    }
    throw Emitter.unsupported(at, "it scans no array");
  }

  /** Returns the permutation that makes a dimension the first. */
  private static Dims toFront(int rank, int dimension) {
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i == 0 ? dimension : i <= dimension ? i - 1 : i;
    }
    return Dims.of(order);
  }

  private static Dims fromFront(int rank, int dimension) {
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i == dimension ? 0 : i < dimension ? i + 1 : i;
    }
    return Dims.of(order);
  }

  private static ArrayShape movedToFront(ArrayShape shape, int dimension) {
    Dims order = toFront(shape.rank(), dimension);
    return shape.withDims(Dims.of(order.stream().map(shape::dim).toArray()));
  }

  /** Lets the evaluator run what its registry knows, on copies. */
  private Result customCall(HloInstruction at, ControlOp.CustomCall call, List<Result> in) {
    if (!CustomCalls.standard().contains(call.target())) {
      throw Emitter.unsupported(
          at, "nobody offers a CustomCallTarget named \"" + call.target() + "\"");
    }
    List<HloInstruction> parameters = new ArrayList<>();
    for (HloInstruction operand : at.operands()) {
      HloOp parameter = new HloOp.Parameter(parameters.size(), operand.shape());
      parameters.add(
          new HloInstruction(parameter, operand.shape(), List.of(), at.metadata(), null));
    }
    HloComputation alone =
        HloComputation.of(
            call.target(),
            parameters,
            new HloInstruction(call, at.shape(), parameters, at.metadata(), null));
    List<Value> operands =
        in.stream().flatMap(r -> Leaves.of(r).stream()).map(v -> emitter.dense(at, v)).toList();
    List<Value> results = Leaves.shapes(at.shape()).stream().map(emitter::temporary).toList();
    List<ArrayShape> shapes = operands.stream().map(Value::shape).toList();
    emitter.emit(
        at,
        operands,
        results,
        (b, i, o) ->
            new EvaluatedCall(alone, shapes, Emitter.locations(b, i), Emitter.locations(b, o)));
    return Leaves.build(at.shape(), results.iterator());
  }

  private Value map(HloInstruction at, HloComputation computation, List<Result> in) {
    List<Value> operands = in.stream().flatMap(r -> Leaves.of(r).stream()).toList();
    ScalarProgram program = new ScalarProgram(computation);
    return emitter.loop(
        at,
        at.arrayShape(),
        operands,
        (lanes, out, count) -> {
          for (int i = 0; i < count; i++) {
            for (int k = 0; k < lanes.length; k++) {
              program.set(k, lanes[k][i]);
            }
            program.run();
            out[i] = program.get(0);
          }
        });
  }
}
