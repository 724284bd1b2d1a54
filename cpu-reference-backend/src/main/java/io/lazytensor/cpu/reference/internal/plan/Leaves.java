package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.plan.Result.TokenResult;
import io.lazytensor.cpu.reference.internal.plan.Result.TupleResult;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Nested tuples as the arrays they are made of, in order. Tokens are none. */
final class Leaves {
  private Leaves() {}

  /** Returns the arrays of a result. */
  static List<Value> of(Result result) {
    List<Value> leaves = new ArrayList<>();
    collect(result, leaves);
    return leaves;
  }

  private static void collect(Result result, List<Value> leaves) {
    switch (result) {
      case Value value -> leaves.add(value);
      case TupleResult(List<Result> elements) -> elements.forEach(e -> collect(e, leaves));
      case TokenResult() -> {
        // It has no array.
      }
    }
  }

  /** Returns the result of a shape that is made of the next arrays. */
  static Result build(Shape shape, Iterator<Value> leaves) {
    return switch (shape) {
      case ArrayShape _ -> leaves.next();
      case TupleShape(List<Shape> elements) ->
          new TupleResult(elements.stream().map(e -> build(e, leaves)).toList());
      case TokenShape() -> new TokenResult();
    };
  }

  /** Returns the shapes of the arrays. */
  static List<ArrayShape> shapes(Shape shape) {
    return switch (shape) {
      case ArrayShape array -> List.of(array);
      case TupleShape(List<Shape> elements) ->
          elements.stream().flatMap(e -> shapes(e).stream()).toList();
      case TokenShape() -> List.of();
    };
  }

  /** Returns a module's aliases by the numbers of leaves. */
  static List<InputOutputAlias> aliases(HloModule module) {
    List<InputOutputAlias> aliases = new ArrayList<>();
    for (InputOutputAlias alias : module.aliases()) {
      boolean arrays =
          module.outputShapes().get(alias.output()) instanceof ArrayShape
              && module.parameterShapes().get(alias.parameter()) instanceof ArrayShape;
      if (arrays) {
        aliases.add(
            new InputOutputAlias(
                before(module.outputShapes(), alias.output()),
                before(module.parameterShapes(), alias.parameter()),
                alias.must()));
      } else if (alias.must()) {
        throw new UnsupportedException(
            "cpu-reference lets no tuple take over an argument's memory; alias arrays: output "
                + alias.output()
                + ", parameter "
                + alias.parameter());
      }
    }
    return aliases;
  }

  private static int before(List<Shape> shapes, int index) {
    return shapes.subList(0, index).stream().mapToInt(s -> shapes(s).size()).sum();
  }
}
