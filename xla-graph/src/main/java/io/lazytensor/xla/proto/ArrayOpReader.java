package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import java.util.List;

/** Values, and operations that move elements. */
final class ArrayOpReader {
  private ArrayOpReader() {}

  static HloOp constant(InstructionProto in) {
    Literal literal = LiteralProto.read(in.requiredMessage(LITERAL)).array();
    if (literal == null) {
      throw in.broken("has a tuple as its literal");
    }
    return new HloOp.Constant(literal);
  }

  static HloOp slice(InstructionProto in) {
    List<NumberMessage> dims =
        in.repeated(SLICE_DIMENSIONS).stream()
            .map(m -> NumberMessage.read(m, "SliceDimensions", 1, 2, 3))
            .toList();
    return new HloOp.Slice(column(dims, 1), column(dims, 2), column(dims, 3));
  }

  static HloOp pad(InstructionProto in) {
    List<NumberMessage> dims =
        Messages.repeated(in.requiredMessage(PADDING_CONFIG), "PaddingConfigDimension", 1, 2, 3);
    return new HloOp.Pad(new PaddingConfig(column(dims, 1), column(dims, 2), column(dims, 3)));
  }

  private static Dims column(List<NumberMessage> rows, int field) {
    return Dims.of(rows.stream().mapToInt(row -> row.number(field)).toArray());
  }

  static HloOp gather(InstructionProto in) {
    NumberMessage numbers =
        NumberMessage.read(
            in.requiredMessage(GATHER_DIMENSION_NUMBERS),
            "GatherDimensionNumbers",
            1,
            2,
            3,
            4,
            5,
            6);
    return new HloOp.Gather(
        new GatherDimensionNumbers(
            numbers.list(1),
            numbers.list(2),
            numbers.list(5),
            numbers.list(6),
            numbers.list(3),
            numbers.number(4)),
        in.list(GATHER_SLICE_SIZES),
        in.bool(INDICES_ARE_SORTED));
  }

  static HloOp scatter(InstructionProto in) {
    NumberMessage numbers =
        NumberMessage.read(
            in.requiredMessage(SCATTER_DIMENSION_NUMBERS),
            "ScatterDimensionNumbers",
            1,
            2,
            3,
            4,
            5,
            6);
    return new HloOp.Scatter(
        new ScatterDimensionNumbers(
            numbers.list(1),
            numbers.list(2),
            numbers.list(5),
            numbers.list(6),
            numbers.list(3),
            numbers.number(4)),
        in.calledAlone(),
        in.bool(INDICES_ARE_SORTED),
        in.bool(UNIQUE_INDICES));
  }
}
