package io.lazytensor.internal.record;

import io.lazytensor.RecordingException;
import io.lazytensor.internal.run.CutListener;
import io.lazytensor.internal.run.Data;
import io.lazytensor.internal.run.HostResult;
import io.lazytensor.internal.run.Slot;
import io.lazytensor.internal.run.StoredSlot;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Metadata;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records one thread's calls for one device: a walk in a trie of calls.
 *
 * <p>A call that equals the one taken last time returns the nodes of that time. Any other is
 * lowered, and becomes a child only once that succeeded. The trie never decides what a graph is: a
 * recording's graph is a function of its calls, and {@link RecordMode} can do without it.
 */
public final class Recorder {
  private final DeviceContext context;
  private final Thread thread;
  private final RecordMode mode;
  private final int callLimit;
  private final Trie trie;
  final Recording recording = new Recording();
  private final Cutter cutter;
  private final Backward backward = new Backward(this);
  private final PartsCache parts = new PartsCache();
  private final OpenRegions regions = new OpenRegions(this);

  /** The number of this recording; handles of other ones are refused. */
  int epoch = 1;

  private Root root;
  private Call at;
  private @Nullable HloInstruction[] scratch = new HloInstruction[64];
  private int scratchCount;
  private boolean inStep;
  private boolean training = true;
  private DType compute = DType.F32;
  private @Nullable DType autocast;
  int stream;
  private @Nullable Call missed;
  private @Nullable Call missedAgainst;
  private long opened = System.nanoTime();

  Recorder(DeviceContext context, Thread thread) {
    this.context = context;
    this.thread = thread;
    this.mode = context.mode();
    this.callLimit = context.limits().calls();
    Root.Key outside = new Root.Key("", true, DType.F32);
    this.trie = new Trie(context.limits().positions(), outside);
    this.root = trie.root("", true, DType.F32);
    this.at = root.start;
    this.cutter = new Cutter(context);
  }

  /** Returns whether the calling thread is the one that records here. */
  public boolean isCurrentThread() {
    return thread == Thread.currentThread();
  }

  boolean isAlive() {
    return thread.isAlive();
  }

  /** Returns the device this records for. */
  public DeviceContext context() {
    return context;
  }

  /** Returns whether layers behave as in training. */
  public boolean training() {
    return training;
  }

  /** Runs with layers in training or evaluation mode. */
  public <T> T withTraining(boolean value, Supplier<T> body) {
    boolean before = training;
    training = value;
    try {
      return body.get();
    } finally {
      training = before;
    }
  }

  /** Returns the type of matrix products. */
  public DType compute() {
    return compute;
  }

  /**
   * Runs with matrix products in a type. Both ends are calls, so that lowering may depend on them.
   *
   * @param type {@code F32} casts what has a smaller type
   */
  public <T> T withCompute(DType type, Supplier<T> body) {
    DType computeBefore = compute;
    DType castBefore = autocast;
    recordCall(SlotCalls.PRECISION, null, null, null, type.ordinal(), null);
    compute = type;
    autocast = type;
    try {
      return body.get();
    } finally {
      compute = computeBefore;
      autocast = castBefore;
      int back = castBefore == null ? -1 : castBefore.ordinal();
      recordCall(SlotCalls.PRECISION, null, null, null, back, null);
    }
  }

  /** Returns the regions that are open. */
  public OpenRegions regions() {
    return regions;
  }

  // ---- calls ------------------------------------------------------------------------------------

  /** Records a call with one operand and returns its result. */
  public HloInstruction record(CallKind kind, Handle a, long literal, @Nullable Object attribute) {
    HloInstruction x = node(a);
    return recordNodes(kind, x, null, null, literal, attribute);
  }

  /** Records a call with two operands and returns its result. */
  public HloInstruction record(
      CallKind kind, Handle a, Handle b, long literal, @Nullable Object attribute) {
    HloInstruction x = node(a);
    HloInstruction y = node(b);
    return recordNodes(kind, x, y, null, literal, attribute);
  }

  /** Records a call with three operands and returns its result. */
  public HloInstruction record(
      CallKind kind, Handle a, Handle b, Handle c, long literal, @Nullable Object attribute) {
    HloInstruction x = node(a);
    HloInstruction y = node(b);
    HloInstruction z = node(c);
    return recordNodes(kind, x, y, z, literal, attribute);
  }

  /** Records a call of this recording's nodes and returns its result. */
  public HloInstruction recordNodes(
      CallKind kind,
      @Nullable HloInstruction x,
      @Nullable HloInstruction y,
      @Nullable HloInstruction z,
      long literal,
      @Nullable Object attribute) {
    return recordCall(kind, x, y, z, literal, attribute).result();
  }

  private Call recordCall(
      CallKind kind,
      @Nullable HloInstruction x,
      @Nullable HloInstruction y,
      @Nullable HloInstruction z,
      long literal,
      @Nullable Object attribute) {
    Call next = at.last;
    if (next != null
        && next.same(kind, x, y, z, literal, attribute)
        && mode != RecordMode.COMPARE) {
      at = next;
      return next;
    }
    return missed(kind, x, y, z, literal, attribute);
  }

  private Call missed(
      CallKind kind,
      @Nullable HloInstruction x,
      @Nullable HloInstruction y,
      @Nullable HloInstruction z,
      long literal,
      @Nullable Object attribute) {
    if (at.last != null && at.last.same(kind, x, y, z, literal, attribute)) {
      return again(at.last);
    }
    if (at.others != null) {
      for (Call other : at.others) {
        if (other.same(kind, x, y, z, literal, attribute)) {
          return again(other);
        }
      }
    }
    return lowered(kind, x, y, z, Call.NONE, literal, attribute);
  }

  /** Starts a call with any number of operands. */
  public void begin() {
    scratchCount = 0;
  }

  /** Adds an operand to the call being prepared. */
  public void operand(Handle handle) {
    operand(node(handle));
  }

  /** Adds an operand to the call being prepared. */
  public void operand(HloInstruction operand) {
    if (scratchCount == scratch.length) {
      scratch = Arrays.copyOf(scratch, 2 * scratchCount);
    }
    scratch[scratchCount++] = operand;
  }

  /** Records the call that was prepared and returns its results, which the caller only reads. */
  public HloInstruction[] recordMany(CallKind kind, long literal, @Nullable Object attribute) {
    Call next = at.last;
    if (next != null
        && next.sameMany(kind, scratch, scratchCount, literal, attribute)
        && mode != RecordMode.COMPARE) {
      at = next;
      return next.results;
    }
    return missedMany(kind, literal, attribute).results;
  }

  private Call missedMany(CallKind kind, long literal, @Nullable Object attribute) {
    if (at.last != null && at.last.sameMany(kind, scratch, scratchCount, literal, attribute)) {
      return again(at.last);
    }
    if (at.others != null) {
      for (Call other : at.others) {
        if (other.sameMany(kind, scratch, scratchCount, literal, attribute)) {
          return again(other);
        }
      }
    }
    HloInstruction[] operands = new HloInstruction[scratchCount];
    System.arraycopy(scratch, 0, operands, 0, scratchCount);
    return lowered(kind, null, null, null, operands, literal, attribute);
  }

  private Call again(Call known) {
    if (mode == RecordMode.COMPARE) {
      Comparison.requireSame(known);
    }
    return taken(known);
  }

  private Call taken(Call known) {
    if (at.last != known) {
      trie.prefer(at, known);
    }
    at = known;
    return known;
  }

  private Call lowered(
      CallKind kind,
      @Nullable HloInstruction x,
      @Nullable HloInstruction y,
      @Nullable HloInstruction z,
      HloInstruction[] operands,
      long literal,
      @Nullable Object attribute) {
    Object own = attribute instanceof int[] values ? values.clone() : attribute;
    Call call =
        new Call(kind, x, y, z, operands, literal, own, UserLine.capture(), at.depth + 1)
            .at(at, autocast);
    if (call.depth > callLimit) {
      throw Refusals.tooManyCalls(this, call, callLimit);
    }
    HloBuilder builder = new HloBuilder(new Metadata(kind.name(), call.source()));
    try {
      call.results = kind.lowerMany(builder, call);
    } catch (io.lazytensor.xla.ir.ShapeException e) {
      throw Refusals.shapes(this, call, e);
    }
    if (missed == null) {
      missed = call;
      missedAgainst = at.last;
    }
    follow(call);
    return call;
  }

  private void follow(Call fresh) {
    if (mode != RecordMode.PLAIN) {
      trie.link(at, fresh);
    }
    at = fresh;
  }

  // ---- slots ------------------------------------------------------------------------------------

  /** Returns the node a tensor stands for; reads its slot if this is the first use. */
  HloInstruction node(Handle handle) {
    Handle current = handle.current;
    if (current.recorder == this && current.epoch == epoch) {
      return current.node;
    }
    return read(handle).node;
  }

  private Bound read(Handle handle) {
    Slot slot = handle.slot();
    if (slot == null) {
      throw Refusals.handle(this, handle);
    }
    if (handle.context() != context) {
      throw Refusals.otherDevice(this, slot, handle.context());
    }
    Bound bound = read(slot);
    handle.current = bound;
    return bound;
  }

  /** Returns what a slot stands for in this recording; reads it if this is the first use. */
  Bound read(Slot slot) {
    int ordinal = recording.count();
    if (ordinal == 0) {
      context.runtime().checkOpen();
    }
    HloInstruction substitute = regions.substitute(slot);
    if (substitute != null) {
      return new Bound(this, substitute, -1);
    }
    if (context.isShared()) {
      // Another thread may have used the tensor in between, and its handle forgot our binding.
      int known = recording.indexOf(slot);
      if (known >= 0) {
        return new Bound(this, recording.node(known), known);
      }
      Refusals.requireNoOtherWriter(this, slot);
    }
    if (slot instanceof StoredSlot stored && stored.group() instanceof SlotGroup group) {
      int base = group.base(this);
      if (base >= 0) {
        int known = base + stored.indexInGroup();
        return new Bound(this, recording.node(known), known);
      }
      group.readIndividually(this);
    }
    HloInstruction node =
        recordNodes(
            SlotCalls.READ, null, null, null, ((long) ordinal << 8) | slot.roleKey(), slot.shape());
    Bound bound = new Bound(this, node, ordinal);
    recording.bind(slot, node);
    return bound;
  }

  /** Returns what a slot's tensor stands for now. */
  Bound bound(Handle handle) {
    Handle current = handle.current;
    if (current instanceof Bound bound && bound.recorder == this && bound.epoch == epoch) {
      return bound;
    }
    return read(handle);
  }

  /** Records that a slot has another value from here on. */
  public void assign(Handle target, Handle value) {
    regions.refuseInScan("a parameter or state is assigned");
    HloInstruction from = node(value);
    Bound bound = bound(target);
    HloInstruction node =
        recordNodes(SlotCalls.ASSIGN, bound.node, from, null, bound.ordinal, null);
    assigned(target, bound, node);
  }

  /** Records that a slot takes a result of the call just recorded, which stops gradients. */
  public void assignResult(Handle target, HloInstruction result) {
    regions.refuseInScan("a parameter or state is assigned");
    assigned(target, bound(target), result);
  }

  private void assigned(Handle target, Bound bound, HloInstruction node) {
    Bound next = new Bound(this, node, bound.ordinal);
    recording.assign(next.ordinal, node, this);
    target.current = next;
  }

  /** Adds a group's slots as operands of the call being prepared. */
  public void operands(SlotGroup group) {
    int base = base(group);
    if (base < 0) {
      for (Handle handle : group.handles) {
        operand(handle);
      }
      return;
    }
    for (int i = 0; i < group.slots.length; i++) {
      operand(recording.node(base + i));
    }
  }

  /** Returns where a group is bound; -1 if its slots have to be treated one by one. */
  private int base(SlotGroup group) {
    int known = group.base(this);
    // Threads that share slots, and programs that look at one of them, go the long way.
    if (known >= 0 || context.isShared() || group.isReadIndividually(this)) {
      return known;
    }
    int base = recording.count();
    Call read = recordCall(SlotCalls.READ_ALL, null, null, null, base, group.shapes);
    recording.bind(group.slots, read.results);
    group.readAt(this, base);
    return base;
  }

  /** Records that a group's slots take some of the results of the call just recorded. */
  public void assignResults(SlotGroup group, HloInstruction[] results, int from) {
    regions.refuseInScan("a parameter or state is assigned");
    int base = group.base(this);
    for (int i = 0; i < group.slots.length; i++) {
      if (base < 0) {
        assignResult(group.handles.get(i), results[from + i]);
      } else {
        recording.assign(base + i, results[from + i], this);
      }
    }
  }

  /** Returns this recording's random key, {@code u32[2]}. */
  public HloInstruction randomKey() {
    return regions.key(read(cutter.key()).node);
  }

  /** Returns the number of the next stream of random numbers of this recording. */
  public int nextStream() {
    return stream++;
  }

  /** Returns what was computed from an object the first time: models find parts by reflection. */
  public <O, P> P partsOf(O owner, Function<? super O, P> compute) {
    return parts.get(owner, compute);
  }

  // ---- results ----------------------------------------------------------------------------------

  /** Asks for a value on the host. */
  public HostResult fetch(Handle handle) {
    regions.refuseInScan("a value is fetched");
    HloInstruction x = node(handle);
    HloInstruction node = recordNodes(SlotCalls.FETCH, x, null, null, 0, null);
    HostResult result = new HostResult(node.arrayShape());
    recording.ask(node, result);
    return result;
  }

  /** Asks for a value to stay on the device. */
  public Data keep(Handle handle) {
    regions.refuseInScan("a value is kept");
    HloInstruction x = node(handle);
    HloInstruction node = recordNodes(SlotCalls.KEEP, x, null, null, 0, null);
    Data data = new Data();
    recording.ask(node, data);
    return data;
  }

  /** Tells a listener once this recording is cut. */
  public void afterCut(CutListener listener) {
    recording.afterCut(listener);
  }

  /** Records the gradients of a scalar; an unused tensor's is null. */
  public @Nullable HloInstruction[] gradients(Handle loss, List<? extends Handle> parameters) {
    return backward.gradients(loss, parameters);
  }

  /** Records the gradients of a scalar and adds them to those of every parameter read so far. */
  public void backward(Handle loss) {
    regions.refuseInScan("backward() is called");
    backward.accumulate(loss);
  }

  /** As {@link #backward(Handle)}, for these parameters only. */
  public void backward(Handle loss, List<? extends Handle> parameters) {
    regions.refuseInScan("backward() is called");
    backward.accumulate(loss, parameters);
  }

  /** Returns whether {@code backward} left a gradient for a parameter. */
  public boolean hasGradient(Handle parameter) {
    regions.refuseInScan("an optimizer steps");
    return backward.has(parameter);
  }

  /** Takes away the gradient that {@code backward} left for a parameter; null if there is none. */
  public @Nullable HloInstruction takeGradient(Handle parameter) {
    regions.refuseInScan("an optimizer steps");
    return backward.take(parameter);
  }

  // ---- scopes -----------------------------------------------------------------------------------

  /** Starts a step's recording. */
  public void open(String step, boolean trainingMode, DType computeType) {
    context.runtime().checkOpen();
    if (inStep) {
      throw Refusals.nested(step, root);
    }
    if (recording.hasOutputs()) {
      throw new RecordingException(
          "step \"%s\" is opened while something recorded outside of steps is not cut (%s). Call"
                  .formatted(step, at.source())
              + " device.markStep() first, or device.discardPending() to forget it.");
    }
    reset();
    inStep = true;
    training = trainingMode;
    compute = computeType;
    autocast = computeType == DType.F32 ? null : computeType;
    root = trie.root(step, trainingMode, computeType);
    if (root.openedAt.line() < 0) {
      root.openedAt = UserLine.capture();
    }
    at = root.start;
    opened = System.nanoTime();
  }

  /**
   * Ends a step's scope. What was not cut is forgotten.
   *
   * @return how many slots had been assigned and not cut
   */
  public int close() {
    int lost = recording.assignedCount() + recording.gradientCount();
    rollback("its step was closed without markStep()");
    inStep = false;
    training = true;
    compute = DType.F32;
    autocast = null;
    root = trie.root("", true, DType.F32);
    at = root.start;
    return lost;
  }

  /** Forgets what was recorded since the last cut. */
  public void rollback(String why) {
    if (!recording.resultTargets().isEmpty()) {
      recording.failResults(
          new RecordingException("the recording it belongs to was discarded: " + why));
    }
    reset();
  }

  private void reset() {
    epoch++;
    recording.clear();
    stream = 0;
    regions.clear();
    missed = null;
    missedAgainst = null;
    at = root.start;
  }

  /** Returns whether something is assigned that no cut has computed. */
  public boolean hasAssigned() {
    return recording.assignedCount() + recording.gradientCount() > 0;
  }

  /** Returns the number of the recording that is open; it ends with a cut or a rollback. */
  public int number() {
    return epoch;
  }

  /** Returns the scope for messages: {@code step "train" (opened at Train.java:27)}. */
  public String describeScope() {
    return inStep
        ? "step \"" + root.key.step() + "\" (opened at " + root.openedAt + ")"
        : "the recording outside of steps";
  }

  Root root() {
    return root;
  }

  Call latest() {
    return at;
  }

  /** Cuts: hands what was recorded since the last cut to the device. */
  public void markStep() {
    context.runtime().checkOpen();
    regions.refuseCut();
    if (at == root.start) {
      return;
    }
    if (recording.hasOutputs()) {
      Call cut = cutCall();
      CutListener[] listeners = recording.listeners();
      try {
        cutter.run(recording, root, cut, listeners, System.nanoTime() - opened);
      } catch (RuntimeException | Error e) {
        // What was not handed over will never arrive.
        recording.failResults(e);
        throw e;
      } finally {
        cutDone(cut);
      }
      for (CutListener listener : listeners) {
        listener.committed();
      }
    } else {
      reset();
    }
    opened = System.nanoTime();
  }

  private Call cutCall() {
    Call known = at.last != null && at.last.kind() == Cutter.CUT ? at.last : null;
    if (known == null && at.others != null) {
      for (Call other : at.others) {
        known = other.kind() == Cutter.CUT ? other : known;
      }
    }
    if (known != null) {
      if (mode == RecordMode.COMPARE) {
        cutter.requireSame(recording, root, known);
      }
      return taken(known);
    }
    Call cut = cutter.cut(recording, root, at, missed, missedAgainst);
    follow(cut);
    return cut;
  }

  private void cutDone(Call cut) {
    Call first = root.start.last;
    if (root.previousCut != null && first != null) {
      root.previousCut.successor = first;
    }
    root.previousCut = cut;
    trie.recorded();
    reset();
    if (cut.successor != null && cut.successor != root.start.last) {
      trie.prefer(root.start, cut.successor);
    }
  }

  RecordingException ofAnotherThread(Handle handle) {
    return Refusals.otherThread(this, handle);
  }
}
