package io.lazytensor.pjrt.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The measured table of the C API, independent of the constants of the binding. */
final class AbiTable {
  static final AbiTable INSTANCE = new AbiTable();

  private final Map<String, Integer> sizes = new HashMap<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private final Map<String, TreeMap<Integer, Integer>> histories = new HashMap<>();
  final Map<Integer, String> functions = new TreeMap<>();

  private AbiTable() {
    try (InputStream in = AbiTable.class.getResourceAsStream("/pjrt-abi.tsv")) {
      if (in == null) {
        throw new IllegalStateException("pjrt-abi.tsv is missing");
      }
      new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(this::read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(String line) {
    String[] part = line.split("\t", -1);
    switch (part[0]) {
      case "struct" -> sizes.put(part[1], Integer.valueOf(part[2]));
      case "field" -> offsets.put(part[1] + "." + part[2], Long.valueOf(part[3]));
      case "slot" -> functions.put(Integer.valueOf(part[1]), part[3]);
      case "sizeAt" -> {
        TreeMap<Integer, Integer> history = new TreeMap<>();
        for (String entry : part[2].split(",", -1)) {
          String[] pair = entry.split(":", -1);
          history.put(Integer.valueOf(pair[0]), Integer.valueOf(pair[1]));
        }
        histories.put(part[1], history);
      }
      default -> {}
    }
  }

  /** Returns a struct's size in a version. */
  int size(String struct, int minor) {
    TreeMap<Integer, Integer> history = histories.get(struct);
    if (history != null) {
      var entry = history.floorEntry(minor);
      return (entry == null ? history.firstEntry() : entry).getValue();
    }
    Integer size = sizes.get(struct);
    if (size == null) {
      throw new IllegalArgumentException("no struct " + struct);
    }
    return size;
  }

  long offset(String struct, String field) {
    Long offset = offsets.get(struct + "." + field);
    if (offset == null) {
      throw new IllegalArgumentException("no field " + struct + "." + field);
    }
    return offset;
  }
}
