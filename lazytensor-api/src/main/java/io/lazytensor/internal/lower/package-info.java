/**
 * Composite operations as HLO: pure functions from instructions to instructions, with PyTorch's
 * semantics, names and defaults.
 *
 * <p>Every function takes the builder that carries the public operation and the user's line. Types
 * stay what they are; reductions, softmax, losses and norms of {@code f16} and {@code bf16} work in
 * {@code f32} and convert back.
 */
@NullMarked
package io.lazytensor.internal.lower;

import org.jspecify.annotations.NullMarked;
