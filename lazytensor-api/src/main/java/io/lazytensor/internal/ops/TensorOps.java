package io.lazytensor.internal.ops;

import static io.lazytensor.internal.lower.MatrixProducts.lowered;
import static io.lazytensor.internal.ops.Kinds.binary;
import static io.lazytensor.internal.ops.Kinds.unary;

import io.lazytensor.internal.lower.Distances;
import io.lazytensor.internal.lower.Einsum;
import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.Indexing;
import io.lazytensor.internal.lower.MatrixProducts;
import io.lazytensor.internal.lower.Normalizations;
import io.lazytensor.internal.record.Assignments;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/** Products, lookups, distances and types. The literal of a product is the type it computes in. */
public final class TensorOps {
  private TensorOps() {}

  /** Factors of a sum of a tensor and a product. */
  public record Factors(double beta, double alpha) {}

  /** What a distance or a similarity takes beside its vectors. */
  public record Measure(double order, int dim, double eps, boolean keepDim) {}

  private interface Product {
    HloInstruction lower(HloBuilder builder, HloInstruction x, HloInstruction y);
  }

  private static CallKind product(String name, Product lowering) {
    return CallKind.of(
        name,
        (b, c) -> {
          DType compute = DType.values()[(int) c.literal()];
          return lowering.lower(b, lowered(b, c.a(), compute), lowered(b, c.b(), compute));
        });
  }

  private static CallKind ranked(String name, int xRank, int yRank) {
    return product(name, (b, x, y) -> MatrixProducts.ranked(b, x, xRank, y, yRank));
  }

  private static CallKind sumWithProduct(String name, int rank) {
    return CallKind.of(
        name,
        (b, c) -> {
          DType compute = DType.values()[(int) c.literal()];
          Factors factors = c.attribute(Factors.class);
          HloInstruction product =
              MatrixProducts.ranked(
                  b, lowered(b, c.b(), compute), rank, lowered(b, c.c(), compute), rank);
          return MatrixProducts.addProduct(b, c.a(), product, factors.beta(), factors.alpha());
        });
  }

  public static final CallKind MATMUL = product("matmul", MatrixProducts::matmul);
  public static final CallKind MM = ranked("mm", 2, 2);
  public static final CallKind BMM = ranked("bmm", 3, 3);
  public static final CallKind MV = ranked("mv", 2, 1);
  public static final CallKind DOT = ranked("dot", 1, 1);
  public static final CallKind ADDMM = sumWithProduct("addmm", 2);
  public static final CallKind BADDBMM = sumWithProduct("baddbmm", 3);
  public static final CallKind OUTER = binary("outer", MatrixProducts::outer);
  public static final CallKind EINSUM =
      CallKind.many(
          "einsum",
          (b, c) -> {
            DType compute = DType.values()[(int) c.literal()];
            List<HloInstruction> operands =
                c.operands().stream().map(x -> lowered(b, x, compute)).toList();
            String text = c.attribute(String.class);
            return new HloInstruction[] {Einsum.einsum(b, text, operands)};
          });
  public static final CallKind LINEAR =
      CallKind.of(
          "linear",
          (b, c) -> {
            DType compute = DType.values()[(int) c.literal()];
            return MatrixProducts.linear(
                b,
                lowered(b, c.a(), compute),
                lowered(b, c.b(), compute),
                c.hasC() ? lowered(b, c.c(), compute) : null);
          });

  public static final CallKind ONE_HOT =
      CallKind.of("oneHot", (b, c) -> Indexing.oneHot(b, c.a(), (int) c.literal(), DType.S32));

  public static final CallKind NORMALIZE =
      CallKind.of(
          "normalize",
          (b, c) -> {
            Measure m = c.attribute(Measure.class);
            return Normalizations.normalize(b, c.a(), m.order(), m.dim(), m.eps());
          });
  public static final CallKind COSINE_SIMILARITY =
      CallKind.of(
          "cosineSimilarity",
          (b, c) -> {
            Measure m = c.attribute(Measure.class);
            return Normalizations.cosineSimilarity(b, c.a(), c.b(), m.dim(), m.eps());
          });
  public static final CallKind PAIRWISE_DISTANCE =
      CallKind.of(
          "pairwiseDistance",
          (b, c) -> {
            Measure m = c.attribute(Measure.class);
            return Distances.pairwise(b, c.a(), c.b(), m.order(), m.eps(), m.keepDim());
          });
  public static final CallKind CDIST =
      CallKind.of("cdist", (b, c) -> Distances.cdist(b, c.a(), c.b(), c.number()));

  public static final CallKind CAST =
      CallKind.of("to", (b, c) -> Elementwise.cast(b, c.a(), DType.values()[(int) c.literal()]));
  public static final CallKind DETACH = unary("detach", Assignments::stopped);
}
