package io.lazytensor.nn.transformer;

import io.lazytensor.Tensor;
import io.lazytensor.nn.F;
import java.util.Optional;

/** The activation of a feed-forward part, under Hugging Face's names. */
public enum HiddenActivation {
  /** {@link F#gelu}. */
  GELU("gelu"),
  /** {@link F#geluTanh}. */
  GELU_NEW("gelu_new"),
  /** {@link F#geluTanh}, under PyTorch's name. */
  GELU_TANH("gelu_pytorch_tanh"),
  /** {@link F#relu}. */
  RELU("relu"),
  /** {@link F#silu}. */
  SILU("silu"),
  /** {@link F#tanh}. */
  TANH("tanh");

  private final String label;

  HiddenActivation(String label) {
    this.label = label;
  }

  /** Returns the name in a {@code config.json}. */
  public String label() {
    return label;
  }

  /** Returns the activation of a name in a {@code config.json}. */
  public static Optional<HiddenActivation> of(String label) {
    for (HiddenActivation activation : values()) {
      if (activation.label.equals(label)) {
        return Optional.of(activation);
      }
    }
    return Optional.empty();
  }

  /** Applies it. */
  public Tensor apply(Tensor x) {
    return switch (this) {
      case GELU -> F.gelu(x);
      case GELU_NEW, GELU_TANH -> F.geluTanh(x);
      case RELU -> F.relu(x);
      case SILU -> F.silu(x);
      case TANH -> F.tanh(x);
    };
  }
}
