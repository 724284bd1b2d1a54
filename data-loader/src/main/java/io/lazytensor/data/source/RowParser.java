package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Makes a row of the text of a record. Used by several threads. */
interface RowParser {
  /**
   * Returns the row.
   *
   * @param where the record, for messages
   * @throws DataException if the record is empty or malformed
   */
  DataRow parse(String text, String where);

  /** Returns what the meaning of a file's bytes depends on. */
  String describe();

  /** Parses UTF-8. */
  default DataRow parse(byte[] bytes, String where) {
    if (bytes.length == 0) {
      throw new DataException(where + ": the record is empty");
    }
    return parse(decoded(bytes, where), where);
  }

  static String decoded(byte[] bytes, String where) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new DataException(where + ": the record is no UTF-8", e);
    }
  }
}
