package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import java.util.ArrayList;
import java.util.List;

/** Messages that hold one repeated message in field 1. */
final class Messages {
  private Messages() {}

  static List<NumberMessage> repeated(WireReader in, String name, int... fields) {
    List<NumberMessage> out = new ArrayList<>();
    while (in.next()) {
      if (in.field() == 1) {
        out.add(NumberMessage.read(in.message(name), name, fields));
      } else {
        in.skip();
      }
    }
    return out;
  }

  static Window window(WireReader in) {
    List<WindowDimension> dimensions = new ArrayList<>();
    for (NumberMessage d : repeated(in, "WindowDimension", 1, 2, 3, 4, 5, 6, 7)) {
      dimensions.add(
          new WindowDimension(
              d.number(1),
              d.number(2),
              d.number(3),
              d.number(4),
              d.number(6),
              d.number(5),
              d.bool(7)));
    }
    return new Window(dimensions);
  }

  static void window(WireWriter out, int field, Window window) {
    int message = out.begin(field);
    for (WindowDimension d : window.dimensions()) {
      int dimension = out.begin(1);
      out.varint(1, d.size());
      out.varint(2, d.stride());
      out.varint(3, d.paddingLow());
      out.varint(4, d.paddingHigh());
      out.varint(5, d.windowDilation());
      out.varint(6, d.baseDilation());
      out.bool(7, d.reversal());
      out.end(dimension);
    }
    out.end(message);
  }
}
