package io.lazytensor.xla.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloModule;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutableCacheTest {
  private static HloModule module(int value) {
    HloComputation main =
        HloComputation.of("main", List.of(), new HloBuilder().constant(DType.F32, value));
    return new HloModule("m", main, List.of());
  }

  private static Executable executable() {
    return new DryRunBackend().compile(module(0), CompileOptions.DEFAULT);
  }

  @Test
  void equalGraphsShareAnExecutable() {
    ExecutableCache cache = new ExecutableCache(2);
    Executable first = executable();
    assertTrue(cache.put(module(1), first).isEmpty());
    assertSame(first, cache.get(module(1)).orElseThrow());
    assertTrue(cache.get(module(2)).isEmpty());
  }

  @Test
  void whatWasUsedLeastRecentlyGoesFirst() {
    ExecutableCache cache = new ExecutableCache(2);
    Executable first = executable();
    Executable second = executable();
    cache.put(module(1), first);
    cache.put(module(2), second);
    assertTrue(cache.get(module(1)).isPresent());
    assertEquals(List.of(second), cache.put(module(3), executable()));
    assertEquals(1, cache.evictions());
    assertEquals(2, cache.size());
    assertEquals(2, cache.clear().size());
    assertEquals(0, cache.size());
  }

  @Test
  void aCacheHoldsSomething() {
    assertThrows(IllegalArgumentException.class, () -> new ExecutableCache(0));
  }
}
