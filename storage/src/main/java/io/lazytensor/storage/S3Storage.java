package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** A bucket of S3, or of a service that speaks its protocol, and a prefix in it. */
final class S3Storage implements Storage {
  private static final int CHUNK = 1 << 16;

  private final S3Client client;
  private final S3Place place;
  private final S3Failures failures;

  private S3Storage(S3Client client, S3Place place, S3Failures failures) {
    this.client = client;
    this.place = place;
    this.failures = failures;
  }

  static S3Storage open(S3Place place) {
    Optional<String> endpoint = endpoint();
    S3ClientBuilder builder = S3Client.builder();
    if (endpoint.isPresent()) {
      // Names of buckets are hosts at AWS only.
      builder.forcePathStyle(true);
      if (!isRegionKnown()) {
        builder.region(Region.US_EAST_1);
      }
    }
    try {
      return new S3Storage(builder.build(), place, new S3Failures(place, endpoint));
    } catch (SdkClientException e) {
      String text = String.valueOf(e.getMessage());
      if (text.contains("HTTP implementation")) {
        throw S3Places.missing(e);
      }
      Reason reason = text.contains("region") ? Reason.WRONG_REGION : Reason.FAILED;
      String hint = reason == Reason.WRONG_REGION ? ". Set AWS_REGION to the bucket's" : "";
      throw new StorageException(reason, "cannot reach %s: %s%s".formatted(place, text, hint), e);
    }
  }

  private static Optional<String> endpoint() {
    return setting("aws.endpointUrlS3", "AWS_ENDPOINT_URL_S3")
        .or(() -> setting("aws.endpointUrl", "AWS_ENDPOINT_URL"));
  }

  private static boolean isRegionKnown() {
    return setting("aws.region", "AWS_REGION").isPresent()
        || setting("", "AWS_PROFILE").isPresent();
  }

  private static Optional<String> setting(String property, String variable) {
    String value = property.isEmpty() ? null : System.getProperty(property);
    return Optional.ofNullable(value == null ? System.getenv(variable) : value)
        .filter(text -> !text.isBlank());
  }

  private <T> T call(String what, String key, Supplier<T> request) {
    try {
      return request.get();
    } catch (SdkException e) {
      throw failures.of(what, key, e);
    }
  }

  @Override
  public OptionalLong size(String name) {
    String key = place.key(name);
    try {
      return OptionalLong.of(
          client.headObject(r -> r.bucket(place.bucket()).key(key)).contentLength());
    } catch (NoSuchKeyException e) {
      requireBucket(key);
      return OptionalLong.empty();
    } catch (SdkException e) {
      throw failures.of("read", key, e);
    }
  }

  /** An answer to HEAD does not tell a missing object from a missing bucket. */
  private void requireBucket(String key) {
    call(
        "read",
        key,
        () -> client.listObjectsV2(r -> r.bucket(place.bucket()).prefix(key).maxKeys(1)));
  }

  @Override
  public void read(String name, long offset, MemorySegment target) {
    String key = place.key(name);
    if (target.byteSize() == 0) {
      return;
    }
    long end = offset + target.byteSize();
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(place.bucket())
            .key(key)
            .range("bytes=%d-%d".formatted(offset, end - 1))
            .build();
    long count =
        call("read", key, () -> client.getObject(request, (answer, body) -> copy(body, target)));
    if (count != target.byteSize()) {
      throw new StorageException(
          Reason.FAILED,
          "%s ends at %d; bytes to %d were asked for"
              .formatted(place.show(key), offset + count, end));
    }
  }

  private static long copy(InputStream body, MemorySegment target) {
    byte[] buffer = new byte[CHUNK];
    long at = 0;
    try {
      for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
        int used = (int) Math.min(count, target.byteSize() - at);
        MemorySegment.copy(MemorySegment.ofArray(buffer), 0, target, at, used);
        at += used;
      }
    } catch (IOException e) {
      throw RetryableException.create("the connection broke at byte " + at, e);
    }
    return at;
  }

  @Override
  public Optional<Path> localFile(String name) {
    place.key(name);
    return Optional.empty();
  }

  @Override
  public void download(String name, Path file) {
    long size =
        size(name)
            .orElseThrow(
                () -> new StorageException(Reason.NOT_FOUND, "there is no " + describe(name)));
    new Download(this, name, size).to(file);
  }

  @Override
  public List<StoredObject> list(String prefix) {
    ObjectName.checkPrefix(prefix);
    List<StoredObject> found = new ArrayList<>();
    String start = place.prefix() + prefix;
    call(
        "list",
        start,
        () -> {
          client
              .listObjectsV2Paginator(r -> r.bucket(place.bucket()).prefix(start))
              .contents()
              .forEach(object ->
                  found.add(
                      new StoredObject(
                          object.key().substring(place.prefix().length()),
                          object.size(),
                          object.lastModified())));
          return found;
        });
    found.sort(Comparator.comparing(StoredObject::name));
    return found;
  }

  @Override
  public StorageWriter create(String name, long expected) {
    return writer(name, expected, true);
  }

  @Override
  public StorageWriter createNew(String name, long expected) {
    return writer(name, expected, false);
  }

  private StorageWriter writer(String name, long expected, boolean replace) {
    S3Upload upload = new S3Upload(client, failures, place.bucket(), place.key(name), replace);
    return new S3Writer(upload, expected);
  }

  @Override
  public void delete(String name) {
    String key = place.key(name);
    call("delete", key, () -> client.deleteObject(r -> r.bucket(place.bucket()).key(key)));
  }

  @Override
  public boolean sweep(String prefix, Duration age) {
    ObjectName.checkPrefix(prefix);
    String start = place.prefix() + prefix;
    Instant before = Instant.now().minus(age);
    return call(
        "list the uploads of",
        start,
        () -> {
          boolean alive = false;
          for (MultipartUpload upload :
              client
                  .listMultipartUploadsPaginator(r -> r.bucket(place.bucket()).prefix(start))
                  .uploads()) {
            if (upload.initiated().isAfter(before)) {
              alive = true;
            } else {
              client.abortMultipartUpload(
                  r -> r.bucket(place.bucket()).key(upload.key()).uploadId(upload.uploadId()));
            }
          }
          return alive;
        });
  }

  @Override
  public String describe(String name) {
    return place.show(place.key(name));
  }

  @Override
  public void close() {
    client.close();
  }

  @Override
  public String toString() {
    return place.toString();
  }
}
