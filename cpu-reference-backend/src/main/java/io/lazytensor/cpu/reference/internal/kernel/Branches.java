package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.DType;
import java.util.List;

/** {@code conditional}: one of several routines, all with the same results. */
public final class Branches implements Kernel {
  private final Location selector;
  private final Branch[] branches;
  private final Location[] results;

  /**
   * What may run.
   *
   * @param routine the computation
   * @param arguments dense
   */
  public record Branch(Routine routine, List<Location> arguments) {
    /** Copies the list. */
    public Branch {
      arguments = List.copyOf(arguments);
    }
  }

  /** Prepares it. */
  public Branches(Location selector, List<Branch> branches, List<Location> results) {
    this.selector = selector;
    this.branches = branches.toArray(Branch[]::new);
    this.results = results.toArray(Location[]::new);
  }

  /** Returns which of a number of branches a selector's lane means. */
  static int chosen(DType dtype, long lane, int count) {
    if (dtype == DType.PRED) {
      return lane != 0 ? 0 : 1;
    }
    return lane < 0 || lane >= count ? count - 1 : (int) lane;
  }

  @Override
  public void run() {
    Branch branch = branches[chosen(selector.dtype(), selector.readScalar(), branches.length)];
    Routine routine = branch.routine();
    for (int i = 0; i < branch.arguments().size(); i++) {
      routine.argument(i, branch.arguments().get(i).memory());
    }
    for (int i = 0; i < results.length; i++) {
      routine.result(i, results[i].memory());
    }
    routine.run();
  }
}
