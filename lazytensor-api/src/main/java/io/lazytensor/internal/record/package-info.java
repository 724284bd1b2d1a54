/** The recorder: calls, the trie they are compared with, cuts. */
@NullMarked
package io.lazytensor.internal.record;

import org.jspecify.annotations.NullMarked;
