package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.runtime.MemoryPlan;
import java.util.List;

/**
 * Steps in order, and where everything is.
 *
 * @param name what it computes, for messages
 * @param parameterShapes the arguments
 * @param outputShapes the results
 * @param outputParameter for each result the argument whose memory it takes over in place, or -1
 * @param donated for each argument whether it is dead afterwards
 * @param temporaryBytes memory for intermediate values
 * @param constantBytes memory for constants of its own
 * @param calledConstantBytes memory for constants of the programs it calls
 * @param unchanged for each result whether it is the argument it takes over, as it was
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, never mutated.
public record Program(
    String name,
    List<Step> steps,
    List<Place> constants,
    List<ArrayShape> parameterShapes,
    List<ArrayShape> outputShapes,
    int[] outputParameter,
    boolean[] donated,
    long temporaryBytes,
    long constantBytes,
    long calledConstantBytes,
    boolean[] unchanged) {

  /** Returns what it needs. */
  public MemoryPlan memory() {
    long aliased = 0;
    for (int j = 0; j < outputParameter.length; j++) {
      aliased += outputParameter[j] >= 0 ? outputShapes.get(j).byteSize() : 0;
    }
    return new MemoryPlan(
        parameterShapes.stream().mapToLong(ArrayShape::byteSize).sum(),
        outputShapes.stream().mapToLong(ArrayShape::byteSize).sum(),
        aliased,
        temporaryBytes,
        allConstantBytes());
  }

  /** Returns the memory for constants, those of called programs included. */
  long allConstantBytes() {
    return constantBytes + calledConstantBytes;
  }
}
