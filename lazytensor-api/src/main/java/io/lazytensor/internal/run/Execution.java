package io.lazytensor.internal.run;

/**
 * One execution on its way to the device.
 *
 * @param number the executions handed over before it, and itself
 * @param cut how often its step was cut, this time included
 * @param plan what runs
 * @param slots the bound slots, by ordinal
 * @param snapshots what each slot held at the cut
 * @param targets the value of each output: a {@link Data} or a {@link HostResult}
 * @param listeners who counts it
 */
record Execution(
    long number,
    long cut,
    CutPlan plan,
    Slot[] slots,
    Object[] snapshots,
    Object[] targets,
    CutListener[] listeners) {}
