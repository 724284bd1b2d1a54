package io.lazytensor.data.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.lazytensor.data.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Reads an object of JSON. */
final class JsonParser implements RowParser {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  @Override
  public DataRow parse(String text, String where) {
    try (com.fasterxml.jackson.core.JsonParser json = FACTORY.createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new DataException(where + ": the line is no JSON object");
      }
      SequencedMap<String, Object> values = object(json, where);
      if (json.nextToken() != null) {
        throw new DataException(where + ": there is more after the JSON object");
      }
      return new DataRow(where, values);
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: the line is no JSON, at column %d: %s"
              .formatted(where, e.getLocation().getColumnNr(), e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new DataException(where + ": the line is no JSON: " + e.getMessage(), e);
    }
  }

  // A key without a value stays, so that messages tell "no value" from "no column".
  @SuppressWarnings("NullAway")
  private static SequencedMap<String, Object> object(
      com.fasterxml.jackson.core.JsonParser json, String where) throws IOException {
    SequencedMap<String, Object> out = new LinkedHashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      out.put(key, value(json, where));
    }
    return out;
  }

  private static @Nullable Object value(com.fasterxml.jackson.core.JsonParser json, String where)
      throws IOException {
    JsonToken token = json.currentToken();
    return switch (token) {
      case VALUE_STRING -> json.getText();
      case VALUE_NUMBER_INT -> integer(json, where);
      case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case START_OBJECT -> object(json, where);
      case START_ARRAY -> array(json, where);
      case null, default -> throw new DataException(where + ": the JSON object is not closed");
    };
  }

  private static Object integer(com.fasterxml.jackson.core.JsonParser json, String where)
      throws IOException {
    if (json.getNumberType() == com.fasterxml.jackson.core.JsonParser.NumberType.BIG_INTEGER) {
      throw new DataException(
          "%s: column \"%s\" has an integer that does not fit into 64 bits"
              .formatted(where, json.currentName()));
    }
    return json.getLongValue();
  }

  private static List<Object> array(com.fasterxml.jackson.core.JsonParser json, String where)
      throws IOException {
    List<Object> out = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      Object value = value(json, where);
      if (value == null) {
        throw new DataException(where + ": a list holds null");
      }
      out.add(value);
    }
    return out;
  }

  @Override
  public String describe() {
    return "json lines";
  }
}
