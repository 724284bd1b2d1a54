package io.lazytensor.observe;

import io.lazytensor.xla.ir.SourceLine;
import java.util.Optional;

/**
 * Why a graph was compiled: the first call that differs from what was recorded before.
 *
 * @param step the step's name
 * @param expected the call that stood at this place, if there was one
 * @param recorded the call that came instead
 */
public record CompileCause(String step, Optional<RecordedCall> expected, RecordedCall recorded) {

  /**
   * One recorded call.
   *
   * @param text operation, operands and attributes
   * @param source the user's line
   */
  public record RecordedCall(String text, SourceLine source) {
    @Override
    public String toString() {
      return text + " (" + source + ")";
    }
  }

  @Override
  public String toString() {
    return expected
        .map(old -> "expected " + old + ", got " + recorded)
        .orElse("first recording of step \"" + step + "\", from " + recorded);
  }
}
