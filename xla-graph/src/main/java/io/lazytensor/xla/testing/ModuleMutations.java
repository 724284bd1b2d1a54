package io.lazytensor.xla.testing;

import io.lazytensor.xla.infer.ShapeInference;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.Shape;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * Seeded structural changes of modules: attributes, dimension sizes, types, operands, operations,
 * called computations, results. Shapes are inferred again, so that a change goes through the whole
 * module; what cannot be inferred any more is refused with the library's own exception.
 *
 * <p>Attributes are changed by reflection over the records: a new operation, or a new attribute,
 * takes part without a line here.
 */
public final class ModuleMutations {
  private static final int[] NUMBERS = {-2, -1, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 16, 33, 64};

  private final List<HloModule> donors;
  private final List<HloOp> operations = new ArrayList<>();
  private final List<HloComputation> computations = new ArrayList<>();

  /** Makes mutations that take operations and computations from these modules. */
  public ModuleMutations(List<HloModule> donors) {
    this.donors = List.copyOf(donors);
    for (HloModule donor : donors) {
      for (HloInstruction x : donor.entry().instructions()) {
        operations.add(x.op());
        computations.addAll(x.op().called());
      }
    }
  }

  /**
   * Returns a changed module.
   *
   * @throws io.lazytensor.xla.ir.LazyTensorException if what comes out has no shape
   */
  public HloModule mutate(HloModule module, Random random) {
    HloModule out = module;
    if (random.nextInt(4) == 0) {
      out = combined(out, donors.get(random.nextInt(donors.size())), random);
    }
    if (random.nextInt(2) == 0) {
      out = retyped(out, random);
    }
    if (random.nextInt(3) == 0) {
      out = resized(out, random);
    }
    for (int k = random.nextInt(3); k > 0; k--) {
      int at = random.nextInt(size(out.entry(), 0));
      HloComputation entry = new Rewrite(random, at).rewrite(out.entry());
      out = new HloModule(out.name(), entry, out.aliases(), out.replicas(), out.partitions());
    }
    return random.nextInt(20) == 0 ? out.withReplicas(1 + random.nextInt(2)) : out;
  }

  private static int size(HloComputation computation, int depth) {
    int size = computation.instructions().size();
    for (HloInstruction x : computation.instructions()) {
      for (HloComputation called : x.op().called()) {
        size += depth < 5 ? size(called, depth + 1) : 0;
      }
    }
    return size;
  }

  // ---- changes of the whole module --------------------------------------------------------------

  private static HloModule retyped(HloModule module, Random random) {
    DType from = random.nextInt(3) == 0 ? type(random) : DType.F32;
    return retyped(module, from, type(random));
  }

  /**
   * Replaces one type by another everywhere.
   *
   * @throws io.lazytensor.xla.ir.LazyTensorException if what comes out has no shape
   */
  public static HloModule retyped(HloModule module, DType from, DType to) {
    return everywhere(
        module,
        value ->
            switch (value) {
              case DType dtype when dtype == from -> to;
              case ArrayShape shape when shape.dtype() == from -> shape.withDType(to);
              case Literal literal when literal.shape().dtype() == from ->
                  zeros(literal.shape().withDType(to));
              default -> value;
            });
  }

  private static HloModule resized(HloModule module, Random random) {
    return resized(module, 1 + random.nextInt(5), Math.abs(number(random)));
  }

  /**
   * Replaces one dimension size, or other list attribute of that value, by another everywhere.
   *
   * @throws io.lazytensor.xla.ir.LazyTensorException if what comes out has no shape
   */
  public static HloModule resized(HloModule module, int from, int to) {
    return everywhere(
        module,
        value ->
            switch (value) {
              case Dims dims -> replaced(dims, from, to);
              case ArrayShape shape -> shape.withDims(replaced(shape.dims(), from, to));
              case Literal literal when literal.shape().dims().contains(from) ->
                  zeros(literal.shape().withDims(replaced(literal.shape().dims(), from, to)));
              default -> value;
            });
  }

  private static Dims replaced(Dims dims, int from, int to) {
    return Dims.of(dims.stream().map(d -> d == from ? to : d).toArray());
  }

  /**
   * Returns a module with another attribute of its result's operation. What it calls stays.
   *
   * @throws io.lazytensor.xla.ir.LazyTensorException if what comes out has no shape
   */
  public HloModule withAttribute(HloModule module, Random random) {
    HloInstruction root = module.entry().root();
    HloOp op = root.op();
    for (int i = 0; i < 5 && op.equals(root.op()); i++) {
      HloOp changed = (HloOp) changed(root.op(), random);
      op = changed.called().equals(root.op().called()) ? changed : op;
    }
    HloInstruction changed = instruction(op, root.operands());
    return new HloModule(
        module.name(),
        HloComputation.of(module.entry().name(), module.entry().parameters(), changed),
        module.aliases(),
        module.replicas(),
        module.partitions());
  }

  /**
   * Replaces values of records, operations and types everywhere.
   *
   * @throws io.lazytensor.xla.ir.LazyTensorException if what comes out has no shape
   */
  public static HloModule everywhere(HloModule module, UnaryOperator<Object> change) {
    HloComputation entry = everywhere(module.entry(), change);
    return new HloModule(
        module.name(), entry, module.aliases(), module.replicas(), module.partitions());
  }

  private static HloComputation everywhere(
      HloComputation computation, UnaryOperator<Object> change) {
    Map<HloInstruction, HloInstruction> done = new IdentityHashMap<>();
    List<HloInstruction> order = new ArrayList<>();
    for (HloInstruction x : computation.instructions()) {
      HloOp op = (HloOp) deep(x.op(), change);
      order.add(instruction(op, x.operands().stream().map(done::get).toList()));
      done.put(x, order.getLast());
    }
    return HloComputation.ofInstructions(
        computation.name(), order, known(done, computation.root()));
  }

  private static Object deep(Object value, UnaryOperator<Object> change) {
    Object changed = change.apply(value);
    if (changed != value) {
      return changed;
    }
    return switch (value) {
      case HloComputation called -> everywhere(called, change);
      case List<?> list -> list.stream().map(x -> deep(x, change)).toList();
      case ArrayShape shape -> shape;
      case Record record -> rebuilt(record, (_, component) -> deep(component, change));
      default -> value;
    };
  }

  /** Puts one module behind another: a value of the first replaces a parameter of the second. */
  private static HloModule combined(HloModule first, HloModule second, Random random) {
    List<HloInstruction> order = new ArrayList<>(first.entry().instructions());
    Collections.shuffle(order, random);
    Map<HloInstruction, HloInstruction> done = new IdentityHashMap<>();
    for (HloInstruction parameter : second.entry().parameters()) {
      for (HloInstruction value : order) {
        if (value.shape().equals(parameter.shape()) && random.nextInt(2) == 0) {
          done.putIfAbsent(parameter, value);
        }
      }
    }
    order = new ArrayList<>(first.entry().instructions());
    int parameters = first.entry().parameters().size();
    for (HloInstruction x : second.entry().instructions()) {
      if (!done.containsKey(x)) {
        HloOp op = x.op() instanceof HloOp.Parameter ? parameter(parameters++, x.shape()) : x.op();
        order.add(instruction(op, x.operands().stream().map(done::get).toList()));
        done.put(x, order.getLast());
      }
    }
    HloInstruction root = known(done, second.entry().root());
    if (random.nextBoolean()) {
      root = instruction(new HloOp.Tuple(), List.of(root, first.entry().root()));
      order.add(root);
    }
    return new HloModule(
        "combined",
        HloComputation.ofInstructions("main", order, root),
        List.of(),
        Math.max(first.replicas(), second.replicas()),
        1);
  }

  private static HloInstruction known(
      Map<HloInstruction, HloInstruction> done, HloInstruction root) {
    return Objects.requireNonNull(done.get(root), "the root is none of the instructions");
  }

  private static HloOp parameter(int number, Shape shape) {
    return new HloOp.Parameter(number, shape);
  }

  private static HloInstruction instruction(HloOp op, List<HloInstruction> operands) {
    Shape shape = ShapeInference.infer(op, operands.stream().map(HloInstruction::shape).toList());
    return new HloInstruction(op, shape, operands, Metadata.NONE, null);
  }

  // ---- changes of one instruction ---------------------------------------------------------------

  /** Copies a computation and what it calls, and changes one instruction on the way. */
  private final class Rewrite {
    private final Random random;
    private int countdown;

    Rewrite(Random random, int at) {
      this.random = random;
      this.countdown = at;
    }

    HloComputation rewrite(HloComputation computation) {
      Map<HloInstruction, HloInstruction> done = new IdentityHashMap<>();
      List<HloInstruction> order = new ArrayList<>();
      for (HloInstruction x : computation.instructions()) {
        HloOp op = x.op();
        List<HloInstruction> operands =
            new ArrayList<>(x.operands().stream().map(done::get).toList());
        if (countdown-- == 0) {
          op = change(op, operands, order);
        } else if (countdown >= 0 && !op.called().isEmpty()) {
          op = (HloOp) called(op);
        }
        order.add(instruction(op, operands));
        done.put(x, order.getLast());
      }
      HloInstruction root = known(done, computation.root());
      boolean moved = random.nextInt(25) == 0;
      return HloComputation.ofInstructions(
          computation.name(), order, moved ? pick(order, random) : root);
    }

    private Object called(Object value) {
      return switch (value) {
        case HloComputation computation -> rewrite(computation);
        case List<?> list -> list.stream().map(this::called).toList();
        case HloOp op -> rebuilt((Record) op, (_, component) -> called(component));
        default -> value;
      };
    }

    private HloOp change(HloOp op, List<HloInstruction> operands, List<HloInstruction> before) {
      boolean none = operands.isEmpty();
      switch (random.nextInt(10)) {
        case 0 -> {
          if (!none) {
            Collections.shuffle(operands, random);
          }
        }
        case 1 -> {
          if (!none) {
            operands.set(random.nextInt(operands.size()), pick(before, random));
          }
        }
        case 2 -> {
          if (!none) {
            operands.remove(random.nextInt(operands.size()));
          }
        }
        case 3 -> {
          if (!none) {
            operands.add(random.nextInt(operands.size()), pick(before, random));
          }
        }
        case 4 -> {
          if (!none) {
            return pick(operations, random);
          }
        }
        default -> {
          return (HloOp) changed(op, random);
        }
      }
      return op;
    }
  }

  /** Changes one attribute; of a record, of one of its components. */
  private Object changed(Object value, Random random) {
    return switch (value) {
      case Integer _ -> number(random);
      case Long _ -> (long) number(random);
      case Boolean flag -> !flag;
      case Float _ -> pick(List.of(0f, 1f, -1f, 1e-5f, Float.NaN, Float.POSITIVE_INFINITY), random);
      case String _ -> pick(List.of("", "kLoop", "kInput", "Sharding", "x"), random);
      case DType _ -> type(random);
      case Dims dims -> dims(dims, random);
      case ArrayShape shape ->
          random.nextBoolean()
              ? shape.withDType(type(random))
              : shape.withDims(dims(shape.dims(), random));
      case Literal literal -> zeros((ArrayShape) changed(literal.shape(), random));
      case HloComputation _ -> pick(computations, random);
      case Enum<?> constant ->
          pick(Arrays.asList(constant.getDeclaringClass().getEnumConstants()), random);
      case List<?> list -> list(list, random);
      case Record record -> {
        int count = record.getClass().getRecordComponents().length;
        int at = count == 0 ? -1 : random.nextInt(count);
        yield rebuilt(record, (i, component) -> i == at ? changed(component, random) : component);
      }
      default -> value;
    };
  }

  private List<?> list(List<?> list, Random random) {
    List<Object> out = new ArrayList<>(list);
    if (!out.isEmpty()) {
      int at = random.nextInt(out.size());
      switch (random.nextInt(6)) {
        case 0 -> out.remove(at);
        case 1 -> out.add(out.get(at));
        case 2 -> Collections.shuffle(out, random);
        default -> out.set(at, changed(out.get(at), random));
      }
    }
    return out;
  }

  private static Dims dims(Dims dims, Random random) {
    List<Integer> out = new ArrayList<>(dims.stream().boxed().toList());
    int at = out.isEmpty() ? 0 : random.nextInt(out.size());
    switch (out.isEmpty() ? 1 : random.nextInt(6)) {
      case 0 -> out.remove(at);
      case 1 -> out.add(at, number(random));
      case 2 -> Collections.shuffle(out, random);
      default -> out.set(at, number(random));
    }
    return Dims.of(out.stream().mapToInt(Integer::intValue).toArray());
  }

  private static int number(Random random) {
    return random.nextInt(200) == 0
        ? Integer.MAX_VALUE - random.nextInt(2)
        : NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private static DType type(Random random) {
    return DType.values()[random.nextInt(DType.values().length)];
  }

  /** A constant whose values do not matter. Too large a one would only be slow. */
  private static Literal zeros(ArrayShape shape) {
    ArrayShape small =
        shape.dims().stream().allMatch(d -> d >= 0 && d < 100) && shape.elementCount() < 10_000
            ? shape
            : ArrayShape.scalar(shape.dtype());
    return Literal.ofBytes(small, new byte[Math.toIntExact(small.byteSize())]);
  }

  private static <T> T pick(List<T> of, Random random) {
    return of.get(random.nextInt(of.size()));
  }

  @FunctionalInterface
  private interface ComponentChange {
    Object apply(int index, Object component);
  }

  private static Object rebuilt(Record record, ComponentChange change) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        values[i] = change.apply(i, components[i].getAccessor().invoke(record));
      }
      return record.getClass().getDeclaredConstructor(types).newInstance(values);
    } catch (java.lang.reflect.InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
