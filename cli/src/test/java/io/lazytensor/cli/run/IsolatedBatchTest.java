package io.lazytensor.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that crash, played by a shell script that leaves what a crashed one leaves. */
class IsolatedBatchTest {
  @TempDir Path root;

  private final StringWriter out = new StringWriter();
  private final Tally tally = new Tally(new PrintWriter(out, true), true);

  private List<Path> folders(String... names) throws IOException {
    List<Path> folders = new ArrayList<>();
    for (String name : names) {
      folders.add(Files.createDirectories(root.resolve(name)));
    }
    return folders;
  }

  /** A runner that crashes in folders called bad, and computes a result in all others. */
  private IsolatedBatch batch(int size) throws IOException {
    Path script = root.resolve("runner");
    Files.writeString(
        script,
        """
        list=${1#@}
        while read -r folder; do
          echo '%s' > "$folder/error.txt"
          case $folder in *bad*) exit 134 ;; esac
          rm "$folder/error.txt"
          echo result > "$folder/out_0.npy"
        done < "$list"
        echo "result: cases=1"
        """
            .formatted(CaseBatch.CRASHED));
    return new IsolatedBatch(
        List.of("sh", script.toString()), size, new PrintWriter(new StringWriter(), true));
  }

  @Test
  void caseThatCrashesItsProcessIsNamedAndTheNextOnesRun() throws IOException {
    List<Path> folders = folders("a", "bad1", "b", "c", "bad2");
    batch(10).run(folders, tally);
    assertTrue(tally.result().startsWith("result: cases=5 ran=3 unsupported=0 errors=2 "));
    assertTrue(out.toString().contains("bad1: crashed the process"), out.toString());
    assertTrue(Files.exists(folders.get(3).resolve("out_0.npy")));
  }

  @Test
  void resultsOfAnEarlierRunDoNotHideACrash() throws IOException {
    List<Path> folders = folders("bad");
    Files.writeString(folders.getFirst().resolve("out_0.npy"), "old");
    batch(1).run(folders, tally);
    assertTrue(Files.notExists(folders.getFirst().resolve("out_0.npy")));
    assertEquals(CaseBatch.CRASHED, new CaseFolder(folders.getFirst()).firstErrorLine());
  }

  @Test
  void processThatRunsNothingEndsTheBatch() throws IOException {
    List<Path> folders = folders("a");
    IsolatedBatch broken = new IsolatedBatch(List.of("false"), 1, new PrintWriter(out, true));
    CaseException failure = assertThrows(CaseException.class, () -> broken.run(folders, tally));
    assertTrue(String.valueOf(failure.getMessage()).contains("before it ran one"));
  }
}
