package io.lazytensor.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The page {@code docs/pytorch-names.md}: which name of ours stands for which of PyTorch's.
 *
 * <p>A declaration's documentation says {@code PyTorch: {@code name}} where the name is not the one
 * that the rule gives: {@code logSoftmax} is {@code log_softmax}, {@code mse} is {@code mse_loss},
 * {@code zeros} of an initializer is {@code zeros_}, {@code linear} of a schedule is {@code
 * LinearLR}. What neither says nor rules is listed as ours alone.
 */
final class PyTorchNames {
  /**
   * A part of the page.
   *
   * @param title the heading
   * @param prefix what is written before our names
   * @param files a pattern of source files
   * @param classes whether classes are listed, otherwise methods
   * @param parts PyTorch's parts that are looked in
   */
  private record Section(
      String title, String prefix, String files, boolean classes, List<String> parts) {}

  private static final List<Section> SECTIONS =
      List.of(
          new Section(
              "Methods of tensors",
              "x.",
              "(Math|Arithmetic|Comparison|Reduction|Order|Shape|Index|Product)Methods|Tensor",
              false,
              List.of("torch.Tensor", "torch")),
          new Section("New tensors", "device.", "TensorFactory", false, List.of("torch")),
          new Section(
              "Functions",
              "F.",
              "nn/(\\w+Functions|F)",
              false,
              List.of("torch.nn.functional", "torch", "torch.Tensor")),
          new Section(
              "Layers", "", "nn/(?!\\w+Functions|Activation\\.)\\w+", true, List.of("torch.nn")),
          new Section(
              "Activations as layers", "Activation.", "nn/Activation", true, List.of("torch.nn")),
          new Section(
              "First values", "Initializer.", "nn/Initializer", false, List.of("torch.nn.init")),
          new Section("Optimizers", "", "optim/\\w+", true, List.of("torch.optim")),
          new Section(
              "Schedules",
              "Schedules.",
              "optim/Schedules",
              false,
              List.of("torch.optim.lr_scheduler")));

  private final Map<String, Set<String>> pytorch;
  private final Path sources;
  private final Set<String> here = new TreeSet<>();
  private final List<String> unknown = new ArrayList<>();
  private final StringBuilder out = new StringBuilder();

  private PyTorchNames(Path sources) {
    this.sources = sources;
    this.pytorch = known();
  }

  /**
   * The page and what is wrong with it.
   *
   * @param markdown the page
   * @param unknown names the documentation says and PyTorch does not have
   */
  record Page(String markdown, List<String> unknown) {}

  /** Reads the sources of lazytensor-api and returns the page. */
  static Page of(Path sources) {
    PyTorchNames names = new PyTorchNames(sources);
    names.out.append(
        """
        # PyTorch's names and ours

        Written by a test of the module `cli` (`PyTorchNamesTest`, with `-Dlazytensor.write=true`) from the documentation in the code.
        A name in camel case stands for PyTorch's in snake case with the same meaning and the same defaults; where the name differs, the documentation of the method says so.
        """);
    SECTIONS.forEach(names::section);
    names.missing();
    return new Page(names.out.toString(), names.unknown);
  }

  private void section(Section section) {
    Map<String, Set<String>> rows = new TreeMap<>();
    Set<String> alone = new TreeSet<>();
    List<Declaration> declarations = declarations(section);
    // What one method of several says holds for those that say nothing.
    Set<String> named =
        declarations.stream()
            .filter(d -> !d.pytorch().isEmpty())
            .map(Declaration::name)
            .collect(Collectors.toSet());
    for (Declaration declaration : declarations) {
      if (declaration.pytorch().isEmpty() && named.contains(declaration.name())) {
        continue;
      }
      List<String> theirs = theirs(section, declaration);
      String ours = "`" + section.prefix() + declaration.name() + "`";
      if (theirs.isEmpty()) {
        alone.add(ours);
      }
      theirs.forEach(name -> rows.computeIfAbsent(name, n -> new TreeSet<>()).add(ours));
    }
    rows.values().forEach(alone::removeAll);
    out.append("\n## ").append(section.title()).append("\n\n| PyTorch | here |\n|---|---|\n");
    rows.forEach((theirs, ours) ->
        out.append(
            "| `%s` | %s |\n".formatted(theirs.replace("|", "\\|"), String.join(", ", ours))));
    if (!alone.isEmpty()) {
      out.append("\nOnly here: ").append(String.join(", ", alone)).append(".\n");
    }
    rows.keySet().forEach(name -> here.add(name.substring(name.lastIndexOf('.') + 1)));
  }

  private void missing() {
    out.append("\n## Not here\n");
    pytorch.forEach((part, names) -> {
      Set<String> missing = new TreeSet<>(names);
      missing.removeAll(here);
      if (!part.equals("torch") && !part.equals("other") && !missing.isEmpty()) {
        String list = missing.stream().map(n -> "`" + n + "`").collect(Collectors.joining(", "));
        out.append("\nOf `%s`: %s.\n".formatted(part, list));
      }
    });
  }

  private Set<String> names(String part) {
    return pytorch.getOrDefault(part, Set.of());
  }

  private List<String> theirs(Section section, Declaration declaration) {
    if (!declaration.pytorch().isEmpty()) {
      for (String name : declaration.pytorch()) {
        boolean identifier = name.matches("[A-Za-z]\\w*(\\.\\w+)*");
        if (identifier && !isKnown(name)) {
          unknown.add(declaration + " says PyTorch: " + name);
        }
      }
      return declaration.pytorch();
    }
    String own = declaration.name();
    for (String candidate : List.of(own, own + "loss", own + "lr")) {
      for (String part : section.parts()) {
        for (String name : names(part)) {
          if (name.replace("_", "").equalsIgnoreCase(candidate)) {
            return List.of(name);
          }
        }
      }
    }
    return List.of();
  }

  /** Names with a module that the list does not hold are believed. */
  private boolean isKnown(String name) {
    int dot = name.lastIndexOf('.');
    if (dot < 0) {
      return pytorch.values().stream().anyMatch(names -> names.contains(name))
          || names("other").contains(name);
    }
    String module = "torch." + name.substring(0, dot).replaceFirst("^torch\\.", "");
    return pytorch.containsKey(module + "." + name.substring(dot + 1))
        || !pytorch.containsKey(module)
        || names(module).contains(name.substring(dot + 1));
  }

  private List<Declaration> declarations(Section section) {
    try (Stream<Path> files = Files.walk(sources)) {
      List<Declaration> found = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        String name = sources.relativize(file).toString().replace('\\', '/');
        if (name.matches("(" + section.files() + ")\\.java")) {
          found.addAll(Declaration.of(Files.readString(file), section.classes()));
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Set<String>> known() {
    Map<String, Set<String>> known = new TreeMap<>();
    try (InputStream in = PyTorchNames.class.getResourceAsStream("pytorch-names.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(l -> !l.startsWith("#")).toList()) {
        int space = line.indexOf(' ');
        known
            .computeIfAbsent(line.substring(0, space), part -> new TreeSet<>())
            .add(line.substring(space + 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return known;
  }
}
