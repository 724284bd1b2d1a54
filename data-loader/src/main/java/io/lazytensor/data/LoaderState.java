package io.lazytensor.data;

import io.lazytensor.PlainValue;
import io.lazytensor.StateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Where a loader is: the next record to be trained, not the next to be read. It does not depend on
 * workers, prefetching or ranks.
 *
 * @param seed what order and random changes of records start from
 * @param epoch from 0
 * @param nextGlobalSample position within the epoch's order, over all ranks; a multiple of the
 *     global batch
 * @param datasetFingerprint the data, see {@link Dataset#fingerprint}
 * @param globalBatch records of a batch on all ranks
 * @param order what else the order depends on
 */
public record LoaderState(
    long seed,
    long epoch,
    long nextGlobalSample,
    String datasetFingerprint,
    int globalBatch,
    String order) {
  private static final long VERSION = 1;
  private static final List<String> KEYS =
      List.of(
          "version",
          "seed",
          "epoch",
          "nextGlobalSample",
          "datasetFingerprint",
          "globalBatch",
          "order");

  /** Returns the state as plain values by name. */
  public SequencedMap<String, PlainValue> toMap() {
    SequencedMap<String, PlainValue> out = new LinkedHashMap<>();
    out.put("version", PlainValue.of(VERSION));
    out.put("seed", PlainValue.of(seed));
    out.put("epoch", PlainValue.of(epoch));
    out.put("nextGlobalSample", PlainValue.of(nextGlobalSample));
    out.put("datasetFingerprint", PlainValue.of(datasetFingerprint));
    out.put("globalBatch", PlainValue.of((long) globalBatch));
    out.put("order", PlainValue.of(order));
    return out;
  }

  /**
   * Returns the state that {@link #toMap} gave these values for.
   *
   * @throws StateException if a value is missing, of another kind or impossible
   */
  public static LoaderState of(SequencedMap<String, PlainValue> values) {
    List<String> missing = new ArrayList<>(KEYS);
    missing.removeAll(values.keySet());
    if (!missing.isEmpty()) {
      throw new StateException(
          "the position of a data loader lacks %s; it has %s".formatted(missing, values.keySet()));
    }
    long version = number(values, "version");
    if (version != VERSION) {
      throw new StateException(
          "the position of a data loader has version %d, this program reads %d"
              .formatted(version, VERSION));
    }
    long batch = number(values, "globalBatch");
    LoaderState state =
        new LoaderState(
            number(values, "seed"),
            number(values, "epoch"),
            number(values, "nextGlobalSample"),
            text(values, "datasetFingerprint"),
            (int) batch,
            text(values, "order"));
    boolean possible =
        batch >= 1
            && batch <= Integer.MAX_VALUE
            && state.epoch >= 0
            && state.nextGlobalSample >= 0
            && state.nextGlobalSample % batch == 0;
    if (!possible) {
      throw new StateException("the position of a data loader is impossible: " + state);
    }
    return state;
  }

  private static long number(SequencedMap<String, PlainValue> values, String key) {
    return required(values, key).asLong();
  }

  private static String text(SequencedMap<String, PlainValue> values, String key) {
    return required(values, key).asText();
  }

  private static PlainValue required(SequencedMap<String, PlainValue> values, String key) {
    PlainValue value = values.get(key);
    if (value == null) {
      throw new StateException("the position of a data loader lacks " + key);
    }
    return value;
  }

  /**
   * Refuses a state of other data, another batch size, seed or order.
   *
   * @throws StateException naming every difference
   */
  void requireFits(LoaderState own) {
    List<String> differences = new ArrayList<>();
    differ(differences, "data set", datasetFingerprint, own.datasetFingerprint);
    differ(differences, "global batch", globalBatch, own.globalBatch);
    differ(differences, "seed", seed, own.seed);
    differ(differences, "order", order, own.order);
    if (!differences.isEmpty()) {
      throw new StateException(
          "the saved position does not fit this loader, which would give other batches: "
              + String.join("; ", differences));
    }
  }

  private static void differ(List<String> out, String what, Object saved, Object own) {
    if (!saved.equals(own)) {
      out.add("%s was %s and is %s".formatted(what, saved, own));
    }
  }
}
