package io.lazytensor.storage;

/**
 * Storage that cannot do what was asked. The message names the object, what is wrong, and what to
 * do.
 */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, for programs to tell apart. */
  public enum Reason {
    /** No such object or folder. */
    NOT_FOUND,
    /** The object exists already, and was not to be replaced. */
    ALREADY_EXISTS,
    /** The credentials or the user may not do this. */
    ACCESS_DENIED,
    /** There are no credentials. */
    NO_CREDENTIALS,
    /** There is no such bucket. */
    NO_BUCKET,
    /** The bucket is in another region, or no region is known. */
    WRONG_REGION,
    /** Nothing answers at the endpoint, or something that is not S3. */
    WRONG_ENDPOINT,
    /** The disk or the quota is full. */
    NO_SPACE,
    /** The file system is mounted for reading only. */
    READ_ONLY,
    /** The argument is no name or place. */
    INVALID,
    /** A library that is needed is not there. */
    MISSING_LIBRARY,
    /** Anything else. */
    FAILED
  }

  private final Reason reason;
  private final String message;

  /** Creates the exception. */
  public StorageException(Reason reason, String message) {
    super(message);
    this.reason = reason;
    this.message = message;
  }

  /** Creates the exception with the failure behind it. */
  public StorageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.message = message;
  }

  /** Returns what is wrong. */
  public Reason reason() {
    return reason;
  }

  @Override
  public String getMessage() {
    return message;
  }
}
