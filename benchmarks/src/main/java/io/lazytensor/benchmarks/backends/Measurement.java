package io.lazytensor.benchmarks.backends;

/**
 * One bar.
 *
 * @param workload what ran
 * @param device where
 * @param microseconds how long it took on average
 * @param error half of the 99.9 % confidence interval, NaN if unknown
 */
record Measurement(String workload, String device, double microseconds, double error) {}
