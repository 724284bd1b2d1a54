package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.Kernel;
import io.lazytensor.cpu.reference.internal.kernel.Location;
import io.lazytensor.cpu.reference.internal.kernel.Region;
import io.lazytensor.cpu.reference.internal.kernel.Routine;
import io.lazytensor.cpu.reference.internal.kernel.WorkerPool;
import io.lazytensor.cpu.reference.internal.memory.NativeMemory;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.CompileException;
import io.lazytensor.xla.runtime.DeviceException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A program with memory and prepared kernels. Owns all native objects of them. */
public final class Binder implements Step.Bindings, Routine, AutoCloseable {
  private final String name;
  private final NativeMemory memory;
  private final WorkerPool pool;
  private final ThreadCount threads;
  private final List<NativeMemory.Block> blocks = new ArrayList<>();
  private final MemorySegment temporaries;
  private final MemorySegment constants;
  private final Region[] parameters;
  private final Region[] outputs;
  private final IdentityHashMap<Place, Region> regions = new IdentityHashMap<>();
  private final Map<TensorKey, Tensor> tensors = new HashMap<>();
  private final List<AutoCloseable> kept = new ArrayList<>();
  private final Kernel[] kernels;
  private final HloInstruction[] origins;
  private final boolean[] wide;

  private record TensorKey(
      Region region, long byteOffset, DType dtype, List<Long> sizes, List<Long> strides) {}

  /** Allocates the memory and makes the kernels. */
  public Binder(Program program, NativeMemory memory, WorkerPool pool) {
    this(program, memory, pool, new ThreadCount(pool.threads()), null);
  }

  /** Makes a program that another one calls, and that has its temporaries among the other's. */
  private Binder(
      Program program,
      NativeMemory memory,
      WorkerPool pool,
      ThreadCount threads,
      @Nullable MemorySegment scratch) {
    this.name = program.name();
    this.memory = memory;
    this.pool = pool;
    this.threads = threads;
    this.temporaries = scratch != null ? scratch : allocate(program.temporaryBytes());
    this.constants = allocate(program.constantBytes());
    this.parameters = regions(program.parameterShapes().size());
    this.outputs = regions(program.outputShapes().size());
    for (Place place : program.constants()) {
      Literal content = place.content;
      if (content != null) {
        MemorySegment.copy(content.segment(), 0, constants, place.offset, place.bytes);
      }
    }
    List<Kernel> made = new ArrayList<>();
    List<Step> from = new ArrayList<>();
    // Tensors made in inference mode skip autograd's dispatch, a third of a small call.
    try (InferenceMode _ = new InferenceMode(true)) {
      for (Step step : program.steps()) {
        Kernel kernel = bind(step);
        if (kernel != null) {
          made.add(kernel);
          from.add(step);
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    this.kernels = made.toArray(Kernel[]::new);
    this.origins = from.stream().map(Step::origin).toArray(HloInstruction[]::new);
    this.wide = new boolean[kernels.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = from.get(i).isWide();
    }
  }

  private @Nullable Kernel bind(Step step) {
    try {
      return step.factory().bind(this, step.in(), step.out());
    } catch (LazyTensorException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CompileException("cpu-reference failed to prepare " + step.origin(), e);
    }
  }

  private static Region[] regions(int count) {
    Region[] regions = new Region[count];
    for (int i = 0; i < count; i++) {
      // Any address will do until the first execution; nothing reads it.
      regions[i] = new Region(MemorySegment.ofAddress(NativeMemory.ALIGNMENT));
    }
    return regions;
  }

  private MemorySegment allocate(long bytes) {
    NativeMemory.Block block = memory.allocate(bytes);
    blocks.add(block);
    return block.segment();
  }

  /** Returns how many threads of libtorch this thread has now. */
  public ThreadCount threads() {
    return threads;
  }

  @Override
  public void argument(int number, MemorySegment where) {
    parameters[number].moveTo(where);
  }

  @Override
  public void result(int number, MemorySegment where) {
    outputs[number].moveTo(where);
  }

  @Override
  public void run() {
    int k = 0;
    try {
      for (; k < kernels.length; k++) {
        // libtorch's threads only; products are shared by the backend's own pool.
        threads.use(wide[k]);
        kernels[k].run();
      }
    } catch (DeviceException | UnsupportedException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new DeviceException(
          "cpu-reference failed in "
              + (k < kernels.length ? origins[k].toString() : name)
              + ": "
              + e.getMessage(),
          e);
    }
  }

  @Override
  public Routine routine(Program program, Value scratch) {
    MemorySegment where = region(scratch.place()).segment();
    return keep(new Binder(program, memory, pool, threads, where));
  }

  private Region region(Place place) {
    Place root = place.root();
    return switch (root.kind) {
      case PARAMETER -> parameters[root.index];
      case OUTPUT -> outputs[root.index];
      case TEMPORARY -> regions.computeIfAbsent(root, p -> part(temporaries, p));
      case CONSTANT -> regions.computeIfAbsent(root, p -> part(constants, p));
    };
  }

  private static Region part(MemorySegment block, Place place) {
    return new Region(
        block.asSlice(
            Math.min(place.offset, block.byteSize()),
            Math.min(NativeMemory.roundUp(place.bytes), block.byteSize() - place.offset)));
  }

  @Override
  public Location location(Value value) {
    return new Location(
        region(value.place()),
        value.offset() * value.dtype().byteSize(),
        value.dtype(),
        value.sizes(),
        value.strides());
  }

  @Override
  public Tensor tensor(Value value) {
    Region region = region(value.place());
    long byteOffset = value.offset() * value.dtype().byteSize();
    TensorKey key =
        new TensorKey(
            region, byteOffset, value.dtype(), boxed(value.sizes()), boxed(value.strides()));
    return tensors.computeIfAbsent(key, _ -> newTensor(region, byteOffset, value));
  }

  private static List<Long> boxed(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private Tensor newTensor(Region region, long byteOffset, Value value) {
    try (TensorOptions options = new TensorOptions(scalarType(value.dtype()))) {
      Tensor tensor =
          torch.from_blob(region.pointer(byteOffset), value.sizes(), value.strides(), options);
      region.follow(tensor, byteOffset);
      return keep(tensor);
    }
  }

  @Override
  public WorkerPool pool() {
    return pool;
  }

  @Override
  public boolean isSame(Value a, Value b) {
    return region(a.place()) == region(b.place())
        && a.dtype() == b.dtype()
        && a.offset() == b.offset()
        && Arrays.equals(a.sizes(), b.sizes())
        && a.isDense()
        && b.isDense();
  }

  @Override
  public <T extends AutoCloseable> T keep(T object) {
    kept.add(object);
    return object;
  }

  /** Returns libtorch's type with the bits of an HLO type; wide unsigned ones become signed. */
  static ScalarType scalarType(DType dtype) {
    return switch (dtype) {
      case PRED -> ScalarType.Bool;
      case S8 -> ScalarType.Char;
      case U8 -> ScalarType.Byte;
      case S16, U16 -> ScalarType.Short;
      case S32, U32 -> ScalarType.Int;
      case S64, U64 -> ScalarType.Long;
      case F16 -> ScalarType.Half;
      case BF16 -> ScalarType.BFloat16;
      case F32 -> ScalarType.Float;
      case F64 -> ScalarType.Double;
      case C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw new UnsupportedException("cpu-reference does not compute with " + dtype);
    };
  }

  @Override
  public void close() {
    for (AutoCloseable object : kept.reversed()) {
      try {
        object.close();
      } catch (Exception e) {
        throw new IllegalStateException("closing " + object, e);
      }
    }
    kept.clear();
    tensors.clear();
    blocks.forEach(memory::free);
    blocks.clear();
  }
}
