package io.lazytensor.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a command did.
 *
 * @param code its exit code
 * @param out what it printed
 * @param err what it complained of
 */
record CommandRun(int code, String out, String err) {
  static CommandRun of(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = String.valueOf(arguments[i]);
    }
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), texts);
    return new CommandRun(code, out.toString(), err.toString());
  }

  /** Returns whether the command failed with one message and no stack trace. */
  boolean refused(int expectedCode, String text) {
    return code == expectedCode && err.contains(text) && !err.contains("\tat ");
  }

  /** Returns the last line printed. */
  String lastLine() {
    return out.lines().reduce((_, last) -> last).orElse("");
  }
}
