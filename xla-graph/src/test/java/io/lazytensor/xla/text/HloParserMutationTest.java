package io.lazytensor.xla.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lazytensor.xla.EveryOp;
import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.LazyTensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever happens to a text, reading it ends in a module or in an exception of this library. */
class HloParserMutationTest {
  private static final List<String> SEEDS =
      EveryOp.modules().values().stream().map(HloPrinter::print).toList();
  private static final Pattern NUMBER = Pattern.compile("-?\\d+");
  private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");
  private static final String[] NUMBERS = {
    "0", "1", "-1", "2", "7", "2147483647", "2147483648", "-9223372036854775808", "1e400", "nan"
  };
  private static final String[] PIECES = {
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    "=",
    "%",
    "\"",
    "/*",
    "*/",
    "//",
    "...",
    "<=",
    "->",
    "ROOT ",
    "ENTRY ",
    "\0",
    "\\",
    "?",
    "é",
    "\uD800",
    ", sharding={manual}",
    "f32[2,3]",
    "token[]",
    "/*index=5*/"
  };

  @Test
  void mutatedTextsAreReadOrRefused() {
    campaign(2_000, 1);
  }

  @Test
  @Tag("full")
  void manyMutatedTextsAreReadOrRefused() {
    campaign(200_000, 2);
  }

  private static void campaign(int count, long seed) {
    int valid = 0;
    for (int i = 0; i < count; i++) {
      Random random = new Random(seed * 1_000_003 + i);
      String text = SEEDS.get(random.nextInt(SEEDS.size()));
      for (int k = random.nextInt(3); k >= 0; k--) {
        text = mutate(text, random);
      }
      valid += read(text, "seed " + seed + ", mutation " + i) ? 1 : 0;
    }
    // Mutations that nothing survives, or everything, would test little.
    assertTrue(valid > count / 50 && valid < count / 2, valid + " of " + count + " were valid");
  }

  private static boolean read(String text, String which) {
    long start = System.nanoTime();
    HloModule module;
    try {
      module = HloParser.parse(text);
      HloVerifier.verify(module);
    } catch (LazyTensorException refused) {
      String message = refused.getMessage();
      assertTrue(message != null && !message.isBlank(), which);
      return false;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return fail(which + ": " + text, e);
    } finally {
      long millis = (System.nanoTime() - start) / 1_000_000;
      assertTrue(millis < 1_000, () -> which + " took " + millis + " ms");
    }
    String printed = HloPrinter.print(module);
    assertEquals(module, HloParser.parse(printed), which);
    assertEquals(printed, HloPrinter.print(HloParser.parse(printed)), which);
    return true;
  }

  private static String mutate(String text, Random random) {
    int from = random.nextInt(text.length() + 1);
    int to = Math.min(text.length(), from + random.nextInt(20));
    return switch (random.nextInt(9)) {
      case 0 -> text.substring(0, from);
      case 1 -> text.substring(0, from) + text.substring(to);
      case 2 -> text.substring(0, to) + text.substring(from);
      case 3 ->
          text.substring(0, from) + PIECES[random.nextInt(PIECES.length)] + text.substring(from);
      case 4 -> {
        String other = SEEDS.get(random.nextInt(SEEDS.size()));
        yield text.substring(0, from) + other.substring(random.nextInt(other.length()));
      }
      case 5, 6 -> replace(text, NUMBER, NUMBERS[random.nextInt(NUMBERS.length)], random);
      case 7 -> replace(text, WORD, word(SEEDS.get(random.nextInt(SEEDS.size())), random), random);
      default -> {
        List<String> lines = new ArrayList<>(text.lines().toList());
        if (lines.isEmpty()) {
          yield text;
        }
        String line = lines.remove(random.nextInt(lines.size()));
        lines.add(random.nextInt(lines.size() + 1), line);
        yield String.join("\n", lines);
      }
    };
  }

  private static String word(String text, Random random) {
    List<String> words = WORD.matcher(text).results().map(r -> r.group()).toList();
    return words.get(random.nextInt(words.size()));
  }

  private static String replace(String text, Pattern what, String by, Random random) {
    Matcher matcher = what.matcher(text);
    int count = (int) matcher.results().count();
    if (count == 0) {
      return text;
    }
    int chosen = random.nextInt(count);
    matcher.reset();
    for (int i = 0; i <= chosen; i++) {
      if (!matcher.find()) {
        return text;
      }
    }
    return text.substring(0, matcher.start()) + by + text.substring(matcher.end());
  }
}
