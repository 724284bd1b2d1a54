package io.lazytensor.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaseBatchTest {
  @TempDir Path root;

  private final PrintWriter nowhere = new PrintWriter(new StringWriter(), true);

  /** As native code does, the case does not hear that it is interrupted. */
  @Test
  void caseThatCannotBeStoppedIsGivenUpOn() throws IOException {
    Path stuck = Files.createDirectories(root.resolve("stuck"));
    Path good = Files.createDirectories(root.resolve("good"));
    CountDownLatch over = new CountDownLatch(1);
    CaseBatch batch =
        new CaseBatch(
            (folder, _) -> {
              while (folder.path().equals(stuck) && over.getCount() > 0) {
                Thread.onSpinWait();
              }
            },
            false,
            1,
            nowhere);
    Tally tally = new Tally(nowhere, false);
    assertFalse(batch.gaveUp());
    batch.run(List.of(stuck, good), tally);
    over.countDown();
    assertTrue(batch.gaveUp());
    assertTrue(tally.result().startsWith("result: cases=2 ran=1 unsupported=0 errors=1 "));
    assertEquals(
        "took longer than 1 s; --timeout sets the limit", new CaseFolder(stuck).firstErrorLine());
  }
}
