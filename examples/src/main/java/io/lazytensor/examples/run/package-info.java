/** What training programs write: progress, metrics, report. */
@NullMarked
package io.lazytensor.examples.run;

import org.jspecify.annotations.NullMarked;
