package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Values.array;
import static io.lazytensor.xla.eval.Values.arrays;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.ir.WindowOp;
import io.lazytensor.xla.runtime.DeviceException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Computes what a module means: slow, in plain Java, one operation after the other. Every backend
 * is compared with it.
 *
 * <p>Semantics are those of XLA's {@code hlo_evaluator.cc}. Each operation's result is rounded to
 * its type; products and sums of a {@code dot} are summed in double and rounded once. A NaN that is
 * only moved keeps its bits; one where there was none is the positive quiet one.
 *
 * <p>Arguments and results are arrays. Those inside of tuples follow one another, and tokens have
 * none: a parameter {@code (f32[2], (s32[], token[]))} takes two arguments.
 */
public final class HloEvaluator {
  /** How deep computations may call each other. */
  static final int MAX_DEPTH = 256;

  private final LogicalDevice device;
  private final CustomCalls customCalls;
  private final Map<HloComputation, Plan> plans = new IdentityHashMap<>();
  private int depth;

  /** Creates the evaluator of one device. */
  HloEvaluator(LogicalDevice device, CustomCalls customCalls) {
    this.device = device;
    this.customCalls = customCalls;
  }

  LogicalDevice device() {
    return device;
  }

  CustomCalls customCalls() {
    return customCalls;
  }

  // ---- entry points -----------------------------------------------------------------------------

  /**
   * Evaluates a module for one device.
   *
   * @param arguments one for each array among the entry's parameters
   * @return one for each array of the root
   * @throws ShapeException if the arguments do not fit
   * @throws UnsupportedException if the module needs several devices, or calls what nobody knows
   */
  public static List<Literal> evaluate(HloModule module, List<Literal> arguments) {
    return evaluateReplicas(module, List.of(arguments)).getFirst();
  }

  /** Evaluates a computation for one device. */
  public static List<Literal> evaluate(HloComputation computation, List<Literal> arguments) {
    return new HloEvaluator(LogicalDevice.single(), CustomCalls.standard())
        .apply(computation, arguments);
  }

  /**
   * Evaluates a module on all of its devices at once.
   *
   * @param arguments for each device {@code replica × partitions + partition} its arguments
   * @return for each device its results
   * @throws ShapeException if the arguments do not fit
   * @throws DeviceException if devices wait for each other in vain
   */
  public static List<List<Literal>> evaluateReplicas(
      HloModule module, List<List<Literal>> arguments) {
    return evaluateReplicas(module, arguments, CustomCalls.standard());
  }

  /**
   * Evaluates a module on all of its devices at once.
   *
   * @param customCalls the custom calls it may make
   */
  public static List<List<Literal>> evaluateReplicas(
      HloModule module, List<List<Literal>> arguments, CustomCalls customCalls) {
    int devices = Math.multiplyExact(module.replicas(), module.partitions());
    if (arguments.size() != devices) {
      throw new UnsupportedException(
          "module %s runs on %d devices (%d replicas, %d partitions), got arguments for %d"
              .formatted(
                  module.name(),
                  devices,
                  module.replicas(),
                  module.partitions(),
                  arguments.size()));
    }
    Rendezvous rendezvous = new Rendezvous(module.replicas(), module.partitions());
    if (devices == 1) {
      return List.of(
          new HloEvaluator(new LogicalDevice(0, 0, rendezvous), customCalls)
              .apply(module.entry(), arguments.getFirst()));
    }
    return DeviceThreads.run(
        rendezvous,
        device ->
            new HloEvaluator(device, customCalls)
                .apply(module.entry(), arguments.get(device.number())));
  }

  private List<Literal> apply(HloComputation computation, List<Literal> arguments) {
    List<Shape> parameters = computation.parameters().stream().map(HloInstruction::shape).toList();
    List<ArrayShape> expected = Values.leaves(parameters);
    if (arguments.size() != expected.size()) {
      throw new ShapeException(
          "%s takes %d arguments, got %d"
              .formatted(computation, expected.size(), arguments.size()));
    }
    for (int i = 0; i < expected.size(); i++) {
      if (!expected.get(i).equals(arguments.get(i).shape())) {
        throw new ShapeException(
            "argument %d of %s: expected %s, got %s"
                .formatted(i, computation, expected.get(i), arguments.get(i).shape()));
      }
    }
    Iterator<Literal> leaves = arguments.iterator();
    List<Object> values = new ArrayList<>();
    parameters.forEach(shape -> values.add(Values.build(shape, leaves)));
    try {
      return Values.literals(run(computation, values));
    } catch (OutOfMemoryError | StackOverflowError e) {
      throw new DeviceException(
          "the Java heap or stack is too small to evaluate %s; raise -Xmx or -Xss"
              .formatted(computation),
          e);
    }
  }

  // ---- evaluation -------------------------------------------------------------------------------

  /** Returns the root: an {@link ArrayValue}, a list of values for a tuple, or a token. */
  Object run(HloComputation computation, List<Object> arguments) {
    if (depth == MAX_DEPTH) {
      throw new UnsupportedException(
          "computations call each other more than %d deep, at %s"
              .formatted(MAX_DEPTH, computation));
    }
    depth++;
    try {
      return plans.computeIfAbsent(computation, Plan::of).run(arguments, this::evaluate);
    } finally {
      depth--;
    }
  }

  private Object evaluate(HloInstruction x, List<Object> in, List<Object> arguments) {
    return switch (x.op()) {
      case HloOp.Parameter(int number, Shape _) -> arguments.get(number);
      case HloOp.Constant(Literal literal) -> ArrayValue.of(literal);
      case HloOp.Iota iota -> LayoutEvaluation.iota(iota);
      case HloOp.Unary(UnaryKind kind) when kind == UnaryKind.COPY -> in.getFirst();
      case HloOp.Unary unary -> ElementwiseEvaluation.unary(unary.kind(), array(in, 0));
      case HloOp.Binary binary ->
          ElementwiseEvaluation.binary(binary.kind(), array(in, 0), array(in, 1));
      case HloOp.IsFinite _ -> ElementwiseEvaluation.isFinite(array(in, 0));
      case HloOp.Compare op -> ElementwiseEvaluation.compare(op, array(in, 0), array(in, 1));
      case HloOp.Select _ -> ElementwiseEvaluation.select(array(in, 0), array(in, 1), array(in, 2));
      case HloOp.Clamp _ -> ElementwiseEvaluation.clamp(array(in, 0), array(in, 1), array(in, 2));
      case HloOp.Convert op -> ElementwiseEvaluation.convert(op.to(), array(in, 0));
      case HloOp.BitcastConvert _ -> BitcastEvaluation.bitcast(x.arrayShape(), array(in, 0));
      case HloOp.Complex _ ->
          ElementwiseEvaluation.complex(x.arrayShape(), array(in, 0), array(in, 1));
      case HloOp.Real _ -> ElementwiseEvaluation.real(array(in, 0));
      case HloOp.Imag _ -> ElementwiseEvaluation.imag(array(in, 0));
      case HloOp.ReducePrecision op -> ElementwiseEvaluation.reducePrecision(op, array(in, 0));
      case HloOp.StochasticConvert(DType to) ->
          ElementwiseEvaluation.stochasticConvert(to, array(in, 0), array(in, 1));
      case HloOp.GetDimensionSize(int dimension) ->
          LayoutEvaluation.dimensionSize(array(in, 0), dimension);
      case HloOp.Broadcast op -> LayoutEvaluation.broadcast(op, array(in, 0));
      case HloOp.Reshape _ -> array(in, 0).withShape(x.arrayShape());
      case HloOp.Transpose op -> LayoutEvaluation.transpose(op, x.arrayShape(), array(in, 0));
      case HloOp.Reverse op -> LayoutEvaluation.reverse(op, array(in, 0));
      case HloOp.Slice op -> LayoutEvaluation.slice(op, x.arrayShape(), array(in, 0));
      case HloOp.Concatenate op ->
          LayoutEvaluation.concatenate(op, x.arrayShape(), arrays(in, 0, in.size()));
      case HloOp.Pad op -> LayoutEvaluation.pad(op, x.arrayShape(), array(in, 0), array(in, 1));
      case HloOp.DynamicSlice _ ->
          IndexEvaluation.dynamicSlice(x.arrayShape(), array(in, 0), arrays(in, 1, in.size()));
      case HloOp.DynamicUpdateSlice _ ->
          IndexEvaluation.dynamicUpdateSlice(array(in, 0), array(in, 1), arrays(in, 2, in.size()));
      case HloOp.Gather op ->
          IndexEvaluation.gather(op, x.arrayShape(), array(in, 0), array(in, 1));
      case HloOp.Scatter op -> scatter(op, in);
      case HloOp.Reduce op -> reduce(op, x.shape(), in);
      case HloOp.Dot op ->
          ContractEvaluation.dot(op.dimensionNumbers(), x.arrayShape(), array(in, 0), array(in, 1));
      case HloOp.RaggedDot op ->
          RaggedProduct.evaluate(
              op.dimensionNumbers(), x.arrayShape(), array(in, 0), array(in, 1), array(in, 2));
      case HloOp.Tuple _ -> in;
      case HloOp.GetTupleElement(int index) -> ((List<?>) in.getFirst()).get(index);
      case HloOp.Call(HloComputation computation) -> run(computation, in);
      case WindowOp op -> WindowEvaluation.evaluate(op, x, in, this);
      case OrderOp op -> OrderEvaluation.evaluate(op, x, in, this);
      case LibraryOp op -> LibraryEvaluation.evaluate(op, x, in);
      case ControlOp op -> ControlEvaluation.evaluate(op, x, in, this);
      case CollectiveOp op -> CollectiveEvaluation.evaluate(op, x, in, this);
    };
  }

  private Object scatter(HloOp.Scatter op, List<Object> in) {
    int n = in.size() / 2;
    List<ArrayValue> out =
        IndexEvaluation.scatter(
            op,
            arrays(in, 0, n),
            array(in, n),
            arrays(in, n + 1, in.size()),
            new ScalarFunction(op.combiner(), this));
    return n == 1 ? out.getFirst() : List.copyOf(out);
  }

  private Object reduce(HloOp.Reduce op, Shape shape, List<Object> in) {
    int n = in.size() / 2;
    List<ArrayValue> out =
        ContractEvaluation.reduce(
            op,
            shape,
            arrays(in, 0, n),
            arrays(in, n, in.size()),
            new ScalarFunction(op.reducer(), this));
    return shape instanceof ArrayShape ? out.getFirst() : List.copyOf(out);
  }
}
