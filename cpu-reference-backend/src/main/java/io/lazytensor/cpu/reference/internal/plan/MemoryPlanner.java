package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.memory.NativeMemory;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.InputOutputAlias;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Decides where values live: results in buffers of their own or in donated ones, elementwise
 * results over operands that die, everything else at offsets of one block by liveness.
 */
final class MemoryPlanner {
  private static final int END = Integer.MAX_VALUE;

  private final HloInstruction root;
  private final Emitter emitter;
  private List<Step> steps;
  private final List<Value> parameterValues;
  private final List<Place> parameters;
  private final List<Value> outputs;
  private final List<Place> outputPlaces = new ArrayList<>();
  private final int[] aliasedParameter;
  private final int[] outputParameter;
  private final boolean[] donated;
  private final boolean[] unchanged;

  /** Takes arguments and results leaf by leaf; aliases count leaves. */
  MemoryPlanner(
      HloInstruction root,
      Emitter emitter,
      List<Value> parameters,
      List<Value> outputs,
      List<InputOutputAlias> aliases) {
    this.root = root;
    this.emitter = emitter;
    this.steps = new ArrayList<>(emitter.steps());
    this.parameterValues = parameters;
    this.parameters = parameters.stream().map(Value::place).toList();
    this.outputs = outputs;
    this.aliasedParameter = new int[outputs.size()];
    this.outputParameter = new int[outputs.size()];
    this.donated = new boolean[parameters.size()];
    this.unchanged = new boolean[outputs.size()];
    Arrays.fill(aliasedParameter, -1);
    Arrays.fill(outputParameter, -1);
    for (InputOutputAlias alias : aliases) {
      donated[alias.parameter()] = true;
      if (this.parameters.get(alias.parameter()).bytes
          == outputs.get(alias.output()).place().bytes) {
        aliasedParameter[alias.output()] = alias.parameter();
      }
    }
  }

  Program plan(String name) {
    dropUnused();
    placeOutputs();
    measureUses();
    delayDonatingSteps();
    measureUses();
    takeOverDonated();
    shareInPlace();
    long temporaryBytes = layOutTemporaries();
    List<Place> constants = collectConstants();
    long constantBytes = 0;
    for (Place constant : constants) {
      constant.offset = constantBytes;
      constantBytes += NativeMemory.roundUp(constant.bytes);
    }
    return new Program(
        name,
        List.copyOf(steps),
        constants,
        parameterValues.stream().map(Value::shape).toList(),
        outputs.stream().map(Value::shape).toList(),
        outputParameter,
        donated,
        temporaryBytes,
        constantBytes,
        emitter.calledConstantBytes(),
        unchanged);
  }

  /** Drops steps whose results nobody reads: absorbed or unused parts of tuples. */
  private void dropUnused() {
    Set<Place> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    outputs.forEach(v -> needed.add(v.place()));
    List<Step> kept = new ArrayList<>();
    for (Step step : steps.reversed()) {
      if (step.out().stream().anyMatch(v -> needed.contains(v.place()))) {
        step.in().forEach(v -> needed.add(v.place()));
        // A step may go on with what an earlier one left in its outputs.
        step.out().forEach(v -> needed.add(v.place()));
        kept.add(step);
      }
    }
    Collections.reverse(kept);
    steps = kept;
  }

  /** Gives every result a place: the one it is computed in where possible, else a copy. */
  private void placeOutputs() {
    for (int j = 0; j < outputs.size(); j++) {
      Value value = outputs.get(j);
      Place place = value.place();
      int parameter = aliasedParameter[j];
      if (place.kind == Place.Kind.PARAMETER && place.index == parameter && value.isWhole()) {
        outputParameter[j] = parameter;
        unchanged[j] = true;
        outputPlaces.add(place);
      } else if (place.kind == Place.Kind.TEMPORARY && value.isWhole()) {
        place.kind = Place.Kind.OUTPUT;
        place.index = j;
        outputPlaces.add(place);
      } else {
        Place own = Place.output(j, value.shape().byteSize());
        Value copy = Value.dense(own, value.shape());
        steps.add(new Step(root, List.of(value), List.of(copy), false, Emitter::bindCopy));
        outputPlaces.add(own);
      }
    }
  }

  private void measureUses() {
    for (int s = 0; s < steps.size(); s++) {
      for (Value value : steps.get(s).in()) {
        value.place().firstWrite = -1;
        value.place().lastUse = -1;
      }
      for (Value value : steps.get(s).out()) {
        value.place().firstWrite = -1;
        value.place().lastUse = -1;
      }
    }
    for (int s = 0; s < steps.size(); s++) {
      for (Value value : steps.get(s).in()) {
        value.place().lastUse = s;
      }
      for (Value value : steps.get(s).out()) {
        Place place = value.place();
        place.firstWrite = place.firstWrite < 0 ? s : place.firstWrite;
        place.lastUse = s;
      }
    }
    // The last use of a result's place by a step matters for donation; then it lives to the end.
  }

  /**
   * Moves a step that writes a result over a donated argument behind the last reader of that
   * argument, if nothing but the caller waits for the result.
   */
  private void delayDonatingSteps() {
    boolean[] delayed = new boolean[steps.size()];
    for (int j = 0; j < outputs.size(); j++) {
      int p = aliasedParameter[j];
      Place place = outputPlaces.get(j);
      if (p >= 0
          && place.kind == Place.Kind.OUTPUT
          && place.firstWrite == place.lastUse
          && place.firstWrite >= 0
          && parameters.get(p).lastUse > place.firstWrite
          && steps.get(place.firstWrite).out().size() == 1) {
        delayed[place.firstWrite] = true;
      }
    }
    List<Step> order = new ArrayList<>(steps.size());
    List<Step> last = new ArrayList<>();
    for (int s = 0; s < delayed.length; s++) {
      (delayed[s] ? last : order).add(steps.get(s));
    }
    order.addAll(last);
    steps = order;
  }

  /** Puts results into donated arguments that nobody reads any more when they are written. */
  private void takeOverDonated() {
    Set<Place> taken = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int j = 0; j < outputs.size(); j++) {
      int p = aliasedParameter[j];
      Place place = outputPlaces.get(j);
      if (p < 0 || place.kind != Place.Kind.OUTPUT || place.index != j) {
        continue;
      }
      Place parameter = parameters.get(p);
      boolean free =
          place.firstWrite < 0
              || parameter.lastUse < place.firstWrite
              || (parameter.lastUse == place.firstWrite
                  && mayOverwrite(steps.get(place.firstWrite), parameter, place));
      if (free && taken.add(parameter)) {
        place.sharedWith = parameter;
        outputParameter[j] = p;
      }
    }
    for (Place place : outputPlaces) {
      place.lastUse = END;
      place.root().lastUse = END;
    }
  }

  /** Lets elementwise results overwrite temporaries that die in the same step. */
  private void shareInPlace() {
    for (int s = 0; s < steps.size(); s++) {
      Step step = steps.get(s);
      for (Value out : step.out()) {
        Place target = out.place();
        if (target.firstWrite != s || target.sharedWith != null || !out.isWhole()) {
          continue;
        }
        for (Value in : step.in()) {
          Place source = in.place().root();
          if (source.kind == Place.Kind.TEMPORARY
              && source != target
              && source.lastUse == s
              && NativeMemory.roundUp(source.bytes) == NativeMemory.roundUp(target.bytes)
              && mayOverwrite(step, source, target)) {
            share(target, source);
            break;
          }
        }
      }
    }
  }

  private static void share(Place target, Place source) {
    if (target.kind == Place.Kind.TEMPORARY) {
      target.sharedWith = source;
      source.lastUse = Math.max(source.lastUse, target.lastUse);
    } else {
      source.sharedWith = target;
      target.firstWrite = Math.min(target.firstWrite, source.firstWrite);
    }
  }

  /** Returns whether a step reads a place only element by element as it writes its own. */
  private static boolean mayOverwrite(Step step, Place source, Place target) {
    if (!step.inPlace()) {
      return false;
    }
    for (Value in : step.in()) {
      boolean fits =
          in.isDense()
              && in.offset() == 0
              && in.elementCount() * in.dtype().byteSize() == target.bytes;
      if (in.place().root() == source.root() && !fits) {
        return false;
      }
    }
    return true;
  }

  /** Assigns offsets: first fit among the temporaries alive at the same time. */
  private long layOutTemporaries() {
    Set<Place> places = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Step step : steps) {
      for (Value out : step.out()) {
        Place root = out.place().root();
        if (root.kind == Place.Kind.TEMPORARY) {
          places.add(root);
        }
      }
    }
    List<Place> order = new ArrayList<>(places);
    order.sort(Comparator.comparingInt(p -> p.firstWrite));
    List<Place> alive = new ArrayList<>();
    long end = 0;
    for (Place place : order) {
      alive.removeIf(other -> other.lastUse < place.firstWrite);
      long at = 0;
      int position = 0;
      long size = NativeMemory.roundUp(place.bytes);
      while (position < alive.size() && alive.get(position).offset - at < size) {
        Place other = alive.get(position++);
        at = Math.max(at, other.offset + NativeMemory.roundUp(other.bytes));
      }
      place.offset = at;
      alive.add(position, place);
      end = Math.max(end, at + size);
    }
    return end;
  }

  private List<Place> collectConstants() {
    Set<Place> constants = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Place> order = new ArrayList<>();
    for (Step step : steps) {
      for (Value in : step.in()) {
        if (in.place().kind == Place.Kind.CONSTANT && constants.add(in.place())) {
          order.add(in.place());
        }
      }
    }
    return order;
  }
}
