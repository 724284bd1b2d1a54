package io.lazytensor.pjrt.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every number of the binding against the table a C compiler measured. */
class PjrtAbiTest {
  private static final Map<String, Integer> SIZES = new HashMap<>();
  private static final Map<String, Long> OFFSETS = new HashMap<>();
  private static final Map<String, Integer> SLOTS = new HashMap<>();
  private static final Map<String, String> HISTORIES = new HashMap<>();

  @BeforeAll
  static void readTable() throws IOException {
    try (InputStream in = PjrtAbiTest.class.getResourceAsStream("/pjrt-abi.tsv")) {
      assertNotNull(in);
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        String[] part = line.split("\t", -1);
        switch (part[0]) {
          case "struct" -> SIZES.put(part[1], Integer.valueOf(part[2]));
          case "field" ->
              OFFSETS.put(part[1] + "." + part[2].toUpperCase(Locale.ROOT), Long.valueOf(part[3]));
          case "slot" -> SLOTS.put(part[3], Integer.valueOf(part[1]));
          case "sizeAt" -> HISTORIES.put(part[1], part[2]);
          default -> assertTrue(line.startsWith("#"), line);
        }
      }
    }
  }

  @Test
  void sizesAreTheCompilers() {
    for (Struct struct : Struct.values()) {
      assertEquals(SIZES.get(struct.cName()), struct.sizeAt(PjrtAbi.NEWEST_MINOR), struct.cName());
      assertTrue(struct.allocation() >= struct.sizeAt(PjrtAbi.NEWEST_MINOR) + 128);
    }
  }

  @Test
  void sizesOfOlderVersionsAreTheHistorys() {
    for (Struct struct : Struct.values()) {
      String history = HISTORIES.get(struct.cName());
      if (history == null) {
        assertEquals(struct.sizeAt(PjrtAbi.NEWEST_MINOR), struct.sizeAt(54), struct.cName());
        continue;
      }
      List<String> entries = List.of(history.split(",", -1));
      for (int i = 0; i < entries.size(); i++) {
        int minor = Integer.parseInt(entries.get(i).split(":", -1)[0]);
        int size = Integer.parseInt(entries.get(i).split(":", -1)[1]);
        int next =
            i + 1 < entries.size()
                ? Integer.parseInt(entries.get(i + 1).split(":", -1)[0])
                : PjrtAbi.NEWEST_MINOR + 2;
        assertEquals(size, struct.sizeAt(minor), struct.cName() + " at " + minor);
        assertEquals(size, struct.sizeAt(next - 1), struct.cName() + " at " + (next - 1));
      }
    }
  }

  @Test
  void offsetsAreTheCompilers() throws IllegalAccessException {
    int checked = 0;
    for (Class<?> type : PjrtAbi.class.getDeclaredClasses()) {
      Struct struct = null;
      for (Field field : type.getDeclaredFields()) {
        if (field.getType() == Struct.class) {
          struct = (Struct) field.get(null);
        }
      }
      assertNotNull(struct, type + " names its struct");
      for (Field field : type.getDeclaredFields()) {
        if (field.getType() == long.class) {
          String name = struct.cName() + "." + field.getName();
          assertEquals(OFFSETS.get(name), field.getLong(null), name);
          checked++;
        }
      }
    }
    assertEquals(Struct.values().length, PjrtAbi.class.getDeclaredClasses().length);
    assertTrue(checked > 100, "checked " + checked);
  }

  @Test
  void slotsAreTheHeaders() {
    for (PjrtFunction function : PjrtFunction.values()) {
      assertEquals(SLOTS.get(function.cName()), function.slot(), function.cName());
      assertEquals(40 + 8L * function.slot(), function.offset());
    }
  }
}
