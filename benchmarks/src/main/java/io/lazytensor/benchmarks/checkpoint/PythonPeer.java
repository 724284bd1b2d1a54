package io.lazytensor.benchmarks.checkpoint;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Python process that measures PyTorch and safetensors, a round at a time. */
final class PythonPeer implements AutoCloseable {
  private static final Pattern FIGURE = Pattern.compile("\"([^\"]+)\": ([0-9.e-]+)");

  private final Process process;
  private final BufferedReader answers;
  private final Writer requests;
  private final String versions;

  PythonPeer(Path python, Path script, Path model, Path many, Path folder) throws IOException {
    process =
        new ProcessBuilder(
                python.toString(),
                script.toString(),
                model.toString(),
                many.toString(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    answers = process.inputReader();
    requests = process.outputWriter();
    versions = answer();
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("Python ended; its message is above");
    }
    return line;
  }

  String versions() {
    return versions;
  }

  void round(Timings timings) throws IOException {
    requests.write("round\n");
    requests.flush();
    Matcher figures = FIGURE.matcher(answer());
    while (figures.find()) {
      timings.add(figures.group(1), Double.parseDouble(figures.group(2)));
    }
  }

  @Override
  public void close() throws IOException {
    requests.close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
