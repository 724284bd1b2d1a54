/** Local folders and S3 behind one door: range reads, listing, atomic and conditional writes. */
@NullMarked
package io.lazytensor.storage;

import org.jspecify.annotations.NullMarked;
