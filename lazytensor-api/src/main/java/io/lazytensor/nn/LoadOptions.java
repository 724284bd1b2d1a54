package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Stored;
import io.lazytensor.xla.ir.DType;
import java.util.Optional;

/**
 * How a state dict is loaded.
 *
 * @param strict whether every name must be in both the model and the state dict
 * @param convert whether values of another element type are converted to the model's
 * @param floating the type that floating-point parameters are stored in; the model's if empty
 */
public record LoadOptions(boolean strict, boolean convert, Optional<DType> floating) {
  /** Every name in both, every type the same. PyTorch: {@code load_state_dict} without options. */
  public static final LoadOptions STRICT = new LoadOptions(true, false, Optional.empty());

  /**
   * Returns the same with or without the rule that every name must be in both. Shapes must fit all
   * the same. PyTorch: {@code load_state_dict(strict=False)}.
   */
  public LoadOptions strict(boolean value) {
    return new LoadOptions(value, convert, floating);
  }

  /** Returns the same with or without conversion of element types. */
  public LoadOptions convert(boolean value) {
    return new LoadOptions(strict, value, floating);
  }

  /**
   * Returns the same, with floating-point parameters converted to a type and stored in it: half the
   * memory in {@code bf16}, for evaluation steps in {@code Precision.bf16()}. States keep theirs.
   * PyTorch: {@code model.to(torch.bfloat16)}.
   */
  public LoadOptions storedAs(DType type) {
    if (!type.isFloating()) {
      throw new IllegalArgumentException("parameters are stored in floating point, got " + type);
    }
    return new LoadOptions(strict, true, Optional.of(type));
  }

  /** Returns the type a member is stored in. */
  public DType typeOf(Stored member) {
    DType own = member.shape().dtype();
    return member instanceof Parameter && own.isFloating() ? floating.orElse(own) : own;
  }
}
