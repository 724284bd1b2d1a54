package io.lazytensor.internal.ops;

import static io.lazytensor.internal.ops.Kinds.indexed;
import static io.lazytensor.internal.ops.Kinds.pieces;

import io.lazytensor.internal.lower.Padding;
import io.lazytensor.internal.lower.Rearrangements;
import io.lazytensor.internal.lower.Shapes;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.nn.PadMode;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.Arrays;

/** Rearrangements of elements. */
public final class ShapeOps {
  private ShapeOps() {}

  public static final CallKind RESHAPE = indexed("reshape", Shapes::reshape);
  public static final CallKind FLATTEN =
      indexed("flatten", (b, x, i) -> Shapes.flatten(b, x, i[0], i[1]));
  public static final CallKind UNFLATTEN =
      indexed("unflatten", (b, x, i) -> Rearrangements.unflatten(b, x, i[0], from(i, 1)));
  public static final CallKind TRANSPOSE =
      indexed("transpose", (b, x, i) -> Shapes.transpose(b, x, i[0], i[1]));
  public static final CallKind PERMUTE = indexed("permute", Shapes::permute);

  /** Integers: the dimensions, then as many places. */
  public static final CallKind MOVEDIM =
      indexed(
          "movedim",
          (b, x, i) ->
              Rearrangements.movedim(b, x, Arrays.copyOf(i, i.length / 2), from(i, i.length / 2)));

  public static final CallKind SQUEEZE = indexed("squeeze", Shapes::squeeze);
  public static final CallKind UNSQUEEZE =
      indexed("unsqueeze", (b, x, i) -> Shapes.unsqueeze(b, x, i[0]));
  public static final CallKind EXPAND = indexed("expand", Shapes::expand);
  public static final CallKind REPEAT = indexed("repeat", Shapes::repeat);
  public static final CallKind REPEAT_INTERLEAVE =
      indexed("repeatInterleave", (b, x, i) -> Rearrangements.repeatInterleave(b, x, i[0], i[1]));
  public static final CallKind SELECT =
      indexed("select", (b, x, i) -> Shapes.select(b, x, i[0], i[1]));
  public static final CallKind SLICE =
      indexed("slice", (b, x, i) -> Shapes.slice(b, x, i[0], i[1], i[2], i[3]));
  public static final CallKind NARROW =
      indexed("narrow", (b, x, i) -> Rearrangements.narrow(b, x, i[0], i[1], i[2]));
  public static final CallKind UNFOLD =
      indexed("unfold", (b, x, i) -> Rearrangements.unfold(b, x, i[0], i[1], i[2]));
  public static final CallKind DIAGONAL =
      indexed("diagonal", (b, x, i) -> Rearrangements.diagonal(b, x, i[0], i[1], i[2]));
  public static final CallKind TRIL = indexed("tril", (b, x, i) -> Shapes.tril(b, x, i[0]));
  public static final CallKind TRIU = indexed("triu", (b, x, i) -> Shapes.triu(b, x, i[0]));
  public static final CallKind FLIP = indexed("flip", Shapes::flip);

  /** The literal is the number of shifts; integers: the shifts, then the dimensions. */
  public static final CallKind ROLL =
      CallKind.of(
          "roll",
          (b, c) -> {
            int[] i = c.integers();
            int shifts = (int) c.literal();
            return Rearrangements.roll(b, c.a(), Arrays.copyOf(i, shifts), from(i, shifts));
          });

  public static final CallKind PAD =
      CallKind.of("pad", (b, c) -> Shapes.pad(b, c.a(), Kinds.written(c), c.integers()));

  /** The literal is the mode's number. */
  public static final CallKind PAD_MODE =
      CallKind.of(
          "pad",
          (b, c) -> Padding.pad(b, c.a(), PadMode.values()[(int) c.literal()], c.integers()));

  public static final CallKind CONCAT =
      CallKind.many(
          "concat",
          (b, c) -> new HloInstruction[] {Shapes.concat(b, c.operands(), (int) c.literal())});
  public static final CallKind STACK =
      CallKind.many(
          "stack",
          (b, c) -> new HloInstruction[] {Shapes.stack(b, c.operands(), (int) c.literal())});
  public static final CallKind SPLIT = pieces("split", (b, x, i) -> Shapes.split(b, x, i[0], i[1]));

  /** Integers: the dimension, then the sizes. */
  public static final CallKind SPLIT_SIZES =
      pieces("split", (b, x, i) -> Rearrangements.split(b, x, from(i, 1), i[0]));

  public static final CallKind CHUNK = pieces("chunk", (b, x, i) -> Shapes.chunk(b, x, i[0], i[1]));
  public static final CallKind UNBIND =
      pieces("unbind", (b, x, i) -> Rearrangements.unbind(b, x, i[0]));

  private static int[] from(int[] integers, int start) {
    return Arrays.copyOfRange(integers, start, integers.length);
  }
}
