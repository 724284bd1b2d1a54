package io.lazytensor.xla.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.testing.EveryOp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever happens to a text, reading it ends in a module or in an exception of this library. */
class HloParserMutationTest {
  private static final String WITH_EVERYTHING =
      """
      HloModule m, is_scheduled=true, input_output_alias={ {0}: (0, {}, may-alias) }, replica_count=2

      FileNames
      1 "a.py"

      FunctionNames
      1 "step"

      FileLocations
      1 {file_name_id=1 function_name_id=1 line=7 end_line=7 column=1 end_column=9}

      StackFrames
      1 {file_location_id=1 parent_frame_id=1}

      ENTRY %e (a: f32[2,3]) -> (f32[2,3], c64[2]) {
        %a = f32[2,3]{1,0:T(8,128)} parameter(0), sharding={devices=[2,1]<=[2]}
        b = f32[2,3]{0,1} custom-call(a), custom_call_target="t", operand_layout_constraints={f32[2,3]{0,1}}, backend_config={k = 1 : i32}
        c = (c64[2], (s4[2], f8e5m2[])) constant(({(1, -nan), (0x1p3, -0)}, ({-8, 7}, nan(0x1)))) // comment
        d = c64[2]{0} get-tuple-element(c), index=0, metadata={op_name="x\\"" stack_frame_id=1}
        f = f32[2,3] collective-broadcast(add(a, f32[2,3] b)), replica_groups=[1,2]<=[2]T(0)
        ROOT r = (f32[2,3], c64[2]) tuple(f, /*index=1*/d)
      }
      """;
  private static final List<String> SEEDS =
      Stream.concat(
              EveryOp.modules().values().stream().map(HloPrinter::print),
              Collections.nCopies(10, WITH_EVERYTHING).stream())
          .toList();
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
