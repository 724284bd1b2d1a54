/** HLO on libtorch: the CPU backend that is always there. */
module io.lazytensor.cpu.reference {
  requires io.lazytensor.xla;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.openblas;
  requires org.bytedeco.pytorch;
  requires org.slf4j;

  exports io.lazytensor.cpu.reference;

  provides io.lazytensor.xla.runtime.BackendProvider with
      io.lazytensor.cpu.reference.CpuReferenceProvider;
}
