/** HLO intermediate representation and everything that works on it without a device. */
module io.lazytensor.xla {
  requires transitive org.jspecify;
  requires org.slf4j;

  exports io.lazytensor.xla.ir;
  exports io.lazytensor.xla.infer;
  exports io.lazytensor.xla.text;
  exports io.lazytensor.xla.npy;
  exports io.lazytensor.xla.proto;
  exports io.lazytensor.xla.pass;
  exports io.lazytensor.xla.eval;
  exports io.lazytensor.xla.runtime;
  exports io.lazytensor.xla.testing;

  uses io.lazytensor.xla.eval.CustomCallTarget;
  uses io.lazytensor.xla.runtime.BackendProvider;

  provides io.lazytensor.xla.runtime.BackendProvider with
      io.lazytensor.xla.eval.EvaluatorProvider,
      io.lazytensor.xla.runtime.DryRunProvider;
}
