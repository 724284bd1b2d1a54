package io.lazytensor.xla.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.ShapeException;
import org.junit.jupiter.api.Test;

class HostBufferTest {
  @Test
  void heapBuffersAreZero() {
    HostBuffer buffer = HostBuffer.allocate(ArrayShape.of(DType.C128, 3));
    assertEquals(48, buffer.data().byteSize());
    assertEquals(-1, buffer.data().mismatch(HostBuffer.allocate(buffer.shape()).data()));
  }

  @Test
  void whatNoJavaArrayHoldsIsRefused() {
    ArrayShape huge = ArrayShape.of(DType.F32, 1 << 15, 1 << 15);
    ShapeException e = assertThrows(ShapeException.class, () -> HostBuffer.allocate(huge));
    assertTrue(String.valueOf(e.getMessage()).contains("give native memory"), e.getMessage());
  }
}
