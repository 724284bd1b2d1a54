package io.lazytensor.storage;

import java.time.Instant;

/**
 * An object that is complete.
 *
 * @param name its name below the storage's place, parts separated by {@code /}
 * @param size bytes
 * @param modified when it was written, by the clock of whoever stores it
 */
public record StoredObject(String name, long size, Instant modified) {}
