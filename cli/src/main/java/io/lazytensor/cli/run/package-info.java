/** Runs folders with a module and inputs: how outside conformance suites drive a device. */
@NullMarked
package io.lazytensor.cli.run;

import org.jspecify.annotations.NullMarked;
