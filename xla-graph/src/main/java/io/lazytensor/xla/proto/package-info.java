/** Serialized {@code HloModuleProto}: what XLA's compilers take and dump. */
@NullMarked
package io.lazytensor.xla.proto;

import org.jspecify.annotations.NullMarked;
