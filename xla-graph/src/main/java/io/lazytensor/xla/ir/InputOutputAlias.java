package io.lazytensor.xla.ir;

/**
 * Lets an output take over the memory of an argument (donation).
 *
 * @param output the element of the entry computation's root tuple
 * @param parameter the entry parameter that is dead afterwards
 * @param must whether a backend that cannot do it has to refuse
 */
public record InputOutputAlias(int output, int parameter, boolean must) {
  /** Makes an alias that backends use where they can. */
  public InputOutputAlias(int output, int parameter) {
    this(output, parameter, false);
  }
}
