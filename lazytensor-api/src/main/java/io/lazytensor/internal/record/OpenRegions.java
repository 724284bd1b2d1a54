package io.lazytensor.internal.record;

import io.lazytensor.RecordingException;
import io.lazytensor.internal.run.Slot;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The regions a recording is in: checkpoints, scans, custom gradients. What a region is follows
 * from the calls at its ends; here is only what the recorder has to do differently in between.
 */
public final class OpenRegions {
  private enum Kind {
    CHECKPOINT,
    SCAN,
    GRADIENT
  }

  /** One open region; of a scan also the offset of its streams and where they start. */
  private record Open(Kind kind, @Nullable HloInstruction offset, int stream, int length) {}

  private final Recorder recorder;
  private final List<Open> open = new ArrayList<>();
  private final Map<Slot, HloInstruction> substitutes = new IdentityHashMap<>();
  private int scans;

  OpenRegions(Recorder recorder) {
    this.recorder = recorder;
  }

  // Most recordings have no regions, and clearing an empty identity map is not free.
  void clear() {
    if (!open.isEmpty()) {
      open.clear();
      scans = 0;
    }
    if (!substitutes.isEmpty()) {
      substitutes.clear();
    }
  }

  /** Returns a mark to go back to if a region's function throws. */
  public int depth() {
    return open.size();
  }

  /** Leaves the regions opened since a mark: their function threw. */
  public void abandon(int depth) {
    while (open.size() > depth) {
      pop();
    }
  }

  private Open pop() {
    Open last = open.removeLast();
    scans -= last.kind() == Kind.SCAN ? 1 : 0;
    return last;
  }

  // ---- checkpoints ------------------------------------------------------------------------------

  /** Begins a region whose values gradients compute again. */
  public void beginCheckpoint() {
    recorder.begin();
    recorder.recordMany(Regions.BEGIN_CHECKPOINT, 0, null);
    open.add(new Open(Kind.CHECKPOINT, null, 0, 0));
  }

  /** Ends the region and returns its results. */
  public HloInstruction[] endCheckpoint(List<? extends Handle> results) {
    recorder.begin();
    results.forEach(recorder::operand);
    pop();
    return recorder.recordMany(Regions.END_CHECKPOINT, 0, null);
  }

  // ---- scans ------------------------------------------------------------------------------------

  /**
   * Begins one iteration of a scan.
   *
   * @return what the iteration gets: carries, then slices
   */
  public List<HloInstruction> beginScan(
      List<? extends Handle> initial, List<? extends Handle> arrays, int length, boolean reverse) {
    recorder.begin();
    initial.forEach(recorder::operand);
    arrays.forEach(recorder::operand);
    HloInstruction[] made =
        recorder.recordMany(
            Regions.BEGIN_SCAN, 0, new Regions.ScanSpec(initial.size(), length, reverse));
    open.add(new Open(Kind.SCAN, made[1], recorder.stream, length));
    scans++;
    return List.of(made).subList(2, made.length);
  }

  /** Ends the scan and returns the last carries and the stacked outputs. */
  public HloInstruction[] endScan(List<? extends Handle> next, List<? extends Handle> outputs) {
    recorder.begin();
    next.forEach(recorder::operand);
    outputs.forEach(recorder::operand);
    Open scan = pop();
    int streams = recorder.stream - scan.stream();
    recorder.stream = scan.stream() + streams * scan.length();
    return recorder.recordMany(Regions.END_SCAN, streams, null);
  }

  /** Returns the key of random numbers where the recording is. */
  HloInstruction key(HloInstruction key) {
    if (scans == 0) {
      return key;
    }
    HloInstruction out = key;
    for (Open region : open) {
      HloInstruction offset = region.offset();
      if (offset != null) {
        out = recorder.recordNodes(Regions.SCAN_KEY, out, offset, null, 0, null);
      }
    }
    return out;
  }

  void refuseInScan(String what) {
    if (scans > 0) {
      throw Regions.notInScan(what);
    }
  }

  void refuseCut() {
    if (!open.isEmpty()) {
      throw new RecordingException(
          "markStep() is called inside of a %s at %s. Cut after it."
              .formatted(
                  switch (open.getLast().kind()) {
                    case CHECKPOINT -> "checkpoint";
                    case SCAN -> "scan";
                    case GRADIENT -> "custom gradient";
                  },
                  UserLine.capture()));
    }
  }

  /** Lets a slot's tensor stand for a slice until its place is taken back. */
  public Handle substitute(Handle handle, Handle by) {
    HloInstruction slice = recorder.node(by);
    Handle before = handle.current;
    Slot slot = handle.slot();
    if (slot == null) {
      throw new AssertionError("only what lives on a device is stacked");
    }
    substitutes.put(slot, slice);
    handle.current = new Bound(recorder, slice, -1);
    return before;
  }

  /** Lets a slot's tensor stand for what it stood for before. */
  public void restore(Handle handle, Handle before) {
    substitutes.remove(handle.slot());
    handle.current = before;
  }

  @Nullable HloInstruction substitute(Slot slot) {
    return substitutes.isEmpty() ? null : substitutes.get(slot);
  }

  // ---- custom gradients -------------------------------------------------------------------------

  /** Begins the recording of a gradient and returns what stands for the output's. */
  public HloInstruction beginGradient(Handle output) {
    HloInstruction node = recorder.node(output);
    HloInstruction made = recorder.recordNodes(Regions.BEGIN_GRADIENT, node, null, null, 0, null);
    open.add(new Open(Kind.GRADIENT, null, 0, 0));
    return made;
  }

  /** Ends the recording of a gradient and returns the output that has it. */
  public HloInstruction endGradient(
      Handle output, List<? extends Handle> inputs, List<? extends Handle> gradients) {
    recorder.begin();
    recorder.operand(output);
    inputs.forEach(recorder::operand);
    gradients.forEach(recorder::operand);
    pop();
    return recorder.recordMany(Regions.END_GRADIENT, inputs.size(), null)[0];
  }
}
