package io.lazytensor.checkpoint;

/** For which of PyTorch's readers a file of {@code torch.save} is written. */
public enum TorchFlavor {
  /** Python's {@code torch.load}: what PyTorch itself writes. C++ cannot read its state dicts. */
  PYTHON,
  /**
   * C++'s {@code torch::pickle_load}, and Python too: dicts are plain, without {@code _metadata},
   * and parameters are tensors that require a gradient.
   */
  CPP
}
