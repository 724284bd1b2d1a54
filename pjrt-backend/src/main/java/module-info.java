/** HLO on any PJRT C-API plug-in, through the foreign function interface. */
module io.lazytensor.pjrt {
  requires io.lazytensor.xla;
  requires org.slf4j;

  exports io.lazytensor.pjrt;

  provides io.lazytensor.xla.runtime.BackendProvider with
      io.lazytensor.pjrt.PjrtProvider;
}
