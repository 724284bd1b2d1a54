package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes modules as StableHLO in MLIR's generic form, for compilers that do not take HLO.
 *
 * <p>Tuples become several values: parameters and results of the entry are the leaves of their
 * tuples in order. Donation is {@code tf.aliasing_output}; it is always a permission, also where
 * the module demands it. Functions StableHLO lacks are operations of the dialect {@code chlo}.
 *
 * <p>Source: StableHLO {@code docs/spec.md}, {@code stablehlo/dialect/StablehloOps.td}, {@code
 * ChloOps.td}.
 */
public final class StableHloPrinter {
  private final HloModule module;
  private final StringBuilder out = new StringBuilder();
  private final Map<HloComputation, String> symbols = new IdentityHashMap<>();
  private final Set<String> taken = new HashSet<>(Set.of("main"));
  private final ArrayDeque<HloComputation> open = new ArrayDeque<>();

  private StableHloPrinter(HloModule module) {
    this.module = module;
  }

  /**
   * Returns the text of a module whose entry is the function {@code main}.
   *
   * @throws io.lazytensor.xla.ir.UnsupportedException naming an operation that StableHLO has no
   *     form of, or if computations that are no functions repeat one another too often
   */
  public static String print(HloModule module) {
    return new StableHloPrinter(module).module();
  }

  private String module() {
    out.append("module ").append(MlirText.symbol(HloNames.legal(module.name())));
    out.append(
        " attributes {mhlo.num_partitions = %d : i32, mhlo.num_replicas = %d : i32} {\n"
            .formatted(module.partitions(), module.replicas()));
    function(module.entry(), "public @main", donations());
    while (!open.isEmpty()) {
      HloComputation next = open.remove();
      function(next, "private " + symbol(next), Map.of());
    }
    return out.append("}\n").toString();
  }

  private void function(HloComputation computation, String symbol, Map<Integer, Integer> donated) {
    List<Shape> arguments = new ArrayList<>();
    computation.parameters().forEach(p -> leaves(p.shape(), arguments));
    List<Shape> results = new ArrayList<>();
    leaves(computation.root().shape(), results);
    List<String> signature = new ArrayList<>();
    List<StableHloValue> values = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String name = "%arg" + i;
      values.add(new StableHloValue(name, arguments.get(i)));
      String attribute =
          donated.containsKey(i) ? " {tf.aliasing_output = " + donated.get(i) + " : i32}" : "";
      signature.add(name + ": " + MlirText.type(arguments.get(i)) + attribute);
    }
    out.append("  func.func ").append(symbol).append('(');
    out.append(String.join(", ", signature)).append(") -> ").append(MlirText.types(results));
    out.append(" {\n");
    StableHloBody body = new StableHloBody(out, this::symbol, module);
    body.computation(computation, values, "func.return");
    out.append("  }\n");
  }

  /** Returns the function of a computation, and sees to it that it is written. */
  private String symbol(HloComputation computation) {
    return symbols.computeIfAbsent(
        computation,
        c -> {
          open.add(c);
          String base = HloNames.legal(c.name());
          String name = base;
          for (int i = 1; !taken.add(name); i++) {
            name = base + "." + i;
          }
          return MlirText.symbol(name);
        });
  }

  /** Returns which leaf of the results takes over which leaf of the parameters. */
  private Map<Integer, Integer> donations() {
    return module.aliases().stream()
        .collect(
            Collectors.toMap(
                alias -> offset(module.parameterShapes(), alias.parameter()),
                alias -> offset(module.outputShapes(), alias.output()),
                (first, _) -> first));
  }

  private static int offset(List<Shape> shapes, int index) {
    if (index < 0 || index >= shapes.size() || !(shapes.get(index) instanceof ArrayShape)) {
      throw MlirText.noForm("an alias of " + (index < shapes.size() ? "a tuple" : "nothing"));
    }
    List<Shape> before = new ArrayList<>();
    shapes.subList(0, index).forEach(s -> leaves(s, before));
    return before.size();
  }

  /** Appends the arrays and tokens in a shape. */
  static void leaves(Shape shape, List<Shape> out) {
    switch (shape) {
      case TupleShape(List<Shape> elements) -> elements.forEach(e -> leaves(e, out));
      case ArrayShape array -> out.add(array);
      case TokenShape token -> out.add(token);
    }
  }

  static List<Shape> leaves(Shape shape) {
    List<Shape> out = new ArrayList<>();
    leaves(shape, out);
    return out;
  }
}
