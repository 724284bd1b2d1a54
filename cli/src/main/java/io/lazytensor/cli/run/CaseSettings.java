package io.lazytensor.cli.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code case.json} says about how a module is run. Types and shapes are the module's own
 * business.
 *
 * @param steps how often the module runs
 * @param feedback which outputs become inputs of the next run
 * @param devices how many devices have files of their own
 * @param replicas how many replicas run
 */
record CaseSettings(int steps, List<Feedback> feedback, int devices, int replicas) {
  private static final int MOST = 1 << 20;
  private static final JsonFactory JSON = new JsonFactory();

  CaseSettings {
    feedback = List.copyOf(feedback);
  }

  /**
   * An output that becomes an input.
   *
   * @param output the result's number
   * @param input the parameter's number
   */
  record Feedback(int output, int input) {}

  /**
   * Reads the file; without one, the module runs once on one device.
   *
   * @throws CaseException if it is malformed
   */
  static CaseSettings read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return new CaseSettings(1, List.of(), 1, 1);
    }
    try (JsonParser in = JSON.createParser(Files.readAllBytes(file))) {
      return new Reader(in).settings();
    } catch (JsonProcessingException e) {
      throw new CaseException(
          "case.json is no valid JSON in line %d: %s"
              .formatted(
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                  String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("")));
    }
  }

  private static final class Reader {
    private final JsonParser in;
    private final List<Feedback> feedback = new ArrayList<>();
    private int steps = 1;
    private int devices = 1;
    private int replicas;

    Reader(JsonParser in) {
      this.in = in;
    }

    CaseSettings settings() throws IOException {
      expect(in.nextToken(), JsonToken.START_OBJECT, "an object");
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String key = in.currentName();
        JsonToken value = in.nextToken();
        switch (key) {
          case "loop" -> {
            if (value != JsonToken.VALUE_NULL) {
              loop(value);
            }
          }
          case "devices" -> devices = count(value, key, 1);
          case "replicas" -> replicas = count(value, key, 1);
          default -> in.skipChildren();
        }
      }
      return new CaseSettings(steps, feedback, devices, replicas == 0 ? devices : replicas);
    }

    private void loop(JsonToken start) throws IOException {
      expect(start, JsonToken.START_OBJECT, "loop to be an object");
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String key = in.currentName();
        JsonToken value = in.nextToken();
        switch (key) {
          case "steps" -> steps = count(value, "loop.steps", 1);
          case "feedback" -> feedback(value);
          default -> in.skipChildren();
        }
      }
    }

    private void feedback(JsonToken start) throws IOException {
      expect(start, JsonToken.START_ARRAY, "loop.feedback to be a list");
      while (in.nextToken() != JsonToken.END_ARRAY) {
        expect(in.currentToken(), JsonToken.START_ARRAY, "loop.feedback to hold pairs");
        int output = count(in.nextToken(), "loop.feedback", 0);
        int input = count(in.nextToken(), "loop.feedback", 0);
        expect(in.nextToken(), JsonToken.END_ARRAY, "loop.feedback to hold pairs");
        feedback.add(new Feedback(output, input));
      }
    }

    private int count(JsonToken token, String what, int least) throws IOException {
      expect(token, JsonToken.VALUE_NUMBER_INT, what + " to be a number");
      long value = in.getLongValue();
      if (value < least || value > MOST) {
        throw new CaseException(
            "case.json: %s is %d, expected %d to %d".formatted(what, value, least, MOST));
      }
      return (int) value;
    }

    private static void expect(JsonToken got, JsonToken expected, String what) {
      if (got != expected) {
        throw new CaseException("case.json: expected " + what);
      }
    }
  }
}
