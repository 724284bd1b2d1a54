package io.lazytensor.cpu.reference.internal.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code while}: the state stays where it is, or moves to and fro between two buffers. */
public final class WhileLoop implements Kernel {
  private final Routine condition;
  private final Routine body;
  private final Location test;
  private final State state;

  /**
   * One array of the state, which holds the initial value before the loop and the last one after.
   *
   * @param home where it is before and after
   * @param spare where the body writes it every other time; null if it writes in place or not at
   *     all
   */
  public record Part(Location home, @Nullable Location spare) {}

  /** Prepares it. */
  public WhileLoop(Routine condition, Routine body, Location test, List<Part> parts) {
    this.condition = condition;
    this.body = body;
    this.test = test;
    this.state = new State(parts, 0, 0);
  }

  @Override
  public void run() {
    state.begin();
    while (holds()) {
      state.bind(body);
      body.run();
      state.turn();
    }
    state.end();
  }

  private boolean holds() {
    for (int i = 0; i < state.size(); i++) {
      condition.argument(i, state.now(i));
    }
    condition.result(0, test.memory());
    condition.run();
    return test.readScalar() != 0;
  }

  /** The arrays a loop hands from one round to the next. */
  static final class State {
    private final Part[] parts;
    private final MemorySegment[] now;
    private final @Nullable MemorySegment[] next;
    private final int firstArgument;
    private final int firstResult;

    State(List<Part> parts, int firstArgument, int firstResult) {
      this.parts = parts.toArray(Part[]::new);
      this.now = new MemorySegment[this.parts.length];
      this.next = new MemorySegment[this.parts.length];
      this.firstArgument = firstArgument;
      this.firstResult = firstResult;
    }

    int size() {
      return parts.length;
    }

    MemorySegment now(int part) {
      return now[part];
    }

    void begin() {
      for (int i = 0; i < parts.length; i++) {
        now[i] = parts[i].home().memory();
        Location spare = parts[i].spare();
        next[i] = spare == null ? null : spare.memory();
      }
    }

    void bind(Routine routine) {
      for (int i = 0; i < parts.length; i++) {
        routine.argument(firstArgument + i, now[i]);
        MemorySegment to = next[i];
        if (to != null) {
          routine.result(firstResult + i, to);
        }
      }
    }

    void turn() {
      for (int i = 0; i < parts.length; i++) {
        MemorySegment to = next[i];
        if (to != null) {
          next[i] = now[i];
          now[i] = to;
        }
      }
    }

    void end() {
      for (int i = 0; i < parts.length; i++) {
        MemorySegment home = parts[i].home().memory();
        if (now[i].address() != home.address()) {
          home.copyFrom(now[i]);
        }
      }
    }
  }
}
