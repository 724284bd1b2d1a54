package io.lazytensor.xla.runtime;

/**
 * One device.
 *
 * @param index its index within the backend
 * @param description a name for people
 * @param memoryBytes total memory, or -1 if unknown
 */
public record DeviceInfo(int index, String description, long memoryBytes) {}
