/** Text encoders of the BERT family, under the names of Hugging Face's checkpoints. */
@NullMarked
package io.lazytensor.nn.transformer;

import org.jspecify.annotations.NullMarked;
