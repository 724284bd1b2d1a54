package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowOp;

/** Operations that combine elements. */
final class ContractOpReader {
  private static final int PACKED_NIBBLE = 3;

  private ContractOpReader() {}

  static HloOp reduceWindow(InstructionProto in) {
    return new WindowOp.ReduceWindow(window(in), in.calledAlone());
  }

  static HloOp selectAndScatter(InstructionProto in) {
    return new WindowOp.SelectAndScatter(window(in), in.called(2).get(0), in.called(2).get(1));
  }

  private static Window window(InstructionProto in) {
    return Messages.window(in.requiredMessage(WINDOW));
  }

  static HloOp dot(InstructionProto in) {
    if (in.message(SPARSITY_CONFIG).isPresent()) {
      throw in.unsupported("sparse operands are");
    }
    return new HloOp.Dot(
        dotNumbers(in.requiredMessage(DOT_DIMENSION_NUMBERS)),
        in.arrayShape().dtype(),
        precision(in));
  }

  static HloOp raggedDot(InstructionProto in) {
    WireReader message = in.requiredMessage(RAGGED_DOT_DIMENSION_NUMBERS);
    NumberMessage numbers = NumberMessage.read(message.again(), "RaggedDotDimensionNumbers", 2, 3);
    DotDimensionNumbers dot = null;
    while (message.next()) {
      if (message.field() != 1) {
        message.skip();
      } else if (dot == null) {
        dot = dotNumbers(message.message("DotDimensionNumbers"));
      } else {
        throw in.broken("has two of RaggedDotDimensionNumbers, field 1; one is expected");
      }
    }
    if (dot == null) {
      throw in.broken("has RaggedDotDimensionNumbers without field 1");
    }
    return new HloOp.RaggedDot(
        new RaggedDotDimensionNumbers(dot, numbers.list(2), numbers.list(3)),
        in.arrayShape().dtype(),
        precision(in));
  }

  private static DotDimensionNumbers dotNumbers(WireReader in) {
    NumberMessage numbers = NumberMessage.read(in, "DotDimensionNumbers", 1, 2, 3, 4);
    return new DotDimensionNumbers(
        numbers.list(1), numbers.list(2), numbers.list(3), numbers.list(4));
  }

  static HloOp convolution(InstructionProto in) {
    NumberMessage numbers =
        NumberMessage.read(
            in.requiredMessage(CONVOLUTION_DIMENSION_NUMBERS),
            "ConvolutionDimensionNumbers",
            3,
            4,
            6,
            7,
            8,
            9,
            10,
            11,
            12);
    return new WindowOp.Convolution(
        window(in),
        new ConvolutionDimensionNumbers(
            numbers.number(7),
            numbers.number(8),
            numbers.list(11),
            numbers.number(3),
            numbers.number(4),
            numbers.list(6),
            numbers.number(9),
            numbers.number(10),
            numbers.list(12)),
        Math.max(1, in.number(FEATURE_GROUP_COUNT)),
        Math.max(1, in.number(BATCH_GROUP_COUNT)),
        precision(in),
        in.arrayShape().dtype());
  }

  private static PrecisionConfig precision(InstructionProto in) {
    NumberMessage numbers =
        in.message(PRECISION_CONFIG)
            .map(m -> NumberMessage.read(m, "PrecisionConfig", 1, 2))
            .orElse(null);
    if (numbers == null) {
      return PrecisionConfig.DEFAULT;
    }
    PrecisionConfig.Precision[] all = PrecisionConfig.Precision.values();
    PrecisionConfig.Precision[] operands = {all[0], all[0]};
    for (int i = 0; i < numbers.list(1).size(); i++) {
      int precision = numbers.list(1).get(i);
      if (precision == PACKED_NIBBLE) {
        throw in.unsupported("operand precision packed_nibble is");
      }
      if (precision < 0 || precision >= all.length) {
        throw in.broken("has the operand precision " + precision);
      }
      if (i < operands.length) {
        operands[i] = all[precision];
      }
    }
    PrecisionConfig.Algorithm[] algorithms = PrecisionConfig.Algorithm.values();
    int algorithm = numbers.number(2);
    if (algorithm < 0 || algorithm >= algorithms.length) {
      throw in.unsupported("the algorithm " + algorithm + " of products is");
    }
    return new PrecisionConfig(operands[0], operands[1], algorithms[algorithm]);
  }
}
