package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Says in one sentence what S3, or the way to it, refuses. */
final class S3Failures {
  private final S3Place place;
  private final Optional<String> endpoint;

  S3Failures(S3Place place, Optional<String> endpoint) {
    this.place = place;
    this.endpoint = endpoint;
  }

  static String code(SdkException cause) {
    AwsErrorDetails details = cause instanceof S3Exception answer ? answer.awsErrorDetails() : null;
    return details == null || details.errorCode() == null ? "" : details.errorCode();
  }

  static int status(SdkException cause) {
    return cause instanceof S3Exception answer ? answer.statusCode() : 0;
  }

  StorageException of(String what, String key, SdkException cause) {
    String start = "cannot %s %s: ".formatted(what, place.show(key));
    return cause instanceof S3Exception answer ? answered(start, answer) : unanswered(start, cause);
  }

  private StorageException answered(String start, S3Exception cause) {
    String code = code(cause);
    return switch (code) {
      case "NoSuchBucket" ->
          new StorageException(
              Reason.NO_BUCKET, start + "there is no bucket \"" + place.bucket() + "\"", cause);
      case "NoSuchKey" ->
          new StorageException(Reason.NOT_FOUND, start + "it does not exist", cause);
      case "PreconditionFailed" ->
          new StorageException(Reason.ALREADY_EXISTS, start + "it exists already", cause);
      case "AccessDenied", "AllAccessDisabled" ->
          new StorageException(
              Reason.ACCESS_DENIED,
              start
                  + "access denied. The credentials need s3:ListBucket, s3:GetObject, s3:PutObject,"
                  + " s3:DeleteObject and s3:AbortMultipartUpload there",
              cause);
      case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken" ->
          new StorageException(
              Reason.ACCESS_DENIED,
              start + "the credentials are wrong or have expired (" + code + ")",
              cause);
      case "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException" ->
          wrongRegion(start, cause);
      default -> byStatus(start, code, cause);
    };
  }

  /** Answers without a body, those to HEAD, have a status only. */
  private StorageException byStatus(String start, String code, S3Exception cause) {
    return switch (cause.statusCode()) {
      case 301, 307 -> wrongRegion(start, cause);
      case 403 ->
          new StorageException(Reason.ACCESS_DENIED, start + "access denied " + shown(code), cause);
      case 404 ->
          new StorageException(
              Reason.NOT_FOUND, start + "nothing is there. " + endpointHint(), cause);
      case 412 -> new StorageException(Reason.ALREADY_EXISTS, start + "it exists already", cause);
      default ->
          code.isEmpty()
              ? new StorageException(
                  Reason.WRONG_ENDPOINT,
                  start
                      + "status %d without an error of S3. ".formatted(cause.statusCode())
                      + endpointHint(),
                  cause)
              : new StorageException(
                  Reason.FAILED,
                  start + cause.awsErrorDetails().errorMessage() + " " + shown(code),
                  cause);
    };
  }

  private static String shown(String code) {
    return code.isEmpty() ? "" : "(" + code + ")";
  }

  private StorageException wrongRegion(String start, S3Exception cause) {
    AwsErrorDetails details = cause.awsErrorDetails();
    String region =
        Optional.ofNullable(details)
            .map(AwsErrorDetails::sdkHttpResponse)
            .flatMap(response -> response.firstMatchingHeader("x-amz-bucket-region"))
            .map(name -> "AWS_REGION=" + name)
            .orElse("AWS_REGION to the bucket's");
    return new StorageException(
        Reason.WRONG_REGION, start + "the bucket is in another region. Set " + region, cause);
  }

  private StorageException unanswered(String start, SdkException cause) {
    String text = String.valueOf(cause.getMessage());
    if (text.contains("Unable to load credentials")) {
      return new StorageException(
          Reason.NO_CREDENTIALS,
          start
              + "there are no credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY, or run where a role is attached",
          cause);
    }
    IOException connection = ioFailure(cause);
    if (connection != null) {
      return new StorageException(
          Reason.WRONG_ENDPOINT, start + "%s. %s".formatted(connection, endpointHint()), cause);
    }
    return new StorageException(Reason.FAILED, start + text, cause);
  }

  private static @Nullable IOException ioFailure(Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof IOException failure) {
        return failure;
      }
    }
    return null;
  }

  private String endpointHint() {
    return endpoint
        .map(url -> "The endpoint is %s, of AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL".formatted(url))
        .orElse("The endpoint is AWS's: check network and AWS_REGION");
  }
}
