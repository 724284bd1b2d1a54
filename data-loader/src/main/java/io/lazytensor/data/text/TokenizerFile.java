package io.lazytensor.data.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lazytensor.data.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a {@code tokenizer.json} says about its tokens.
 *
 * @param vocabularySize the largest token and 1
 * @param padId the token to pad with; 0 if none is named
 */
record TokenizerFile(Path path, int vocabularySize, int padId) {
  private static final List<String> PADDING = List.of("[PAD]", "<pad>", "<|endoftext|>");

  static TokenizerFile read(Path path) {
    Scan scan = new Scan();
    try (JsonParser json = new JsonFactory().createParser(path.toFile())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new DataException(path + " is no tokenizer: it is no JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        switch (key) {
          case "added_tokens" -> scan.addedTokens(json);
          case "padding" -> scan.padding(json);
          case "model" -> scan.model(json);
          default -> json.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new DataException("%s is no tokenizer: %s".formatted(path, e.getMessage()), e);
    }
    if (scan.largest < 0) {
      throw new DataException(path + " is no tokenizer: it has no \"model\" with a vocabulary");
    }
    return new TokenizerFile(path, scan.largest + 1, Math.max(scan.pad, 0));
  }

  private static final class Scan {
    int largest = -1;
    int pad = -1;
    private int padRank = PADDING.size();

    void addedTokens(JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        json.skipChildren();
        return;
      }
      while (json.nextToken() == JsonToken.START_OBJECT) {
        int id = -1;
        String content = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String key = json.currentName();
          json.nextToken();
          switch (key) {
            case "id" -> id = json.getIntValue();
            case "content" -> content = json.getText();
            default -> json.skipChildren();
          }
        }
        token(content, id);
      }
    }

    private void token(String content, int id) {
      largest = Math.max(largest, id);
      int rank = PADDING.indexOf(content);
      if (rank >= 0 && rank < padRank) {
        padRank = rank;
        pad = id;
      }
    }

    void padding(JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        return;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        if (key.equals("pad_id")) {
          pad = json.getIntValue();
          padRank = -1;
        } else {
          json.skipChildren();
        }
      }
    }

    void model(JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        return;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        JsonToken value = json.nextToken();
        if (key.equals("vocab") && value == JsonToken.START_OBJECT) {
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            String content = json.currentName();
            json.nextToken();
            token(content, json.getIntValue());
          }
        } else if (key.equals("vocab") && value == JsonToken.START_ARRAY) {
          // Unigram: a token's number is its place.
          int place = 0;
          while (json.nextToken() != JsonToken.END_ARRAY) {
            json.skipChildren();
            largest = Math.max(largest, place++);
          }
        } else {
          json.skipChildren();
        }
      }
    }
  }
}
