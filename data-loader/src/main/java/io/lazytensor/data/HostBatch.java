package io.lazytensor.data;

import io.lazytensor.xla.runtime.HostBuffer;
import java.util.List;

/**
 * A batch in host memory.
 *
 * @param number the batch within its epoch
 * @param buffers its tensors, in the order of {@link Columns#names}
 * @param rows how many count
 * @param records the records of those rows
 * @param failures what was skipped
 * @param truncated records of which tokens were cut
 */
record HostBatch<T>(
    long number,
    List<HostBuffer> buffers,
    int rows,
    List<T> records,
    List<DataException> failures,
    int truncated) {
  long bytes() {
    long bytes = 0;
    for (HostBuffer buffer : buffers) {
      bytes += buffer.shape().byteSize();
    }
    return bytes;
  }
}
