/** The kinds of calls public operations record, each with its lowering to HLO. */
@NullMarked
package io.lazytensor.internal.ops;

import org.jspecify.annotations.NullMarked;
