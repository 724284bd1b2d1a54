/** Shape inference and the verifier: what makes an instruction legal. */
@NullMarked
package io.lazytensor.xla.infer;

import org.jspecify.annotations.NullMarked;
