package io.lazytensor.data;

import io.lazytensor.Input;
import java.util.List;

/**
 * A batch as it is handed out.
 *
 * @param number the batch within its epoch
 * @param batch the user's record
 * @param inputs its tensors for the device
 * @param host what it was made of
 */
record Prepared<B>(long number, B batch, List<Input> inputs, HostBatch<?> host) {
  /** Copies the tensors to the device. */
  void upload() {
    try {
      inputs.forEach(Input::upload);
    } catch (RuntimeException | Error e) {
      unload();
      throw e;
    }
  }

  void unload() {
    inputs.forEach(Input::unload);
  }

  /** Returns whether a cut has used one of the tensors. */
  boolean isUsed() {
    return inputs.stream().anyMatch(Input::isUsed);
  }
}
