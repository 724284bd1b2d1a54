package io.lazytensor.examples.goldens;

import static io.lazytensor.nn.F.cdist;
import static io.lazytensor.nn.F.cosineSimilarity;
import static io.lazytensor.nn.F.einsum;
import static io.lazytensor.nn.F.normalize;
import static io.lazytensor.nn.F.pairwiseDistance;

import io.lazytensor.Tensor;
import java.util.List;
import java.util.Map;

/** Products and distances. */
final class ProductCases {
  private static final List<String> RANKS =
      List.of(
          "VectorVector",
          "MatrixVector",
          "VectorMatrix",
          "MatrixMatrix",
          "BatchVector",
          "VectorBatch",
          "BatchMatrix",
          "MatrixBatch",
          "BatchBatch",
          "Broadcast",
          "Ints");

  private static final Map<String, String> EQUATIONS =
      Map.ofEntries(
          Map.entry("Matmul", "ij,jk->ik"),
          Map.entry("Implicit", "ij,jk"),
          Map.entry("ImplicitOrder", "ba,bc"),
          Map.entry("Batch", "bij,bjk->bik"),
          Map.entry("Attention", "bqhd,bkhd->bhqk"),
          Map.entry("Trace", "ii"),
          Map.entry("Diagonal", "ii->i"),
          Map.entry("BatchDiagonal", "...ii->...i"),
          Map.entry("TripleDiagonal", "iii->i"),
          Map.entry("Transpose", "ij->ji"),
          Map.entry("Sum", "ij->"),
          Map.entry("SumColumn", "ij->j"),
          Map.entry("Outer", "i,j->ij"),
          Map.entry("Hadamard", "ij,ij->ij"),
          Map.entry("HadamardTransposed", "ij,ji->ij"),
          Map.entry("Ellipsis", "...ij,...jk->...ik"),
          Map.entry("EllipsisImplicit", "i...,ij"),
          Map.entry("EllipsisEnd", "ij,j...->i..."),
          Map.entry("EllipsisSummed", "...i->i"),
          Map.entry("Three", "ij,jk,kl->il"),
          Map.entry("Bilinear", "bn,anm,bm->ba"),
          Map.entry("OnesBroadcast", "ij,jk->ik"),
          Map.entry("SummedAlone", "ij,k->i"),
          Map.entry("Spaces", " i j , j k -> k i "),
          Map.entry("Capitals", "aB,BC->aC"));

  private ProductCases() {}

  static void add(GoldenTable t) {
    products(t);
    distances(t);
    EQUATIONS.forEach((name, equation) ->
        t.many("einsum" + name, in -> List.of(einsum(equation, in.all().toArray(Tensor[]::new)))));
  }

  private static void products(GoldenTable t) {
    RANKS.forEach(name -> t.two("matmul" + name, Tensor::matmul));
    t.two("mm", Tensor::mm);
    t.two("bmm", Tensor::bmm);
    t.two("mv", Tensor::mv);
    t.two("dot", Tensor::dot);
    t.two("outer", Tensor::outer);
    t.three("addmm", (x, y, z) -> x.addmm(y, z, 0.5, 2));
    t.three("baddbmm", (x, y, z) -> x.baddbmm(y, z, 0.5, -1));
  }

  private static void distances(GoldenTable t) {
    t.one("normalize", x -> normalize(x, 1));
    t.one("normalize1", x -> normalize(x, 1, 0, 1e-3));
    t.one("normalizeZeroKink", x -> normalize(x, 2, 1, 0.5));
    t.two("cosineSimilarity", (x, y) -> cosineSimilarity(x, y, -1));
    t.two("cosineSimilarityBroadcast", (x, y) -> cosineSimilarity(x, y, 2));
    t.two("pairwiseDistance", (x, y) -> pairwiseDistance(x, y));
    t.two("pairwiseDistance1", (x, y) -> pairwiseDistance(x, y, 1, 1e-6));
    t.two("cdist", (x, y) -> cdist(x, y));
    t.two("cdistBatch", (x, y) -> cdist(x, y, 1));
    t.two("cdistZeroKink", (x, y) -> cdist(x, y));
  }
}
