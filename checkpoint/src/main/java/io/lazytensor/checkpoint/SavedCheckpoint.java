package io.lazytensor.checkpoint;

/**
 * A checkpoint that a {@link CheckpointManager} found to be good.
 *
 * @param step the step it was saved at
 * @param tree what was saved; tensors are mapped
 */
public record SavedCheckpoint(long step, CheckpointValue tree) {}
