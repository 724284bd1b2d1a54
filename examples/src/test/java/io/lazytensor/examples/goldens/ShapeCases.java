package io.lazytensor.examples.goldens;

import static io.lazytensor.nn.F.concat;
import static io.lazytensor.nn.F.embedding;
import static io.lazytensor.nn.F.fullLike;
import static io.lazytensor.nn.F.meshgrid;
import static io.lazytensor.nn.F.oneHot;
import static io.lazytensor.nn.F.onesLike;
import static io.lazytensor.nn.F.pad;
import static io.lazytensor.nn.F.stack;
import static io.lazytensor.nn.F.zerosLike;

import io.lazytensor.Tensor;
import io.lazytensor.nn.PadMode;
import java.util.List;

/** Rearrangements, reads and writes at indices, new tensors. */
final class ShapeCases {
  private ShapeCases() {}

  static void add(GoldenTable t) {
    dimensions(t);
    ranges(t);
    triangles(t);
    pieces(t);
    padding(t);
    indices(t);
    creation(t);
  }

  private static void dimensions(GoldenTable t) {
    t.one("reshape", x -> x.reshape(4, -1));
    t.one("flatten", Tensor::flatten);
    t.one("flattenFrom", x -> x.flatten(1));
    t.one("flattenRange", x -> x.flatten(0, 1));
    t.one("unflatten", x -> x.unflatten(-1, 2, -1));
    t.one("transpose", x -> x.transpose(0, -1));
    t.one("t", Tensor::t);
    t.one("permute", x -> x.permute(2, 0, 1));
    t.one("movedim", x -> x.movedim(0, -1));
    t.one("movedims", x -> x.movedim(new int[] {0, 1}, new int[] {2, 0}));
    t.one("squeezeAll", Tensor::squeeze);
    t.one("squeezeDim", x -> x.squeeze(0));
    t.one("squeezeDims", x -> x.squeeze(0, 2, 1));
    t.one("unsqueeze", x -> x.unsqueeze(-1));
    t.one("expand", x -> x.expand(2, -1, 4));
    t.one("repeat", x -> x.repeat(2, 1, 3));
    t.one("repeatInterleave", x -> x.repeatInterleave(3, 1));
  }

  private static void ranges(GoldenTable t) {
    t.one("select", x -> x.select(1, -1));
    t.one("slice", x -> x.slice(2, 1, -1));
    t.one("sliceStep", x -> x.slice(1, 0, 3, 2));
    t.one("narrow", x -> x.narrow(2, 1, 2));
    t.one("narrowNegative", x -> x.narrow(2, -3, 2));
    t.one("unfold", x -> x.unfold(1, 2, 2));
    t.one("unfoldOverlap", x -> x.unfold(0, 3, 1));
    t.one("unfoldMiddle", x -> x.unfold(1, 2, 1));
    t.one("flip", x -> x.flip(0, -1));
    t.one("roll", x -> x.roll(-2, 1));
    t.one("rollDims", x -> x.roll(new int[] {1, 2}, 0, 1));
    t.one("rollFlat", x -> x.roll(new int[] {3}));
  }

  private static void triangles(GoldenTable t) {
    t.one("diagonal", Tensor::diagonal);
    t.one("diagonalOffset", x -> x.diagonal(1, 0, 2));
    t.one("diagonalBelow", x -> x.diagonal(-1, -2, -1));
    t.one("diagonalCorner", x -> x.diagonal(3, 0, 1));
    t.one("tril", Tensor::tril);
    t.one("trilAbove", x -> x.tril(1));
    t.one("triu", Tensor::triu);
    t.one("triuBelow", x -> x.triu(-1));
  }

  private static void pieces(GoldenTable t) {
    t.many("split", in -> in.get(0).split(2, 1));
    t.many("splitSizes", in -> in.get(0).split(new int[] {1, 3, 1}, 1));
    t.many("chunk", in -> in.get(0).chunk(3, 0));
    t.many("unbind", in -> in.get(0).unbind(1));
    t.many("cat", in -> List.of(concat(in.all(), 0)));
    t.many("catLast", in -> List.of(concat(in.all(), -1)));
    t.many("catTypes", in -> List.of(concat(in.all(), 0)));
    t.many("stack", in -> List.of(stack(in.all(), 1)));
    t.many("stackLast", in -> List.of(stack(in.all(), -1)));
  }

  private static void padding(GoldenTable t) {
    t.one("pad", x -> pad(x, 1, 2));
    t.one("padTwo", x -> pad(x, 1.5, new int[] {1, 0, 0, 2}));
    t.one("padNegative", x -> pad(x, -1, 2));
    t.one("padReflect", x -> pad(x, PadMode.REFLECT, 2, 1));
    t.one("padReflectTwo", x -> pad(x, PadMode.REFLECT, 1, 2, 1, 0));
    t.one("padReplicate", x -> pad(x, PadMode.REPLICATE, 2, 1));
    t.one("padCircular", x -> pad(x, PadMode.CIRCULAR, 2, 1));
  }

  private static void indices(GoldenTable t) {
    t.two("gather", (x, i) -> x.gather(1, i));
    t.two("gatherPart", (x, i) -> x.gather(0, i));
    t.two("gatherThree", (x, i) -> x.gather(2, i));
    t.two("takeAlongDim", (x, i) -> x.takeAlongDim(i, 1));
    t.two("indexSelect", (x, i) -> x.indexSelect(1, i));
    t.three("scatter", (x, i, v) -> x.scatter(1, i, v));
    t.three("scatterPart", (x, i, v) -> x.scatter(0, i, v));
    t.two("scatterNumber", (x, i) -> x.scatter(1, i, 1.5));
    t.three("scatterAdd", (x, i, v) -> x.scatterAdd(1, i, v));
    t.three("scatterAddPart", (x, i, v) -> x.scatterAdd(0, i, v));
    t.three("indexAdd", (x, i, v) -> x.indexAdd(0, i, v));
    t.three("indexAddAlpha", (x, i, v) -> x.indexAdd(1, i, v, -0.5));
    t.three("indexCopy", (x, i, v) -> x.indexCopy(0, i, v));
    t.two("indexFill", (x, i) -> x.indexFill(1, i, 2.5));
    t.one("oneHot", i -> oneHot(i, 4));
    t.two("embedding", (i, w) -> embedding(i, w));
  }

  private static void creation(GoldenTable t) {
    t.one("zerosLike", x -> zerosLike(x));
    t.one("onesLikeInts", x -> onesLike(x));
    t.one("fullLike", x -> fullLike(x, 2.5));
    t.many("meshgrid", in -> meshgrid(in.get(0), in.get(1)));
    t.many("arange", in -> List.of(in.device().arange(5)));
    t.many("arangeStep", in -> List.of(in.device().arange(7, -3, -2)));
    t.many("arangeFractions", in -> List.of(in.device().arange(-1.0, 2.0, 0.3)));
    t.many("linspace", in -> List.of(in.device().linspace(-1.5, 3, 7)));
    t.many("eye", in -> List.of(in.device().eye(2, 3)));
  }
}
