/** Commands that install PJRT plug-ins. */
@NullMarked
package io.lazytensor.cli.plugin;

import org.jspecify.annotations.NullMarked;
