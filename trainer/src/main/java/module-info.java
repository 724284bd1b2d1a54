/** A small training loop: evaluation, metrics, report, checkpoints, resume. */
module io.lazytensor.trainer {
  requires static org.jspecify;
  requires transitive io.lazytensor;
  requires com.fasterxml.jackson.core;
  requires jdk.unsupported;

  exports io.lazytensor.trainer;
}
