package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;

/** Reaches S3 if the AWS SDK is there. Nothing else may name a class of it. */
final class S3Places {
  private static final String LIBRARIES =
      "s3:// needs the AWS SDK: add software.amazon.awssdk:s3 and an HTTP client of it, such as"
          + " software.amazon.awssdk:url-connection-client, to the dependencies. On the module path"
          + " add --add-modules software.amazon.awssdk.services.s3 and the client's module too";

  private S3Places() {}

  static Storage open(S3Place place) {
    try {
      return S3Storage.open(place);
    } catch (NoClassDefFoundError e) {
      throw new StorageException(Reason.MISSING_LIBRARY, LIBRARIES, e);
    }
  }

  static StorageException missing(Throwable cause) {
    return new StorageException(Reason.MISSING_LIBRARY, LIBRARIES, cause);
  }
}
