package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Indexing;
import io.lazytensor.internal.lower.Scattering;
import io.lazytensor.internal.record.CallKind;

/** Reads and writes at computed places. The attribute is the dimension where there is a number. */
public final class IndexOps {
  private IndexOps() {}

  public static final CallKind GATHER =
      CallKind.of("gather", (b, c) -> Indexing.gather(b, c.a(), (int) c.literal(), c.b()));
  public static final CallKind TAKE_ALONG_DIM =
      CallKind.of(
          "takeAlongDim", (b, c) -> Scattering.takeAlongDim(b, c.a(), c.b(), (int) c.literal()));
  public static final CallKind INDEX_SELECT =
      CallKind.of(
          "indexSelect", (b, c) -> Indexing.indexSelect(b, c.a(), (int) c.literal(), c.b()));
  public static final CallKind SCATTER =
      CallKind.of(
          "scatter", (b, c) -> Scattering.scatter(b, c.a(), (int) c.literal(), c.b(), c.c()));
  public static final CallKind SCATTER_NUMBER =
      CallKind.of(
          "scatter",
          (b, c) -> {
            int dim = c.attribute(Integer.class);
            return Scattering.scatter(b, c.a(), dim, c.b(), Kinds.written(c));
          });
  public static final CallKind SCATTER_ADD =
      CallKind.of(
          "scatterAdd", (b, c) -> Scattering.scatterAdd(b, c.a(), (int) c.literal(), c.b(), c.c()));
  public static final CallKind INDEX_ADD =
      CallKind.of(
          "indexAdd",
          (b, c) ->
              Scattering.indexAdd(
                  b, c.a(), c.attribute(Integer.class), c.b(), c.c(), Kinds.written(c)));
  public static final CallKind INDEX_COPY =
      CallKind.of(
          "indexCopy", (b, c) -> Scattering.indexCopy(b, c.a(), (int) c.literal(), c.b(), c.c()));
  public static final CallKind INDEX_FILL =
      CallKind.of(
          "indexFill",
          (b, c) ->
              Scattering.indexFill(b, c.a(), c.attribute(Integer.class), c.b(), Kinds.written(c)));
}
