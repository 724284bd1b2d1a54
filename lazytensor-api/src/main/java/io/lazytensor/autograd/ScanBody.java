package io.lazytensor.autograd;

import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.List;

/**
 * One iteration of a scan, in terms of placeholders and of values from outside that are the same in
 * all iterations.
 *
 * @param length how many iterations
 * @param reverse whether the last slice comes first
 * @param backward whether random numbers are those of the last iteration first: the loop follows
 *     another one back
 * @param streams how many streams of random numbers an iteration takes
 * @param index {@code s32[]}, the number of the slice
 * @param offset {@code u32[]}, what is added to the number of a stream of random numbers
 * @param carries what an iteration gets from the one before
 * @param slices what it gets of the arrays
 * @param constants the values from outside it uses
 * @param nextCarries what it hands on
 * @param outputs its own results
 */
public record ScanBody(
    int length,
    boolean reverse,
    boolean backward,
    int streams,
    HloInstruction index,
    HloInstruction offset,
    List<HloInstruction> carries,
    List<HloInstruction> slices,
    List<HloInstruction> constants,
    List<HloInstruction> nextCarries,
    List<HloInstruction> outputs) {
  /** Copies the lists. */
  public ScanBody {
    carries = List.copyOf(carries);
    slices = List.copyOf(slices);
    constants = List.copyOf(constants);
    nextCarries = List.copyOf(nextCarries);
    outputs = List.copyOf(outputs);
  }

  /** Returns everything an iteration computes: carries to hand on, then its own results. */
  List<HloInstruction> roots() {
    List<HloInstruction> out = new ArrayList<>(nextCarries);
    out.addAll(outputs);
    return out;
  }

  /** Returns what is another value in each iteration. */
  List<HloInstruction> placeholders() {
    List<HloInstruction> out = new ArrayList<>(carries);
    out.addAll(slices);
    out.add(index);
    out.add(offset);
    return out;
  }

  /** Returns what an iteration is a function of, in the order of the loop's inputs. */
  List<HloInstruction> inputs() {
    List<HloInstruction> out = new ArrayList<>(carries);
    out.addAll(slices);
    out.addAll(constants);
    return out;
  }

  /** Returns the same iteration with more results. */
  ScanBody withOutputs(List<HloInstruction> more) {
    List<HloInstruction> all = new ArrayList<>(outputs);
    all.addAll(more);
    return with(constants, all);
  }

  /** Returns the same iteration with these values from outside. */
  ScanBody withConstants(List<HloInstruction> used) {
    return with(used, outputs);
  }

  private ScanBody with(List<HloInstruction> used, List<HloInstruction> results) {
    return new ScanBody(
        length,
        reverse,
        backward,
        streams,
        index,
        offset,
        carries,
        slices,
        used,
        nextCarries,
        results);
  }
}
