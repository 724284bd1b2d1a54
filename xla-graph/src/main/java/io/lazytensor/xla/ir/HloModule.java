package io.lazytensor.xla.ir;

import java.util.List;

/**
 * A program for a device.
 *
 * @param name a name for people; never part of equality
 * @param entry the computation that runs; its root may be a tuple
 * @param aliases which outputs take over which arguments
 * @param replicas how many devices run it with data of their own, at least 1
 * @param partitions how many devices share each replica's work, at least 1
 */
public record HloModule(
    String name,
    HloComputation entry,
    List<InputOutputAlias> aliases,
    int replicas,
    int partitions) {
  /** Copies the list. */
  public HloModule {
    aliases = List.copyOf(aliases);
  }

  /** Makes a program for one device. */
  public HloModule(String name, HloComputation entry, List<InputOutputAlias> aliases) {
    this(name, entry, aliases, 1, 1);
  }

  /** Returns the same program for a number of replicas. */
  public HloModule withReplicas(int count) {
    return new HloModule(name, entry, aliases, count, partitions);
  }

  /** Returns the shapes of the arguments. */
  public List<Shape> parameterShapes() {
    return entry.parameters().stream().map(HloInstruction::shape).toList();
  }

  /** Returns the shapes of the results: the elements of a root tuple, or the root alone. */
  public List<Shape> outputShapes() {
    return entry.root().shape() instanceof TupleShape(List<Shape> elements)
        ? elements
        : List.of(entry.root().shape());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HloModule that
        && entry.equals(that.entry)
        && aliases.equals(that.aliases)
        && replicas == that.replicas
        && partitions == that.partitions;
  }

  @Override
  public int hashCode() {
    return entry.hashCode() * 31 + aliases.hashCode();
  }
}
