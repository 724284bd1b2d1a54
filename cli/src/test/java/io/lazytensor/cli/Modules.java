package io.lazytensor.cli;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.List;

/** Small modules that tests run. */
final class Modules {
  private final HloBuilder builder = new HloBuilder();
  private final List<HloInstruction> parameters = new ArrayList<>();
  private final String name;

  private Modules(String name) {
    this.name = name;
  }

  private HloInstruction parameter(Shape shape) {
    HloInstruction parameter = builder.add(new HloOp.Parameter(parameters.size(), shape));
    parameters.add(parameter);
    return parameter;
  }

  private HloModule returning(HloInstruction root) {
    return new HloModule(name, HloComputation.of("main", parameters, root), List.of());
  }

  /** {@code x + 1} for {@code f32[2,3]}; the result is no tuple. */
  static HloModule increment() {
    Modules m = new Modules("increment");
    HloInstruction x = m.parameter(ArrayShape.of(DType.F32, 2, 3));
    return m.returning(m.builder.plus(x, m.builder.filledLike(x, 1)));
  }

  /** Two counters {@code (a + 1, a + b)}, made to be fed back. */
  static HloModule counters() {
    Modules m = new Modules("counters");
    HloInstruction a = m.parameter(ArrayShape.of(DType.S32));
    HloInstruction b = m.parameter(ArrayShape.of(DType.S32));
    return m.returning(
        m.builder.add(
            new HloOp.Tuple(),
            m.builder.plus(a, m.builder.constant(DType.S32, 1)),
            m.builder.plus(a, b)));
  }

  /** A product {@code f32[4,8] · f32[8,2]}, its softmax-like exponential, and its sum. */
  static HloModule product() {
    Modules m = new Modules("product");
    HloInstruction x = m.parameter(ArrayShape.of(DType.F32, 4, 8));
    HloInstruction y = m.parameter(ArrayShape.of(DType.F32, 8, 2));
    HloInstruction dot =
        m.builder.add(
            new HloOp.Dot(
                new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of()), DType.F32),
            x,
            y);
    return m.returning(m.builder.add(new HloOp.Tuple(), dot, m.builder.sum(dot, Dims.of(0, 1))));
  }

  /** Returns its bf16 argument in a nested tuple with a pred and its negation. */
  static HloModule nested() {
    Modules m = new Modules("nested");
    HloInstruction x = m.parameter(ArrayShape.of(DType.BF16, 3));
    HloInstruction positive =
        m.builder.compare(ComparisonDirection.GT, x, m.builder.filledLike(x, 0));
    HloInstruction inner = m.builder.add(new HloOp.Tuple(), positive, m.builder.negative(x));
    return m.returning(m.builder.add(new HloOp.Tuple(), x, inner));
  }

  /** Adds the arrays of a parameter that is a tuple. */
  static HloModule pair() {
    Modules m = new Modules("pair");
    ArrayShape half = ArrayShape.of(DType.F32, 2);
    HloInstruction both = m.parameter(new TupleShape(List.of(half, half)));
    return m.returning(
        m.builder.plus(
            m.builder.add(new HloOp.GetTupleElement(0), both),
            m.builder.add(new HloOp.GetTupleElement(1), both)));
  }

  /** Sums its argument over all replicas. */
  static HloModule allReduce() {
    Modules m = new Modules("all_reduce");
    HloInstruction x = m.parameter(ArrayShape.of(DType.F32, 2));
    HloComputation sum = HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32);
    return m.returning(m.builder.add(new CollectiveOp.AllReduce(sum, ReplicaGroups.ALL), x));
  }

  /** Never ends. */
  static HloModule forever() {
    ArrayShape counter = ArrayShape.of(DType.S32);
    Modules condition = new Modules("condition");
    condition.parameter(counter);
    HloComputation always = condition.returning(condition.builder.constant(DType.PRED, 1)).entry();
    Modules body = new Modules("body");
    HloInstruction x = body.parameter(counter);
    HloComputation same =
        body.returning(body.builder.plus(x, body.builder.constant(DType.S32, 1))).entry();
    Modules m = new Modules("forever");
    return m.returning(m.builder.add(new ControlOp.While(always, same), m.parameter(counter)));
  }

  /** Calls what nobody registered. */
  static HloModule unknownCall() {
    Modules m = new Modules("unknown_call");
    HloInstruction x = m.parameter(ArrayShape.of(DType.F32, 2));
    return m.returning(
        m.builder.add(
            new ControlOp.CustomCall("nobody_knows", x.shape(), "", 0, false, List.of(), List.of()),
            x));
  }

  /** Says that {@code f32[2,3] + f32[2,3]} were {@code f32[3,2]}. */
  static HloModule wrongShape() {
    HloInstruction x = new HloBuilder().add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 2, 3)));
    HloInstruction wrong =
        new HloInstruction(
            new HloOp.Binary(BinaryKind.ADD),
            ArrayShape.of(DType.F32, 3, 2),
            List.of(x, x),
            Metadata.NONE,
            null);
    return new HloModule("wrong_shape", HloComputation.of("main", List.of(x), wrong), List.of());
  }
}
