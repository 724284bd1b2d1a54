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
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * Writes a value as a pickle of protocol 2 with the opcodes and memo numbers of CPython's pickler
 * under {@code torch.save}, so the bytes equal PyTorch's for the same objects.
 *
 * <p>Source: CPython {@code Lib/pickle.py}; PyTorch 2.14 {@code torch/_tensor.py} ({@code
 * _reduce_ex_internal}).
 */
final class Pickler {
  private static final int BATCH = 1000;
  private static final int MAX_DEPTH = 200;

  private final TorchFlavor flavor;
  private final PickleOutput out;
  private final Map<Object, Integer> objects = new IdentityHashMap<>();
  private final Map<Object, Integer> names = new HashMap<>();
  private final IdentityHashMap<CheckpointStorage, String> keys = new IdentityHashMap<>();
  private final SequencedSet<CheckpointStorage> storages = new LinkedHashSet<>();
  private int remembered;
  private int depth;

  Pickler(TorchFlavor flavor) {
    this.flavor = flavor;
    out = new PickleOutput(flavor == TorchFlavor.CPP);
  }

  /** Writes the whole pickle. */
  byte[] write(CheckpointValue root) {
    out.op(Opcode.PROTO);
    out.op(2);
    save(root);
    out.op(Opcode.STOP);
    return out.toByteArray();
  }

  /** Returns the storages in order of first use, which are keyed {@code 0, 1, …}. */
  SequencedSet<CheckpointStorage> storages() {
    return storages;
  }

  private void save(CheckpointValue value) {
    if (++depth > MAX_DEPTH) {
      throw new CheckpointException(
          "the value to save contains itself or is nested more than %d levels deep"
              .formatted(MAX_DEPTH));
    }
    switch (value) {
      case None _ -> out.op(Opcode.NONE);
      case Bool(boolean flag) -> out.op(flag ? Opcode.NEWTRUE : Opcode.NEWFALSE);
      case Int(BigInteger number) -> out.integer(number);
      case Real(double number) -> out.real(number);
      case Text(String text) -> text(text);
      case CheckpointBytes bytes -> bytes(bytes);
      case Global global -> global(global);
      case Tuple tuple -> tuple(tuple);
      case CheckpointList list -> list(list);
      case CheckpointDict dict -> dict(dict);
      case Call call -> call(call);
      case CheckpointStorage storage -> storage(storage);
      case CheckpointTensor tensor -> tensor(tensor);
    }
    depth--;
  }

  // ---- memo -------------------------------------------------------------------------------------

  private void remember(Map<Object, Integer> memo, Object key) {
    memo.put(key, remembered);
    forget();
  }

  /** Numbers a value that nothing refers to again. */
  private void forget() {
    out.indexed(Opcode.BINPUT, Opcode.LONG_BINPUT, remembered++);
  }

  private boolean recalled(Map<Object, Integer> memo, Object key) {
    Integer index = memo.get(key);
    if (index == null) {
      return false;
    }
    out.indexed(Opcode.BINGET, Opcode.LONG_BINGET, index);
    return true;
  }

  // ---- plain values -----------------------------------------------------------------------------

  /**
   * CPython recalls the same string object, not an equal one. Literals are one object in both
   * languages, and a file that was read has one object where its pickle had one.
   */
  private void text(String text) {
    if (!recalled(objects, text)) {
      out.text(text);
      remember(objects, text);
    }
  }

  private void bytes(CheckpointBytes bytes) {
    if (recalled(objects, bytes)) {
      return;
    }
    String text = new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
    global(Constructors.ENCODE);
    text(text);
    text("latin1");
    out.op(Opcode.TUPLE2);
    forget();
    out.op(Opcode.REDUCE);
    remember(objects, bytes);
  }

  private void global(Global global) {
    if (!recalled(names, global)) {
      // C++ knows only today's names.
      Global name = flavor == TorchFlavor.CPP ? global : Python2.old(global);
      out.global(name.module(), name.name());
      remember(names, global);
    }
  }

  // ---- containers -------------------------------------------------------------------------------

  private void tuple(Tuple tuple) {
    List<CheckpointValue> items = tuple.items();
    if (items.isEmpty()) {
      out.op(Opcode.EMPTY_TUPLE);
      return;
    }
    if (recalled(objects, tuple)) {
      return;
    }
    boolean marked = items.size() > 3;
    if (marked) {
      out.op(Opcode.MARK);
    }
    items.forEach(this::save);
    out.op(marked ? Opcode.TUPLE : Opcode.TUPLE1 + items.size() - 1);
    remember(objects, tuple);
  }

  private void list(CheckpointList list) {
    if (recalled(objects, list)) {
      return;
    }
    out.op(Opcode.EMPTY_LIST);
    remember(objects, list);
    int size = list.items().size();
    Iterator<CheckpointValue> items = list.items().iterator();
    for (int done = 0; done < size; done += BATCH) {
      if (size > 1) {
        out.op(Opcode.MARK);
      }
      for (int i = done; i < Math.min(size, done + BATCH); i++) {
        save(items.next());
      }
      out.op(size > 1 ? Opcode.APPENDS : Opcode.APPEND);
    }
  }

  private void dict(CheckpointDict dict) {
    if (recalled(objects, dict)) {
      return;
    }
    if (dict.type().equals(CheckpointDict.DICT)) {
      out.op(Opcode.EMPTY_DICT);
      remember(objects, dict);
      entries(dict.entries(), true);
    } else if (dict.isOrdered()) {
      global(dict.type());
      out.op(Opcode.EMPTY_TUPLE);
      out.op(Opcode.REDUCE);
      remember(objects, dict);
      entries(dict.entries(), false);
      attributes(dict.attributes());
    } else if (dict.isMapping()) {
      global(dict.type());
      tuple(new Tuple(List.copyOf(dict.attributes().values())));
      out.op(Opcode.REDUCE);
      remember(objects, dict);
      entries(dict.entries(), false);
    } else {
      global(dict.type());
      out.op(Opcode.EMPTY_TUPLE);
      out.op(Opcode.NEWOBJ);
      remember(objects, dict);
      attributes(dict.entries());
    }
  }

  private void attributes(SequencedMap<CheckpointValue, CheckpointValue> values) {
    if (!values.isEmpty()) {
      out.op(Opcode.EMPTY_DICT);
      forget();
      entries(values, true);
      out.op(Opcode.BUILD);
    }
  }

  /**
   * Writes entries in batches. A plain dict of 1,000 has an empty batch behind it, and an ordered
   * one no mark before a last single entry: CPython's pickler in C has a loop for each.
   */
  private void entries(SequencedMap<CheckpointValue, CheckpointValue> entries, boolean plain) {
    var rest = entries.entrySet().iterator();
    int size = entries.size();
    int end = plain && size > 0 && size % BATCH == 0 ? size + 1 : size;
    for (int done = 0; done < end; done += BATCH) {
      int count = Math.min(BATCH, size - done);
      boolean single = plain ? size == 1 : count == 1;
      if (!single) {
        out.op(Opcode.MARK);
      }
      for (int i = 0; i < count; i++) {
        var entry = rest.next();
        save(entry.getKey());
        save(entry.getValue());
      }
      out.op(single ? Opcode.SETITEM : Opcode.SETITEMS);
    }
  }

  private void call(Call call) {
    if (!recalled(objects, call)) {
      global(call.function());
      tuple(call.arguments());
      out.op(Opcode.REDUCE);
      remember(objects, call);
    }
  }

  // ---- tensors ----------------------------------------------------------------------------------

  private void storage(CheckpointStorage storage) {
    String key = keys.get(storage);
    if (key == null) {
      key = Integer.toString(keys.size());
      keys.put(storage, key);
      storages.add(storage);
    }
    out.op(Opcode.MARK);
    text("storage");
    global(
        storage
            .dtype()
            .flatMap(TorchDType::storageClass)
            .map(name -> new Global("torch", name))
            .orElse(Constructors.UNTYPED_STORAGE));
    text(key);
    text("cpu");
    int width = storage.dtype().map(TorchDType::byteSize).orElse(1);
    out.integer(BigInteger.valueOf(storage.byteSize() / width));
    out.op(Opcode.TUPLE);
    forget();
    out.op(Opcode.BINPERSID);
  }

  private void tensor(CheckpointTensor tensor) {
    if (recalled(objects, tensor)) {
      return;
    }
    if (!tensor.isParameter()) {
      rebuild(tensor, tensor.requiresGrad());
      remember(objects, tensor);
      return;
    }
    global(Constructors.PARAMETER);
    rebuild(tensor, false);
    forget();
    out.op(tensor.requiresGrad() ? Opcode.NEWTRUE : Opcode.NEWFALSE);
    noHooks();
    out.op(Opcode.TUPLE3);
    forget();
    out.op(Opcode.REDUCE);
    remember(objects, tensor);
  }

  private void rebuild(CheckpointTensor tensor, boolean requiresGrad) {
    boolean untyped = tensor.storage().dtype().isEmpty();
    boolean quantized = tensor.quantizer().isPresent();
    global(
        quantized
            ? Constructors.QUANTIZED
            : untyped ? Constructors.TENSOR_V3 : Constructors.TENSOR_V2);
    out.op(Opcode.MARK);
    storage(tensor.storage());
    out.integer(BigInteger.valueOf(tensor.offset()));
    numbers(tensor.sizes());
    numbers(tensor.steps());
    tensor.quantizer().ifPresent(this::save);
    out.op(requiresGrad ? Opcode.NEWTRUE : Opcode.NEWFALSE);
    noHooks();
    if (untyped && !quantized) {
      global(new Global("torch", tensor.dtype().torchName()));
    }
    sign(tensor.sign());
    out.op(Opcode.TUPLE);
    forget();
    out.op(Opcode.REDUCE);
  }

  private void numbers(long[] values) {
    if (values.length == 0) {
      out.op(Opcode.EMPTY_TUPLE);
      return;
    }
    boolean marked = values.length > 3;
    if (marked) {
      out.op(Opcode.MARK);
    }
    for (long value : values) {
      out.integer(BigInteger.valueOf(value));
    }
    out.op(marked ? Opcode.TUPLE : Opcode.TUPLE1 + values.length - 1);
    forget();
  }

  private void noHooks() {
    global(Constructors.ORDERED_DICT);
    out.op(Opcode.EMPTY_TUPLE);
    out.op(Opcode.REDUCE);
    forget();
  }

  private void sign(CheckpointTensor.Sign sign) {
    if (sign == CheckpointTensor.Sign.AS_STORED) {
      return;
    }
    boolean conjugate = sign != CheckpointTensor.Sign.NEGATIVE;
    boolean negative = sign != CheckpointTensor.Sign.CONJUGATE;
    CheckpointDict.Builder marks = CheckpointDict.builder();
    if (conjugate) {
      marks.put("conj", true);
    }
    if (negative) {
      marks.put("neg", true);
    }
    save(marks.build());
  }
}
