/** What a device did: reports, causes of compiles, contracts, flight-recorder events. */
@NullMarked
package io.lazytensor.observe;

import org.jspecify.annotations.NullMarked;
