/** Data sets, samplers, batches of fixed shapes, prefetch to the device. */
module io.lazytensor.data {
  requires transitive io.lazytensor;
  requires transitive io.lazytensor.xla;
  requires transitive org.jspecify;
  requires com.fasterxml.jackson.core;
  requires de.siegmar.fastcsv;
  requires dev.hardwood.core;
  requires org.slf4j;
  requires jdk.jfr;
  requires static ai.djl.tokenizers;
  requires static ai.djl.api;

  exports io.lazytensor.data;
  exports io.lazytensor.data.source;
  exports io.lazytensor.data.text;
}
