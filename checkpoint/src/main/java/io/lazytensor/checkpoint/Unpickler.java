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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle of protocol 2 to 5 as inert values. The names it may contain are those of a list,
 * usually {@link Constructors}; nothing is looked up, loaded or run.
 */
final class Unpickler {
  static final int MAX_BYTES = 256 << 20;
  private static final int MAX_OPCODES = 8_000_000;
  private static final int MAX_CONTAINERS = 1_000_000;

  private final PickleInput in;
  private final PickleNames names;
  private final Function<CheckpointValue, ? extends CheckpointValue> references;
  private final ArrayList<CheckpointValue> stack = new ArrayList<>();
  private final ArrayList<Integer> marks = new ArrayList<>();
  private final ArrayList<@Nullable CheckpointValue> memo = new ArrayList<>();
  private final Map<CheckpointValue, Integer> unbuilt = new IdentityHashMap<>();
  private final CopyBudget budget = new CopyBudget();
  private int opcodes;
  private int containers;

  /**
   * Creates a reader of a pickle with the names of checkpoints.
   *
   * @param references turns a persistent id into what it names
   */
  Unpickler(byte[] pickle, Function<CheckpointValue, ? extends CheckpointValue> references) {
    this(new PickleInput(pickle), Constructors.LIST, references);
  }

  /** Creates a reader of a pickle with the names of a list. */
  Unpickler(
      PickleInput in,
      PickleNames names,
      Function<CheckpointValue, ? extends CheckpointValue> references) {
    this.in = in;
    this.names = names;
    this.references = references;
  }

  /** Reads the one value of the pickle, which ends with it. */
  CheckpointValue read() {
    CheckpointValue value = readFirst();
    if (in.remaining() > 0) {
      throw new CheckpointException(in.remaining() + " bytes follow the end of the pickle");
    }
    return value;
  }

  /** Reads a value and leaves what follows it. */
  CheckpointValue readFirst() {
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
      case Opcode.GLOBAL -> push(names.global(in.line(), in.line()));
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
    if (!dict.isMapping()) {
      throw new CheckpointException("the pickle sets items of a " + dict.kind());
    }
    if (items.size() % 2 != 0) {
      throw new CheckpointException("the pickle has a key without a value at " + in.position());
    }
    for (int i = 0; i < items.size(); i += 2) {
      names.requireKey(items.get(i));
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
        push(names.global(pop().asText(), name.asText()));
      }
      case Opcode.REDUCE, Opcode.NEWOBJ -> {
        CheckpointValue arguments = pop();
        pushContainer(call(pop(), arguments, opcode == Opcode.NEWOBJ));
      }
      case Opcode.BUILD -> {
        CheckpointValue attributes = pop();
        build(attributes);
      }
      case Opcode.BINPERSID -> push(references.apply(pop()));
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
    if (value instanceof Call call && NumPy.isUnbuilt(call)) {
      unbuilt.put(value, index);
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
    budget.spend(arguments, in.position());
    return newObject ? names.newObject(global, tuple) : names.call(global, tuple);
  }

  /** Gives the object on the stack its state. What it becomes takes its place in the memo too. */
  private void build(CheckpointValue state) {
    CheckpointValue object = top();
    budget.spend(state, in.position());
    CheckpointValue built = names.build(object, state);
    if (built != object) {
      stack.set(stack.size() - 1, built);
      Integer index = unbuilt.remove(object);
      if (index != null && memo.get(index) == object) {
        memo.set(index, built);
      }
    }
  }
}
