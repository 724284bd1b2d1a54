package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.ThreefryKernel;
import io.lazytensor.cpu.reference.internal.plan.Result.TupleResult;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.WindowOp;
import io.lazytensor.xla.runtime.CompileException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/** Turns a module into a program: every instruction into views and steps, calls inlined. */
public final class Lowering implements ControlLowering.Callees {
  private static final int MAX_CALL_DEPTH = 200;

  private final Emitter emitter = new Emitter();
  private final ElementwiseLowering elementwise = new ElementwiseLowering(emitter);
  private final ShapeLowering shapes = new ShapeLowering(emitter);
  private final ReduceLowering reductions = new ReduceLowering(emitter, elementwise);
  private final DotLowering dots = new DotLowering(emitter, elementwise);
  private final RaggedDotLowering raggedDots = new RaggedDotLowering(emitter, elementwise, dots);
  private final WindowLowering windows =
      new WindowLowering(emitter, elementwise, shapes, reductions);
  private final OrderLowering orders = new OrderLowering(emitter, elementwise);
  private final LibraryLowering libraries = new LibraryLowering(emitter, elementwise, reductions);
  private final ControlLowering controls = new ControlLowering(emitter, this);
  private int callDepth;

  private Lowering(int callDepth) {
    this.callDepth = callDepth;
  }

  /**
   * Lowers a module. Its arguments and results are the arrays its tuples are made of.
   *
   * @throws UnsupportedException naming the instruction, if something is unsupported
   */
  public static Program lower(HloModule module) {
    Capabilities.check(module);
    return new Lowering(0).program(module.name(), module.entry(), Leaves.aliases(module));
  }

  @Override
  public Program separate(HloComputation computation, List<InputOutputAlias> aliases) {
    return new Lowering(callDepth).program(computation.name(), computation, aliases);
  }

  @Override
  public Result inlined(HloComputation computation, List<Result> arguments) {
    return computation(computation, arguments);
  }

  private Program program(String name, HloComputation computation, List<InputOutputAlias> aliases) {
    List<Value> leaves = new ArrayList<>();
    List<Result> arguments = new ArrayList<>();
    for (HloInstruction parameter : computation.parameters()) {
      List<Value> parts = new ArrayList<>();
      for (ArrayShape shape : Leaves.shapes(parameter.shape())) {
        Place place = Place.parameter(leaves.size() + parts.size(), shape.byteSize());
        parts.add(Value.dense(place, shape));
      }
      leaves.addAll(parts);
      arguments.add(Leaves.build(parameter.shape(), parts.iterator()));
    }
    List<Value> outputs = Leaves.of(computation(computation, arguments));
    return new MemoryPlanner(computation.root(), emitter, leaves, outputs, aliases).plan(name);
  }

  private Result computation(HloComputation computation, List<Result> arguments) {
    if (++callDepth > MAX_CALL_DEPTH) {
      throw new CompileException(
          "cpu-reference: calls are nested deeper than " + MAX_CALL_DEPTH + " computations");
    }
    Fusion fusion = Fusion.of(computation);
    IdentityHashMap<HloInstruction, Result> results = new IdentityHashMap<>();
    for (HloInstruction instruction : computation.instructions()) {
      if (instruction.op() instanceof HloOp.Parameter(int number, _)) {
        results.put(instruction, arguments.get(number));
      } else if (!fusion.isAbsorbed(instruction)) {
        results.put(instruction, instruction(instruction, fusion, results));
      }
    }
    callDepth--;
    return get(results, computation.root());
  }

  private static Result get(
      IdentityHashMap<HloInstruction, Result> results, HloInstruction instruction) {
    Result result = results.get(instruction);
    if (result == null) {
      throw new IllegalStateException("used before it was lowered: " + instruction);
    }
    return result;
  }

  private static Value value(
      IdentityHashMap<HloInstruction, Result> results, HloInstruction instruction) {
    if (get(results, instruction) instanceof Value value) {
      return value;
    }
    throw Emitter.unsupported(instruction, "an array is needed, not a tuple");
  }

  private Result instruction(
      HloInstruction instruction, Fusion fusion, IdentityHashMap<HloInstruction, Result> results) {
    try {
      Optional<Fusion.Pattern> pattern = fusion.patternAt(instruction);
      if (pattern.isPresent()) {
        return fused(instruction, pattern.get(), results);
      }
      return lower(instruction, results);
    } catch (LazyTensorException e) {
      throw e;
    } catch (ArithmeticException e) {
      throw Emitter.unsupported(instruction, "it has more elements than this backend counts");
    } catch (RuntimeException e) {
      throw new CompileException("cpu-reference failed to compile " + instruction, e);
    }
  }

  private Value fused(
      HloInstruction origin,
      Fusion.Pattern pattern,
      IdentityHashMap<HloInstruction, Result> results) {
    return switch (pattern) {
      case Fusion.AddScaled(var a, var b, double factor) ->
          elementwise.addScaled(origin, value(results, a), value(results, b), factor);
      case Fusion.AddProduct(var a, var b, var c, double factor) ->
          elementwise.addProduct(
              origin, value(results, a), value(results, b), value(results, c), factor);
      case Fusion.AddQuotient(var a, var b, var c) ->
          elementwise.addQuotient(origin, value(results, a), value(results, b), value(results, c));
      case Fusion.DotWithBias(var dot, var op, var bias) ->
          dots.dot(
              dot,
              op,
              value(results, dot.operand(0)),
              value(results, dot.operand(1)),
              value(results, bias));
    };
  }

  private Result lower(HloInstruction at, IdentityHashMap<HloInstruction, Result> results) {
    List<Result> in = at.operands().stream().map(o -> get(results, o)).toList();
    return switch (at.op()) {
      case HloOp.Tuple() -> new TupleResult(in);
      case HloOp.GetTupleElement(int index) -> element(at, in.get(0), index);
      case HloOp.Call(HloComputation callee) -> call(at, callee, in);
      case HloOp.Unary(UnaryKind kind)
          when kind == UnaryKind.COPY && at.shape() instanceof TupleShape ->
          copy(at, in.get(0));
      case ControlOp op -> controls.lower(at, op, in);
      case HloOp op -> array(at, op, at.operands().stream().map(o -> value(results, o)).toList());
    };
  }

  private Result copy(HloInstruction at, Result tuple) {
    List<Value> leaves = Leaves.of(tuple).stream().map(v -> emitter.copy(at, v)).toList();
    return Leaves.build(at.shape(), leaves.iterator());
  }

  private static Result element(HloInstruction at, Result tuple, int index) {
    if (tuple instanceof TupleResult(List<Result> elements)) {
      return elements.get(index);
    }
    throw Emitter.unsupported(at, "its operand is no tuple");
  }

  private Result array(HloInstruction at, HloOp op, List<Value> in) {
    return switch (op) {
      case HloOp.Constant(var literal) -> Value.constant(literal);
      case HloOp.Iota(ArrayShape shape, int dimension) -> shapes.iota(shape, dimension);
      case HloOp.Unary(var kind) -> elementwise.unary(at, kind, in.get(0));
      case HloOp.Binary(var kind) -> elementwise.binary(at, kind, in.get(0), in.get(1));
      case HloOp.IsFinite() -> elementwise.isFinite(at, in.get(0));
      case HloOp.Compare(var direction, boolean totalOrder) ->
          elementwise.compare(at, direction, totalOrder, in.get(0), in.get(1));
      case HloOp.Select() -> elementwise.select(at, in.get(0), in.get(1), in.get(2));
      case HloOp.Clamp() -> elementwise.clamp(at, in.get(0), in.get(1), in.get(2));
      case HloOp.Convert(DType to) -> elementwise.convert(at, in.get(0), to);
      case HloOp.BitcastConvert(DType to) -> bitcast(at, in.get(0), to);
      case HloOp.Real() -> in.get(0);
      case HloOp.Imag() -> zero(in.get(0).dtype()).broadcast(in.get(0).shape().dims(), Dims.of());
      case HloOp.ReducePrecision(int exponentBits, int mantissaBits) ->
          elementwise.reducePrecision(at, in.get(0), exponentBits, mantissaBits);
      case HloOp.StochasticConvert(DType to) ->
          elementwise.stochasticConvert(at, in.get(0), in.get(1), to);
      case HloOp.GetDimensionSize(int dimension) ->
          Value.constant(Literal.scalarBits(DType.S32, in.get(0).sizes()[dimension]));
      case HloOp.Broadcast(var dims, var dimensions) -> in.get(0).broadcast(dims, dimensions);
      case HloOp.Reshape(var dims) -> shapes.reshape(at, in.get(0), dims);
      case HloOp.Transpose(var permutation) -> in.get(0).transpose(permutation);
      case HloOp.Reverse(var dimensions) -> shapes.reverse(at, in.get(0), dimensions);
      case HloOp.Slice(var start, var limit, var stride) -> in.get(0).slice(start, limit, stride);
      case HloOp.DynamicSlice(var sizes) -> shapes.dynamicSlice(at, in, sizes);
      case HloOp.DynamicUpdateSlice() -> shapes.dynamicUpdateSlice(at, in);
      case HloOp.Concatenate(int dimension) -> shapes.concatenate(at, in, dimension);
      case HloOp.Pad(var padding) -> shapes.pad(at, in.get(0), in.get(1), padding, at.arrayShape());
      case HloOp.Gather gather -> shapes.gather(at, gather, in.get(0), in.get(1));
      case HloOp.Scatter scatter -> unwrap(shapes.scatter(at, scatter, in), at.shape());
      case HloOp.Reduce reduce -> unwrap(reductions.reduce(at, reduce, in), at.shape());
      case HloOp.Dot dot -> dots.dot(at, dot, in.get(0), in.get(1), null);
      case HloOp.RaggedDot dot -> raggedDots.lower(at, dot, in);
      case WindowOp window -> unwrap(windows.lower(at, window, in), at.shape());
      case OrderOp order -> unwrap(orders.lower(at, order, in), at.shape());
      case LibraryOp library -> unwrap(libraries.lower(at, library, in), at.shape());
      case CollectiveOp collective -> unwrap(collective(at, collective, in), at.shape());
      case HloOp.Complex _ -> throw Emitter.unsupported(at, "it does not compute with complex");
      case HloOp.Parameter _, HloOp.Tuple _, HloOp.GetTupleElement _, HloOp.Call _, ControlOp _ ->
          throw new IllegalStateException("lowered elsewhere: " + at);
    };
  }

  /** Bits of any other type are no bool of libtorch's: a byte that is not zero becomes one. */
  private Value bitcast(HloInstruction at, Value x, DType to) {
    if (to != DType.PRED || x.dtype() == DType.PRED) {
      return shapes.bitcast(at, x, at.arrayShape());
    }
    Value bytes = shapes.bitcast(at, x, at.arrayShape().withDType(DType.U8));
    return elementwise.convert(at, bytes, DType.PRED);
  }

  private static Value zero(DType dtype) {
    return Value.constant(Literal.scalarBits(dtype, 0));
  }

  /** Operations among the devices of a group are identities in a group of one. */
  private static List<Value> collective(HloInstruction at, CollectiveOp op, List<Value> in) {
    return switch (op) {
      case CollectiveOp.AllReduce(_, ReplicaGroups groups) -> alone(at, groups, 1, in);
      case CollectiveOp.AllGather(_, int count, ReplicaGroups groups) ->
          alone(at, groups, count, in);
      case CollectiveOp.ReduceScatter(_, int count, _, ReplicaGroups groups) ->
          alone(at, groups, count, in);
      case CollectiveOp.AllToAll(_, ReplicaGroups groups) -> alone(at, groups, 1, in);
      case CollectiveOp.CollectiveBroadcast(ReplicaGroups groups) ->
          groups.groups().isEmpty() || groups.groups().stream().anyMatch(g -> g.contains(0))
              ? alone(at, groups, 1, in)
              : in.stream().map(Lowering::zeros).toList();
      case CollectiveOp.CollectivePermute(List<Dims> pairs, _) -> {
        if (pairs.stream().anyMatch(p -> p.get(0) != 0 || p.get(1) != 0)) {
          throw Emitter.unsupported(at, "there is but one device, 0");
        }
        yield pairs.isEmpty() ? in.stream().map(Lowering::zeros).toList() : in;
      }
      case CollectiveOp.PartitionId(), CollectiveOp.ReplicaId() -> List.of(zero(DType.U32));
    };
  }

  private static Value zeros(Value like) {
    return zero(like.dtype()).broadcast(like.shape().dims(), Dims.of());
  }

  private static List<Value> alone(
      HloInstruction at, ReplicaGroups groups, int shardCount, List<Value> in) {
    boolean others = groups.groups().stream().flatMapToInt(Dims::stream).anyMatch(id -> id != 0);
    if (others || shardCount != 1) {
      throw Emitter.unsupported(at, "there is but one device, 0");
    }
    return in;
  }

  private static Result unwrap(List<Value> values, Shape shape) {
    return shape instanceof TupleShape ? new TupleResult(List.copyOf(values)) : values.get(0);
  }

  private Result call(HloInstruction at, HloComputation callee, List<Result> arguments) {
    return isThreefry(callee)
        ? threefry(at, arguments.stream().map(Value.class::cast).toList())
        : computation(callee, arguments);
  }

  /** The recorder's counter-based generator has one name and one signature. */
  private static boolean isThreefry(HloComputation callee) {
    if (!callee.name().equals("threefry2x32") || callee.parameters().size() != 4) {
      return false;
    }
    Shape shape = callee.parameters().get(0).shape();
    return shape instanceof ArrayShape array
        && array.dtype() == DType.U32
        && callee.parameters().stream().allMatch(p -> p.shape().equals(shape))
        && callee.root().shape().equals(new TupleShape(List.of(shape, shape)));
  }

  private Result threefry(HloInstruction at, List<Value> arguments) {
    ArrayShape shape = arguments.get(0).shape();
    List<Value> in = arguments.stream().map(v -> emitter.denseOrRepeated(at, v)).toList();
    List<Value> out = List.of(emitter.temporary(shape), emitter.temporary(shape));
    emitter.emit(
        new Step(
            at,
            in,
            out,
            false,
            (b, i, o) -> new ThreefryKernel(Emitter.locations(b, i), Emitter.locations(b, o))));
    return new TupleResult(List.copyOf(out));
  }
}
