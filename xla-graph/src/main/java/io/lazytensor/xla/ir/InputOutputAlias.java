package io.lazytensor.xla.ir;

/**
 * Lets an output take over the memory of an argument (donation).
 *
 * @param output the element of the entry computation's root tuple
 * @param parameter the entry parameter that is dead afterwards
 */
public record InputOutputAlias(int output, int parameter) {}
