package io.lazytensor.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.data.DataException;
import io.lazytensor.data.Dataset;
import io.lazytensor.data.StreamDataset;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFilesTest {
  @TempDir Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Path zipped(String name, String content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return Files.write(folder.resolve(name), out.toByteArray());
  }

  private Path resource(String name) throws IOException {
    try (InputStream in = DataFilesTest.class.getResourceAsStream("/io/lazytensor/data/" + name)) {
      return Files.write(folder.resolve(name), Objects.requireNonNull(in).readAllBytes());
    }
  }

  /** Reads every record both ways, which must agree, and returns a column; failures as messages. */
  private static List<String> column(Path path, String column) {
    List<String> indexed = texts(DataFiles.open(path), column);
    assertEquals(indexed, texts(DataFiles.stream(path), 0, column));
    assertEquals(indexed.subList(1, indexed.size()), texts(DataFiles.stream(path), 1, column));
    return indexed;
  }

  private static List<String> texts(Dataset<DataRow> rows, String column) {
    return LongStream.range(0, rows.size())
        .mapToObj(i -> {
          try {
            DataRow row = rows.get(i);
            assertEquals(rows.describe(i), row.where());
            return row.text(column);
          } catch (DataException e) {
            return String.valueOf(e.getMessage());
          }
        })
        .toList();
  }

  private static List<String> texts(StreamDataset<DataRow> rows, long from, String column) {
    List<String> out = new ArrayList<>();
    try (StreamDataset.RecordStream<DataRow> stream = rows.open(from)) {
      while (stream.advance()) {
        try {
          out.add(stream.entry().read(new SplittableRandom(0)).text(column));
        } catch (DataException e) {
          out.add(String.valueOf(e.getMessage()));
        }
      }
    }
    return out;
  }

  private static String message(org.junit.jupiter.api.function.Executable body) {
    return String.valueOf(assertThrows(DataException.class, body).getMessage());
  }

  // ---- CSV and TSV ------------------------------------------------------------------------------

  @Test
  void csvFieldsMayBeInQuotesAndSpanLines() throws IOException {
    Path path =
        file(
            "a.csv",
            "\uFEFFid,text\r\n1,\"one, \"\"two\"\"\"\r\n2,\"first\nsecond, é\"\n3,x \"y\" z\n4,\"\"\n");
    assertEquals(
        List.of("one, \"two\"", "first\nsecond, é", "x \"y\" z", ""), column(path, "text"));
    Dataset<DataRow> rows = DataFiles.open(path);
    assertEquals(List.of("id", "text"), rows.get(0).columns());
    assertEquals(path + ":3", rows.describe(1));
    assertEquals(path + ":5", rows.describe(2));
  }

  @Test
  void tsvKeepsQuotesAsTheyAre() throws IOException {
    Path path = file("a.tsv", "query\titem\n5\" nail\ta \"nail\"\nshoe\t\"open\n");
    assertEquals(List.of("a \"nail\"", "\"open"), column(path, "item"));
  }

  @Test
  void zippedFilesReadLikePlainOnes() throws IOException {
    String content = "query\titem\na\tb\nc\td\n";
    assertEquals(List.of("b", "d"), column(zipped("a.tsv.gz", content), "item"));
    assertEquals(List.of("b", "d"), column(file("a.tsv", content), "item"));
  }

  @Test
  void malformedAndEmptyRecordsAreNamedAndOthersAreRead() throws IOException {
    Path path = file("a.csv", "a,b\n1,2\n1\n\n\n1,2,3\n\"1\"x,2\n3,4\n\n\n");
    List<String> found = column(path, "b");
    assertEquals(
        List.of(
            "2",
            path + ":3: the record has 1 fields, there are 2 columns: a, b",
            path + ":4: the record is empty",
            path + ":5: the record is empty",
            path + ":6: the record has 3 fields, there are 2 columns: a, b"),
        found.subList(0, 5));
    assertTrue(found.get(5).startsWith(path + ":7: the record is malformed: "), found.get(5));
    assertEquals("4", found.get(6));
    assertEquals(7, found.size());
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() throws IOException {
    Path path = folder.resolve("a.tsv");
    Files.write(path, new byte[] {'a', '\n', 'x', '\n', (byte) 0xC3, '\n'});
    assertEquals(List.of("x", path + ":3: the record is no UTF-8"), column(path, "a"));
  }

  @Test
  void columnsMayBeNamedByTheProgram() throws IOException {
    Path path = file("a.txt", "1;x\n2;y");
    CsvFormat format = CsvFormat.csv().withSeparator(';').withColumns("n", "t");
    assertEquals(List.of("x", "y"), texts(DataFiles.open(path, format), "t"));
    assertEquals(List.of("x", "y"), texts(DataFiles.stream(path, format), 0, "t"));
  }

  @Test
  void wrongColumnsListThoseFound() throws IOException {
    Path path = file("a.csv", "name,price\nx,1\n");
    String expected = path + ": there is no column \"query\"; found name, price";
    assertEquals(expected, message(() -> DataFiles.open(path, "name", "query")));
    assertEquals(expected, message(() -> DataFiles.stream(path, "query")));
    assertEquals(
        path + ":2: there is no column \"q\"; found name, price",
        message(() -> DataFiles.open(path).get(0).text("q")));
    assertTrue(
        message(() -> DataFiles.open(file("b.csv", "a,a\n1,2\n")))
            .contains("names a column twice"));
    assertTrue(message(() -> DataFiles.open(file("c.csv", ""))).contains("is empty"));
  }

  @Test
  void filesThatCannotBeReadAreNamed() throws IOException {
    Path missing = folder.resolve("none.csv");
    assertEquals(
        missing + " cannot be read: there is no such file", message(() -> DataFiles.open(missing)));
    assertTrue(message(() -> DataFiles.open(folder.resolve("a.xls"))).contains("no known kind"));
    assertTrue(message(() -> DataFiles.open(folder.resolve("a.parquet"))).contains("no such file"));
    assertTrue(
        message(() -> DataFiles.open(file("b.parquet", "not parquet")))
            .contains("cannot be read as Parquet"));
    Path cut = zipped("c.tsv.gz", "a\tb\n".repeat(10_000));
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertTrue(message(() -> DataFiles.open(cut)).contains("cannot be read"));
  }

  @Test
  void fingerprintsAreOfTheContent() throws IOException {
    Path path = file("a.csv", "a,b\n1,2\n");
    String indexed = DataFiles.open(path).fingerprint();
    String streamed = DataFiles.stream(path).fingerprint();
    assertEquals(indexed, DataFiles.open(path).fingerprint());
    file("a.csv", "a,b\n1,3\n");
    assertNotEquals(indexed, DataFiles.open(path).fingerprint());
    assertNotEquals(streamed, DataFiles.stream(path).fingerprint());
  }

  // ---- JSON lines -------------------------------------------------------------------------------

  @Test
  void jsonLinesHaveTypedValues() throws IOException {
    Path path =
        file(
            "a.jsonl",
            "{\"t\": \"a\\u00e9\", \"n\": 3, \"f\": 0.5, \"b\": true, \"l\": [1, 2], \"o\": {\"x\": 1},"
                + " \"z\": null}\n");
    DataRow row = DataFiles.open(path, "t").get(0);
    assertEquals("aé", row.text("t"));
    assertEquals(3, row.integer("n"));
    assertEquals(0.5, row.number("f"));
    assertTrue(row.flag("b"));
    assertArrayEquals(new int[] {1, 2}, row.ints("l"));
    assertArrayEquals(new float[] {1, 2}, row.floats("l"));
    assertFalse(row.has("z"));
    assertEquals(path + ":1: column \"z\" has no value", message(() -> row.text("z")));
    assertEquals(
        path + ":1: column \"o\" takes a text, got an object", message(() -> row.text("o")));
    assertEquals(
        path + ":1: column \"f\" takes an integer, got \"0.5\"", message(() -> row.integer("f")));
    assertEquals(
        path + ":1: column \"t\" takes a number, got \"aé\"", message(() -> row.number("t")));
    assertEquals(
        path + ":1: column \"n\" takes true or false, got \"3\"", message(() -> row.flag("n")));
    assertEquals(path + ":1: column \"n\" takes a list, got \"3\"", message(() -> row.ints("n")));
  }

  @Test
  void brokenJsonIsRefusedWhereItIs() throws IOException {
    Path path =
        file(
            "a.jsonl",
            "{\"t\": \"x\"}\n{\"t\": }\n[1]\n{\"t\": 1} 2\n{\"t\": 1, \"t\": 2}\n{\"t\": 1\n"
                + "{\"t\": 99999999999999999999}\n{\"t\": [null]}\n{\"t\": \"y\"}\n");
    List<String> found = column(path, "t");
    assertEquals("x", found.get(0));
    for (int i = 1; i < 8; i++) {
      assertTrue(found.get(i).startsWith(path + ":" + (i + 1) + ": "), found.get(i));
    }
    assertEquals("y", found.get(8));
  }

  // ---- Parquet ----------------------------------------------------------------------------------

  @Test
  void parquetRowsReadInAnyOrderAndAsAStream() throws IOException {
    Path path = resource("pairs.parquet");
    List<String> ids = column(path, "id");
    assertEquals(LongStream.range(0, 25).mapToObj(Long::toString).toList(), ids);
    Dataset<DataRow> rows = DataFiles.open(path, "query", "item", "price", "sold", "tokens");
    for (int i : new int[] {24, 0, 11, 9, 10, 19, 20}) {
      DataRow row = rows.get(i);
      assertEquals("query " + i, row.text("query"));
      assertEquals("item " + i + " é", row.text("item"));
      assertEquals(i / 4.0, row.number("price"));
      assertEquals(i % 2 == 0, row.flag("sold"));
      assertEquals(i % 4, row.ints("tokens").length);
      assertEquals(path + ":" + (i + 1), row.where());
    }
    assertEquals(
        path + ":8: column \"item\" has no value", message(() -> rows.get(7).text("item")));
    assertThrows(DataException.class, () -> rows.get(25));
  }

  @Test
  void parquetFilesWithoutAColumnOrACodecSaySo() throws IOException {
    Path path = resource("pairs.parquet");
    assertEquals(
        path + ": there is no column \"q\"; found id, query, item, price, sold, tokens",
        message(() -> DataFiles.open(path, "q")));
    Path zstd = resource("zstd.parquet");
    assertTrue(message(() -> DataFiles.open(zstd).get(0)).contains("zstd"));
  }

  @Test
  void rowGroupsAreReadOnceByManyThreads() throws Exception {
    Dataset<DataRow> rows = DataFiles.open(resource("pairs.parquet"), "id");
    try (var threads = java.util.concurrent.Executors.newFixedThreadPool(4)) {
      List<java.util.concurrent.Future<Long>> found = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        long row = i % 25;
        found.add(threads.submit(() -> rows.get(row).integer("id")));
      }
      for (int i = 0; i < 200; i++) {
        assertEquals(i % 25, found.get(i).get());
      }
    }
  }

  // ---- pairs and arrays -------------------------------------------------------------------------

  @Test
  void pairsNeedBothTexts() throws IOException {
    Path path = file("p.tsv", "query\titem\nred shoe\ta shoe that is red\nhat\t  \n");
    Dataset<TextPair> pairs = TextPairs.open(path, "query", "item");
    assertEquals(new TextPair("red shoe", "a shoe that is red"), pairs.get(0));
    assertEquals(path + ":3: column \"item\" is empty", message(() -> pairs.get(1)));
    assertEquals(2, pairs.size());
    try (var stream = TextPairs.stream(path, "query", "item").open(0)) {
      assertTrue(stream.advance());
      assertEquals(pairs.get(0), stream.entry().read(new SplittableRandom(0)));
    }
  }

  @Test
  void arraysAreRows() {
    Dataset<float[]> floats = ArrayRows.of(new float[] {1, 2, 3, 4}, 2);
    assertArrayEquals(new float[] {3, 4}, floats.get(1));
    assertArrayEquals(new int[] {2}, ArrayRows.of(new int[] {1, 2}, 1).get(1));
    assertArrayEquals(new byte[] {1, 2}, ArrayRows.of(new byte[] {1, 2}, 2).get(0));
    assertThrows(DataException.class, () -> floats.get(2));
    assertThrows(DataException.class, () -> ArrayRows.of(new float[3], 2));
    assertNotEquals(floats.fingerprint(), ArrayRows.of(new float[] {1, 2, 3, 5}, 2).fingerprint());
    assertNotEquals(floats.fingerprint(), ArrayRows.of(new float[] {1, 2, 3, 4}, 4).fingerprint());
  }
}
