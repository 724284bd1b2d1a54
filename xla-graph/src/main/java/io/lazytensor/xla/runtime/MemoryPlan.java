package io.lazytensor.xla.runtime;

/**
 * Bytes an executable needs.
 *
 * @param argumentBytes all arguments
 * @param outputBytes all results
 * @param aliasedBytes results that take over an argument's memory
 * @param temporaryBytes intermediate values at the peak
 * @param codeBytes the program itself, 0 if unknown
 */
public record MemoryPlan(
    long argumentBytes, long outputBytes, long aliasedBytes, long temporaryBytes, long codeBytes) {}
