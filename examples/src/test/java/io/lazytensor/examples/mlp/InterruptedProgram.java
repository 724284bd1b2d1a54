package io.lazytensor.examples.mlp;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The example in a process of its own, which a test kills. */
final class InterruptedProgram {
  private InterruptedProgram() {}

  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(new TrainMlp().run(out, err, args));
  }
}
