/** Devices {@code pjrt:…}: any compiler that comes as a PJRT C-API plug-in. */
@NullMarked
package io.lazytensor.pjrt;

import org.jspecify.annotations.NullMarked;
