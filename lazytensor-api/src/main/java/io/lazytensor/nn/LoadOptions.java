package io.lazytensor.nn;

/**
 * How a state dict is loaded.
 *
 * @param strict whether every name must be in both the model and the state dict
 * @param convert whether values of another element type are converted to the model's
 */
public record LoadOptions(boolean strict, boolean convert) {
  /** Every name in both, every type the same. PyTorch: {@code load_state_dict} without options. */
  public static final LoadOptions STRICT = new LoadOptions(true, false);

  /**
   * Returns the same with or without the rule that every name must be in both. Shapes must fit all
   * the same. PyTorch: {@code load_state_dict(strict=False)}.
   */
  public LoadOptions strict(boolean value) {
    return new LoadOptions(value, convert);
  }

  /** Returns the same with or without conversion of element types. */
  public LoadOptions convert(boolean value) {
    return new LoadOptions(strict, value);
  }
}
