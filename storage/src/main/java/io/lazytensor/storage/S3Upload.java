package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * The requests that make one object. Only the last one makes it visible: a plain put, or the
 * completion of its parts; either on condition that there is none, if nothing is to be replaced.
 */
final class S3Upload {
  private static final String TYPE = "application/octet-stream";
  private static final String MARK = "lazytensor-write";
  private static final int ATTEMPTS = 3;

  private final S3Client client;
  private final S3Failures failures;
  private final String bucket;
  private final String key;
  private final boolean replace;
  private final Map<String, String> mark = Map.of(MARK, UUID.randomUUID().toString());

  S3Upload(S3Client client, S3Failures failures, String bucket, String key, boolean replace) {
    this.client = client;
    this.failures = failures;
    this.bucket = bucket;
    this.key = key;
    this.replace = replace;
  }

  private <T> T call(Supplier<T> request) {
    try {
      return request.get();
    } catch (SdkException e) {
      throw failures.of("write", key, e);
    }
  }

  private static RequestBody body(byte[] bytes, int count) {
    return RequestBody.fromContentProvider(
        () -> new ByteArrayInputStream(bytes, 0, count), count, TYPE);
  }

  void put(byte[] bytes, int count) {
    publish(() ->
        client.putObject(
            r -> {
              r.bucket(bucket).key(key).metadata(mark);
              if (!replace) {
                r.ifNoneMatch("*");
              }
            },
            body(bytes, count)));
  }

  String begin() {
    return call(() ->
        client.createMultipartUpload(r -> r.bucket(bucket).key(key).metadata(mark)).uploadId());
  }

  CompletedPart part(String id, int number, byte[] bytes, int count) {
    UploadPartResponse answer =
        call(() ->
            client.uploadPart(
                r -> r.bucket(bucket).key(key).uploadId(id).partNumber(number),
                body(bytes, count)));
    return CompletedPart.builder()
        .partNumber(number)
        .eTag(answer.eTag())
        .checksumCRC32(answer.checksumCRC32())
        .checksumCRC32C(answer.checksumCRC32C())
        .checksumCRC64NVME(answer.checksumCRC64NVME())
        .build();
  }

  void complete(String id, List<CompletedPart> parts) {
    publish(() ->
        client.completeMultipartUpload(r -> {
          r.bucket(bucket).key(key).uploadId(id).multipartUpload(m -> m.parts(parts));
          if (!replace) {
            r.ifNoneMatch("*");
          }
        }));
  }

  void abort(String id) {
    call(() -> client.abortMultipartUpload(r -> r.bucket(bucket).key(key).uploadId(id)));
  }

  /**
   * An answer may be lost and the request made again, which then finds the object that it made
   * itself. The object's mark tells.
   */
  private void publish(Runnable request) {
    for (int attempt = 1; ; attempt++) {
      try {
        request.run();
        return;
      } catch (SdkException e) {
        int status = S3Failures.status(e);
        boolean race = status == 409 && attempt < ATTEMPTS;
        if ((status == 412 || status == 404) && isOurs()) {
          return;
        }
        // 409: another conditional request is under way, and may yet fail.
        if (!race) {
          throw status == 409
              ? new StorageException(
                  Reason.ALREADY_EXISTS,
                  "cannot write s3://%s/%s: somebody else writes it now".formatted(bucket, key),
                  e)
              : failures.of("write", key, e);
        }
      }
    }
  }

  private boolean isOurs() {
    try {
      return mark.equals(
          Map.of(
              MARK,
              String.valueOf(
                  client.headObject(r -> r.bucket(bucket).key(key)).metadata().get(MARK))));
    } catch (SdkException e) {
      return false;
    }
  }
}
