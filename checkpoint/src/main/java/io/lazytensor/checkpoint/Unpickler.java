package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Bool;
import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Int;
import io.lazytensor.checkpoint.CheckpointValue.None;
import io.lazytensor.checkpoint.CheckpointValue.Real;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle of protocol 2 to 5 as inert values. The names it may contain are those of {@link
 * Constructors}; nothing is looked up, loaded or run.
 */
final class Unpickler {
  static final int MAX_BYTES = 256 << 20;
  private static final int MAX_OPCODES = 8_000_000;
  private static final int MAX_CONTAINERS = 1_000_000;

  private final PickleInput in;
  private final Function<CheckpointValue, CheckpointStorage> storages;
  private final PickleClasses classes;
  private final ArrayList<CheckpointValue> stack = new ArrayList<>();
  private final ArrayList<Integer> marks = new ArrayList<>();
  private final ArrayList<@Nullable CheckpointValue> memo = new ArrayList<>();
  private int opcodes;
  private int containers;
  private int objects;

  /**
   * Creates a reader.
   *
   * @param storages turns a persistent id into the storage it names
   * @param classes what the pickle may contain besides {@link Constructors}
   */
  Unpickler(
      byte[] pickle, Function<CheckpointValue, CheckpointStorage> storages, PickleClasses classes) {
    this.in = new PickleInput(pickle);
    this.storages = storages;
    this.classes = classes;
  }

  /** Returns how many objects of the given classes were read. */
  int objects() {
    return objects;
  }

  /** Reads the one value of the pickle, which ends with it. */
  CheckpointValue read() {
    if (in.u8() != Opcode.PROTO) {
      throw new CheckpointException("the pickle does not start with a protocol number");
    }
    requireProtocol(in.u8());
    int opcode = in.u8();
    while (opcode != Opcode.STOP) {
      if (++opcodes > MAX_OPCODES) {
        throw new CheckpointException("the pickle has more than " + MAX_OPCODES + " steps");
      }
      if (!simple(opcode) && !container(opcode)) {
        step(opcode);
      }
      opcode = in.u8();
    }
    if (stack.size() != 1 || !marks.isEmpty()) {
      throw new CheckpointException(
          "the pickle ends with %d values instead of one".formatted(stack.size()));
    }
    if (in.remaining() > 0) {
      throw new CheckpointException(in.remaining() + " bytes follow the end of the pickle");
    }
    return stack.getFirst();
  }

  private static void requireProtocol(int protocol) {
    if (protocol < 2 || protocol > 5) {
      throw new CheckpointException("the pickle has protocol " + protocol + "; 2 to 5 are read");
    }
  }

  // ---- values -----------------------------------------------------------------------------------

  private boolean simple(int opcode) {
    switch (opcode) {
      case Opcode.NONE -> push(new None());
      case Opcode.NEWTRUE -> push(new Bool(true));
      case Opcode.NEWFALSE -> push(new Bool(false));
      case Opcode.BININT -> push(integer(in.i32()));
      case Opcode.BININT1 -> push(integer(in.u8()));
      case Opcode.BININT2 -> push(integer(in.u16()));
      case Opcode.LONG1 -> push(new Int(in.integer(in.u8())));
      case Opcode.LONG4 -> push(new Int(in.integer(in.length())));
      case Opcode.BINFLOAT -> push(new Real(in.bigEndianDouble()));
      case Opcode.BINUNICODE -> push(new Text(in.utf8(in.length())));
      case Opcode.SHORT_BINUNICODE -> push(new Text(in.utf8(in.u8())));
      case Opcode.BINUNICODE8 -> push(new Text(in.utf8(in.longLength())));
      case Opcode.SHORT_BINSTRING -> push(new Text(in.latin1(in.u8())));
      case Opcode.BINSTRING -> push(new Text(in.latin1(in.length())));
      case Opcode.SHORT_BINBYTES -> push(CheckpointBytes.of(in.raw(in.u8())));
      case Opcode.BINBYTES -> push(CheckpointBytes.of(in.raw(in.length())));
      case Opcode.BINBYTES8 -> push(CheckpointBytes.of(in.raw(in.longLength())));
      case Opcode.GLOBAL -> push(classes.global(in.line(), in.line()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static Int integer(int value) {
    return new Int(BigInteger.valueOf(value));
  }

  private void push(CheckpointValue value) {
    stack.add(value);
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.getLast();
  }

  private CheckpointValue top() {
    if (stack.size() <= floor()) {
      throw new CheckpointException(
          "the pickle takes a value from an empty stack at " + in.position());
    }
    return stack.getLast();
  }

  private CheckpointValue pop() {
    CheckpointValue value = top();
    stack.removeLast();
    return value;
  }

  private List<CheckpointValue> popToMark() {
    if (marks.isEmpty()) {
      throw new CheckpointException("the pickle has no mark at " + in.position());
    }
    List<CheckpointValue> above = stack.subList(marks.removeLast(), stack.size());
    List<CheckpointValue> items = List.copyOf(above);
    above.clear();
    return items;
  }

  // ---- containers -------------------------------------------------------------------------------

  private boolean container(int opcode) {
    switch (opcode) {
      case Opcode.EMPTY_TUPLE -> pushContainer(new Tuple(List.of()));
      case Opcode.TUPLE1 -> pushContainer(new Tuple(List.of(pop())));
      case Opcode.TUPLE2 -> {
        CheckpointValue second = pop();
        pushContainer(new Tuple(List.of(pop(), second)));
      }
      case Opcode.TUPLE3 -> {
        CheckpointValue third = pop();
        CheckpointValue second = pop();
        pushContainer(new Tuple(List.of(pop(), second, third)));
      }
      case Opcode.TUPLE -> pushContainer(new Tuple(popToMark()));
      case Opcode.EMPTY_LIST -> pushContainer(new CheckpointList(List.of()));
      case Opcode.EMPTY_DICT -> pushContainer(new CheckpointDict(false));
      case Opcode.EMPTY_SET -> pushContainer(set());
      case Opcode.APPEND -> {
        CheckpointValue item = pop();
        target(CheckpointList.class, "a list").add(item);
      }
      case Opcode.APPENDS -> {
        List<CheckpointValue> items = popToMark();
        CheckpointList list = target(CheckpointList.class, "a list");
        items.forEach(list::add);
      }
      case Opcode.SETITEM -> {
        CheckpointValue value = pop();
        CheckpointValue key = pop();
        setItems(List.of(key, value));
      }
      case Opcode.SETITEMS -> setItems(popToMark());
      case Opcode.ADDITEMS -> addItems(popToMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  private void pushContainer(CheckpointValue value) {
    if (++containers > MAX_CONTAINERS) {
      throw new CheckpointException("the pickle has more than " + MAX_CONTAINERS + " containers");
    }
    push(value);
  }

  /** A set of protocol 4 becomes what protocol 2 has in its place: a call with a list. */
  private static Call set() {
    return new Call(Constructors.SET, Tuple.of(new CheckpointList(List.of())));
  }

  private void addItems(List<CheckpointValue> items) {
    Call set = target(Call.class, "a set");
    if (!set.function().equals(Constructors.SET) || set.arguments().items().isEmpty()) {
      throw new CheckpointException("the pickle adds items to a " + set.kind());
    }
    items.forEach(Keys::require);
    items.forEach(set.arguments().items().getFirst().asList()::add);
  }

  private <T extends CheckpointValue> T target(Class<T> type, String what) {
    CheckpointValue top = top();
    if (!type.isInstance(top)) {
      throw new CheckpointException(
          "the pickle changes a %s at %d as if it were %s"
              .formatted(top.kind(), in.position(), what));
    }
    return type.cast(top);
  }

  private void setItems(List<CheckpointValue> items) {
    CheckpointDict dict = target(CheckpointDict.class, "a dict");
    if (items.size() % 2 != 0) {
      throw new CheckpointException("the pickle has a key without a value at " + in.position());
    }
    for (int i = 0; i < items.size(); i += 2) {
      if (!classes.isObject(items.get(i))) {
        Keys.require(items.get(i));
      }
      dict.put(items.get(i), items.get(i + 1));
    }
  }

  // ---- the machine ------------------------------------------------------------------------------

  private void step(int opcode) {
    switch (opcode) {
      case Opcode.PROTO -> requireProtocol(in.u8());
      case Opcode.FRAME -> in.skip(Long.BYTES);
      case Opcode.MARK -> marks.add(stack.size());
      case Opcode.BINPUT -> put(in.u8());
      case Opcode.LONG_BINPUT -> put(in.length());
      case Opcode.MEMOIZE -> put(memo.size());
      case Opcode.BINGET -> push(get(in.u8()));
      case Opcode.LONG_BINGET -> push(get(in.length()));
      case Opcode.STACK_GLOBAL -> {
        CheckpointValue name = pop();
        push(classes.global(pop().asText(), name.asText()));
      }
      case Opcode.REDUCE, Opcode.NEWOBJ -> {
        CheckpointValue arguments = pop();
        pushContainer(call(pop(), arguments, opcode == Opcode.NEWOBJ));
      }
      case Opcode.BUILD -> {
        CheckpointValue attributes = pop();
        build(top(), attributes);
      }
      case Opcode.BINPERSID -> push(storages.apply(pop()));
      default ->
          throw new CheckpointException(
              "the pickle has the opcode 0x%02x at %d, which checkpoints do not need"
                  .formatted(opcode, in.position() - 1));
    }
  }

  private void put(int index) {
    CheckpointValue value = top();
    // Picklers number without gaps; a free choice of index would be a free choice of memory.
    if (index > memo.size()) {
      throw new CheckpointException(
          "the pickle remembers value %d after %d others".formatted(index, memo.size()));
    }
    if (index == memo.size()) {
      memo.add(value);
    } else {
      memo.set(index, value);
    }
  }

  private CheckpointValue get(int index) {
    CheckpointValue value = index < memo.size() ? memo.get(index) : null;
    if (value == null) {
      throw new CheckpointException("the pickle recalls value " + index + ", which it never had");
    }
    return value;
  }

  private CheckpointValue call(
      CheckpointValue function, CheckpointValue arguments, boolean newObject) {
    if (!(function instanceof Global global) || !(arguments instanceof Tuple tuple)) {
      throw new CheckpointException(
          "the pickle calls a %s with a %s".formatted(function.kind(), arguments.kind()));
    }
    if (newObject && classes.objects().contains(global) && tuple.items().isEmpty()) {
      objects++;
      return PickleClasses.object(global);
    }
    if (newObject && !global.equals(Constructors.ORDERED_DICT)) {
      throw new CheckpointException("the pickle makes a bare object of class " + global);
    }
    return classes.functions().contains(global)
        ? new Call(global, tuple)
        : Constructors.call(global, tuple);
  }

  private void build(CheckpointValue object, CheckpointValue attributes) {
    if (classes.isObject(object)) {
      PickleClasses.build((Call) object, attributes);
      return;
    }
    if (!(object instanceof CheckpointDict dict)
        || !dict.isOrdered()
        || !(attributes instanceof CheckpointDict values)) {
      throw new CheckpointException(
          "the pickle sets attributes of a %s from a %s"
              .formatted(object.kind(), attributes.kind()));
    }
    dict.putAttributes(values.entries());
  }
}
