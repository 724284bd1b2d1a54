package io.lazytensor.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.storage.StorageException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What AWS would answer, from a socket: the server of the other tests lets everybody in. */
class S3RefusalsTest {
  private final Map<String, String> settings =
      Map.of(
          "aws.accessKeyId", "id",
          "aws.secretAccessKey", "secret",
          "aws.region", "us-east-1",
          "aws.disableEc2Metadata", "true",
          "aws.maxAttempts", "1");

  @AfterEach
  void forget() {
    settings.keySet().forEach(System::clearProperty);
    System.clearProperty("aws.endpointUrlS3");
  }

  private StorageException refusal(String endpoint) {
    settings.forEach(System::setProperty);
    return refusalWithoutSettings(endpoint);
  }

  private static StorageException refusalWithoutSettings(String endpoint) {
    System.setProperty("aws.endpointUrlS3", endpoint);
    try (Storage storage = Storage.at("s3://bucket/prefix")) {
      return assertThrows(
          StorageException.class, () -> storage.read("a", 0, MemorySegment.ofArray(new byte[1])));
    }
  }

  private static String error(String status, String headers, String code) {
    String body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>text</Message></Error>"
            .formatted(code);
    return "HTTP/1.1 %s\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n%s\r\n%s"
        .formatted(status, body.length(), headers, body);
  }

  private StorageException answered(String answer) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server, _ -> answer));
      return refusal("http://localhost:" + server.getLocalPort());
    }
  }

  /**
   * @param answer the whole answer to the lines of a request's head
   */
  private static void serve(ServerSocket server, Function<List<String>, String> answer) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        BufferedReader request =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        List<String> head = request.lines().takeWhile(line -> !line.isEmpty()).toList();
        if (head.stream().anyMatch(line -> line.startsWith("Expect"))) {
          socket.getOutputStream().write(ascii("HTTP/1.1 100 Continue\r\n\r\n"));
        }
        // A body that is left unread would reset the connection.
        for (long left = bodyLength(head); left > 0; left--) {
          request.read();
        }
        socket.getOutputStream().write(ascii(answer.apply(head)));
      } catch (IOException | UncheckedIOException e) {
        return;
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static long bodyLength(List<String> head) {
    return head.stream()
        .filter(line -> line.startsWith("Content-Length:"))
        .mapToLong(line -> Long.parseLong(line.substring(15).strip()))
        .sum();
  }

  private static void check(Reason reason, String part, StorageException refused) {
    assertEquals(reason, refused.reason(), refused.getMessage());
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(part) && message.contains("s3://bucket/prefix/a"), message);
  }

  @Test
  void missingRights() throws IOException {
    check(
        Reason.ACCESS_DENIED, "s3:GetObject", answered(error("403 Forbidden", "", "AccessDenied")));
  }

  @Test
  void wrongCredentials() throws IOException {
    check(
        Reason.ACCESS_DENIED,
        "wrong or have expired",
        answered(error("403 Forbidden", "", "ExpiredToken")));
  }

  @Test
  void theRegionOfTheBucketIsNamed() throws IOException {
    String region = "x-amz-bucket-region: eu-west-1\r\n";
    check(
        Reason.WRONG_REGION,
        "AWS_REGION=eu-west-1",
        answered(error("301 Moved Permanently", region, "PermanentRedirect")));
  }

  /** The first put has made the object, and its answer was lost. */
  @Test
  void whoMeetsItsOwnObjectHasWrittenIt() throws IOException {
    settings.forEach(System::setProperty);
    assertTrue(createWhereOneIs(mark -> mark));
    assertFalse(createWhereOneIs(_ -> "x-amz-meta-lazytensor-write: somebody else's"));
  }

  private static boolean createWhereOneIs(UnaryOperator<String> markOfTheObject)
      throws IOException {
    AtomicReference<String> mark = new AtomicReference<>("");
    Function<List<String>, String> answer =
        head -> {
          if (head.getFirst().startsWith("PUT")) {
            head.stream()
                .filter(line -> line.startsWith("x-amz-meta-lazytensor-write:"))
                .findFirst()
                .ifPresent(mark::set);
            return error("412 Precondition Failed", "", "PreconditionFailed");
          }
          return "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n"
              + markOfTheObject.apply(mark.get())
              + "\r\n\r\n";
        };
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server, answer));
      System.setProperty("aws.endpointUrlS3", "http://localhost:" + server.getLocalPort());
      try (Storage storage = Storage.at("s3://bucket/prefix")) {
        return storage.createIfAbsent("a", new byte[3]);
      }
    }
  }

  @Test
  void somethingThatIsNotS3() throws IOException {
    check(
        Reason.WRONG_ENDPOINT,
        "AWS_ENDPOINT_URL_S3",
        answered("HTTP/1.1 405 Not Allowed\r\nContent-Length: 4\r\n\r\nhtml"));
  }

  @Test
  void nobodyListens() throws IOException {
    int port;
    try (ServerSocket server = new ServerSocket(0)) {
      port = server.getLocalPort();
    }
    check(
        Reason.WRONG_ENDPOINT,
        "The endpoint is http://localhost:",
        refusal("http://localhost:" + port));
  }

  @Test
  void noCredentials() {
    System.setProperty("aws.region", "us-east-1");
    System.setProperty("aws.disableEc2Metadata", "true");
    org.junit.jupiter.api.Assumptions.assumeTrue(
        System.getenv("AWS_ACCESS_KEY_ID") == null && System.getenv("AWS_PROFILE") == null,
        "this environment has credentials of AWS");
    check(Reason.NO_CREDENTIALS, "AWS_ACCESS_KEY_ID", refusalWithoutSettings("http://localhost:1"));
  }

  /** A program without the SDK, as most are. */
  static final class WithoutLibraries {
    private WithoutLibraries() {}

    public static void main(String[] arguments) {
      Storage.at(".").list("nothing/");
      try {
        Storage.at("s3://bucket/prefix");
      } catch (StorageException e) {
        System.out.println(e.reason() + " " + e.getMessage());
      }
    }
  }

  @Test
  void withoutTheSdkItsCoordinatesAreNamed() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                String.join(
                    System.getProperty("path.separator"),
                    List.of("target/classes", "target/test-classes")),
                WithoutLibraries.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    assertTrue(output.startsWith("MISSING_LIBRARY s3:// needs the AWS SDK"), output);
    assertTrue(output.contains("software.amazon.awssdk:url-connection-client"), output);
  }
}
