package io.lazytensor.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.storage.StorageException.Reason;
import io.lazytensor.storage.testing.S3Server;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Against a real server in another process. */
class S3StorageTest {
  private static final int LARGE = 20 << 20;

  private String place;
  private Storage storage;

  @BeforeEach
  void open() {
    place = S3Server.freshPlace();
    storage = Storage.at(place);
  }

  @AfterEach
  void close() {
    storage.close();
    S3Server.forget();
  }

  private static byte[] random(int size, int seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private void put(String name, byte[] content) {
    try (StorageWriter writer = storage.create(name, content.length)) {
      writer.write(ByteBuffer.wrap(content));
      writer.commit();
    }
  }

  private static S3Client client() {
    return S3Client.builder()
        .endpointOverride(URI.create(S3Server.endpoint()))
        .forcePathStyle(true)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret")))
        .build();
  }

  private String key(String name) {
    return place.substring(place.lastIndexOf('/') + 1) + "/" + name;
  }

  private int uploads() {
    try (S3Client client = client()) {
      return client
          .listMultipartUploads(r -> r.bucket(S3Server.BUCKET).prefix(key("")))
          .uploads()
          .size();
    }
  }

  @Test
  void anObjectIsReadAsItWasWritten() {
    byte[] content = random(1000, 1);
    put("a/b", content);
    assertArrayEquals(content, storage.read("a/b"));
    assertEquals(1000, storage.size("a/b").orElseThrow());
    byte[] range = new byte[100];
    storage.read("a/b", 900, MemorySegment.ofArray(range));
    assertArrayEquals(java.util.Arrays.copyOfRange(content, 900, 1000), range);
    put("empty", new byte[0]);
    assertEquals(0, storage.read("empty").length);
  }

  @Test
  void aLargeObjectIsUploadedInParts(@TempDir Path folder) throws IOException {
    byte[] content = random(LARGE, 2);
    put("large", content);
    try (S3Client client = client()) {
      String tag = client.headObject(r -> r.bucket(S3Server.BUCKET).key(key("large"))).eTag();
      assertTrue(tag.contains("-3"), tag);
    }
    assertArrayEquals(content, storage.read("large"));
    storage.download("large", folder.resolve("copy"));
    assertArrayEquals(content, Files.readAllBytes(folder.resolve("copy")));
    assertEquals(0, uploads());
  }

  @Test
  void anUploadThatIsGivenUpLeavesNothing() {
    byte[] content = random(LARGE, 3);
    try (StorageWriter writer = storage.create("large", LARGE)) {
      writer.write(ByteBuffer.wrap(content));
      assertTrue(storage.size("large").isEmpty());
      assertEquals(List.of(), storage.list(""));
      assertEquals(1, uploads());
    }
    assertTrue(storage.size("large").isEmpty());
    assertEquals(0, uploads());
  }

  @Test
  void anUploadWhoseWriterDiedIsInvisibleAndSwept() {
    StorageWriter abandoned = storage.create("large", LARGE);
    abandoned.write(ByteBuffer.wrap(random(LARGE, 4)));
    assertTrue(storage.sweep("", Duration.ofHours(1)));
    assertEquals(1, uploads());
    assertFalse(storage.sweep("", Duration.ofMinutes(-5)));
    assertEquals(0, uploads());
    assertEquals(List.of(), storage.list(""));
  }

  /**
   * Two writers that both have all bytes under way, and commit one after the other. S3 decides two
   * commits at the same time too; the server of these tests looks first and then stores.
   */
  private void oneOfTwoIsFirst(String name, int size) {
    try (StorageWriter one = storage.createNew(name, size);
        StorageWriter other = storage.createNew(name, size)) {
      one.write(ByteBuffer.wrap(random(size, 1)));
      other.write(ByteBuffer.wrap(random(size, 2)));
      other.commit();
      StorageException refused = assertThrows(StorageException.class, one::commit);
      assertEquals(Reason.ALREADY_EXISTS, refused.reason());
      // Here, for this server forgets the object of a key when another upload to it is aborted.
      assertArrayEquals(random(size, 2), storage.read(name));
    }
    assertEquals(0, uploads());
  }

  @Test
  void oneOfTwoWritersIsFirst() {
    oneOfTwoIsFirst("small", 100);
    assertFalse(storage.createIfAbsent("small", new byte[1]));
    assertTrue(storage.createIfAbsent("other", new byte[1]));
  }

  @Test
  void oneOfTwoUploadsInPartsIsFirst() {
    oneOfTwoIsFirst("large", LARGE);
  }

  @Test
  void severalWritersAtOnceLeaveOneObjectThatIsWhole() {
    List<Integer> winners =
        IntStream.range(0, 4)
            .parallel()
            .filter(i -> storage.createIfAbsent("small", random(1000, i)))
            .boxed()
            .toList();
    assertTrue(winners.size() >= 1, "nobody was first");
    byte[] stored = storage.read("small");
    assertTrue(winners.stream().anyMatch(i -> java.util.Arrays.equals(random(1000, i), stored)));
  }

  @Test
  void namesAreListedByPrefixAndDeleted() {
    put("b", new byte[2]);
    put("a/1", new byte[1]);
    assertEquals(List.of("a/1", "b"), storage.list("").stream().map(StoredObject::name).toList());
    assertEquals(1, storage.list("a/").getFirst().size());
    storage.delete("a/1");
    storage.delete("a/1");
    assertEquals(List.of(), storage.list("a/"));
  }

  @Test
  void whatIsMissingIsNamed() {
    StorageException refused = assertThrows(StorageException.class, () -> storage.read("no"));
    assertEquals(Reason.NOT_FOUND, refused.reason());
    assertTrue(refused.getMessage().contains(place + "/no"), refused.getMessage());
    StorageException range =
        assertThrows(
            StorageException.class,
            () -> storage.read("no", 0, MemorySegment.ofArray(new byte[1])));
    assertEquals(Reason.NOT_FOUND, range.reason());
  }

  @Test
  void aMissingBucketIsNamed() {
    try (Storage nowhere = Storage.at("s3://no-such-bucket/x")) {
      for (org.junit.jupiter.api.function.Executable call :
          List.<org.junit.jupiter.api.function.Executable>of(
              () -> nowhere.size("a"),
              () -> nowhere.list(""),
              () -> nowhere.createIfAbsent("a", new byte[1]))) {
        StorageException refused = assertThrows(StorageException.class, call);
        assertEquals(Reason.NO_BUCKET, refused.reason(), refused.getMessage());
        assertTrue(refused.getMessage().contains("\"no-such-bucket\""), refused.getMessage());
      }
    }
  }

  @Test
  void partsGrowWithTheObject() {
    assertEquals(8 << 20, S3Writer.partSize(0));
    assertEquals(8 << 20, S3Writer.partSize(9000L * (8 << 20)));
    assertEquals((8 << 20) + 1, S3Writer.partSize(9000L * (8 << 20) + 1));
    assertThrows(StorageException.class, () -> S3Writer.partSize((5L << 40) + 1));
  }
}
