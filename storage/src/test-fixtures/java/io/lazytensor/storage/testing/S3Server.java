package io.lazytensor.storage.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An S3-compatible server (Adobe's S3Mock) in a process of its own, one for all tests of a JVM. It
 * has the libraries of a web application, which would meet ours on one class path.
 */
public final class S3Server {
  /** The bucket that is there from the start. */
  public static final String BUCKET = "bucket";

  private static final Path JAR = Path.of("target/s3-server/s3mock.jar");
  private static final Pattern STARTED = Pattern.compile("Tomcat started on .*?([0-9]+) \\(http\\)");
  private static final AtomicInteger PLACES = new AtomicInteger();

  private static final class Running {
    static final S3Server INSTANCE = new S3Server();
  }

  private final String endpoint;

  private S3Server() {
    try {
      Path folder = Files.createTempDirectory("s3-server");
      Process process = start(folder);
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      endpoint = "http://localhost:" + port(process);
    } catch (IOException e) {
      throw new IllegalStateException("the S3 server for tests cannot be started", e);
    }
  }

  private static Process start(Path folder) throws IOException {
    if (Files.notExists(JAR)) {
      throw new IllegalStateException(
          JAR.toAbsolutePath() + " is missing; Maven's phase generate-test-resources copies it");
    }
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + folder,
            "-jar",
            JAR.toString(),
            "--server.port=0",
            "--http.port=0",
            "--com.adobe.testing.s3mock.store.root=" + folder,
            "--com.adobe.testing.s3mock.store.initial-buckets=" + BUCKET)
        .redirectErrorStream(true)
        .start();
  }

  private static String port(Process process) throws IOException {
    BufferedReader log = process.inputReader();
    StringBuilder seen = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      seen.append(line).append('\n');
      Matcher started = STARTED.matcher(line);
      if (started.find()) {
        Thread.ofPlatform().daemon().start(() -> log.lines().forEach(rest -> {}));
        return started.group(1);
      }
    }
    throw new IOException("it ended at once:\n" + seen);
  }

  /** Starts the server if need be, and returns where it is. */
  public static String endpoint() {
    return Running.INSTANCE.endpoint;
  }

  /** Lets the AWS SDK of this JVM reach the server, and returns a place no other test uses. */
  public static String freshPlace() {
    settings().forEach(System::setProperty);
    return "s3://%s/test-%d".formatted(BUCKET, PLACES.incrementAndGet());
  }

  /** Returns the properties with which the AWS SDK reaches the server. */
  public static Map<String, String> settings() {
    return Map.of(
        "aws.endpointUrlS3", endpoint(),
        "aws.accessKeyId", "id",
        "aws.secretAccessKey", "secret",
        "aws.region", "us-east-1",
        "aws.disableEc2Metadata", "true");
  }

  /** Removes what {@link #freshPlace} has set. */
  public static void forget() {
    List.of("aws.endpointUrlS3", "aws.accessKeyId", "aws.secretAccessKey", "aws.region")
        .forEach(System::clearProperty);
  }
}
