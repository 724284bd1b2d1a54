package io.lazytensor.cli;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.runtime.BackendProvider;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Which backend claims which operation and type, as Markdown, from the providers themselves. */
final class SupportTable {
  /**
   * A column.
   *
   * @param title the device name users write
   * @param provider the provider behind it
   */
  private record Column(String title, String provider) {}

  private static final List<Column> COLUMNS =
      List.of(
          new Column("evaluator", "evaluator"),
          new Column("cpu", "cpu-reference"),
          new Column("pjrt", "pjrt"),
          new Column("neuron", "neuron"));

  private final List<BackendProvider> providers;
  private final StringBuilder out = new StringBuilder();

  private SupportTable(List<BackendProvider> providers) {
    this.providers = providers;
  }

  /** Returns the page {@code docs/support.md}. */
  static String markdown(List<BackendProvider> providers) {
    SupportTable table = new SupportTable(providers);
    table.write();
    return table.out.toString();
  }

  private void write() {
    out.append(
        """
        # Supported operations and types

        Written by `bin/lazytensor doctor --support` from what the backends claim in the code; a test fails
        where this page differs. What a backend does not claim it refuses by name when a graph is compiled:
        nothing falls back in silence.

        * `evaluator`: plain Java, the meaning of every operation. Custom calls run if their target is registered.
        * `cpu`: the device `cpu-reference`, libtorch. It has one device, so collectives run in groups of one.
        * `pjrt`: what may be sent to a plug-in. The plug-in has the last word: older ones lack newer operations, XLA for CPU lacks `ragged-dot`.
        """);
    out.append(
        provider("neuron").isPresent()
            ? "* `neuron`: `neuronx-cc` on Trainium.\n"
            : "* `neuron`: no backend yet.\n");
    out.append("\n## Operations\n\n");
    header("opcode");
    for (HloOpcode opcode : HloOpcode.values()) {
      row(opcode.hloName(), provider -> provider.opcodes().contains(opcode));
    }
    out.append("\n## Element types\n\n");
    header("type");
    for (DType type : DType.values()) {
      row(type.hloName(), provider -> provider.types().contains(type));
    }
  }

  private Optional<BackendProvider> provider(String name) {
    return providers.stream().filter(provider -> provider.name().equals(name)).findFirst();
  }

  private void header(String first) {
    out.append("| ").append(first).append(" |");
    COLUMNS.forEach(column -> out.append(' ').append(column.title()).append(" |"));
    out.append("\n|---|").append(":-:|".repeat(COLUMNS.size())).append('\n');
  }

  private void row(String name, Predicate<BackendProvider> claims) {
    out.append("| `").append(name).append("` |");
    for (Column column : COLUMNS) {
      boolean claimed = provider(column.provider()).map(claims::test).orElse(false);
      out.append(claimed ? " yes |" : " – |");
    }
    out.append('\n');
  }
}
