package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bucket and what the keys in it start with.
 *
 * @param prefix empty, or ends with a slash
 */
record S3Place(String bucket, String prefix) {
  private static final Pattern FORM = Pattern.compile("s3://([^/]+)(?:/(.*))?");
  private static final Pattern BUCKET =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]");

  static S3Place parse(String place) {
    Matcher form = FORM.matcher(place);
    if (!form.matches() || !BUCKET.matcher(form.group(1)).matches()) {
      throw new StorageException(
          Reason.INVALID, "\"%s\" is no s3://bucket/prefix".formatted(place));
    }
    String prefix = form.group(2) == null ? "" : form.group(2).replaceFirst("/+$", "");
    if (!prefix.isEmpty()) {
      ObjectName.check(prefix);
      prefix += "/";
    }
    return new S3Place(form.group(1), prefix);
  }

  String key(String name) {
    ObjectName.check(name);
    return prefix + name;
  }

  String show(String key) {
    return "s3://" + bucket + "/" + key;
  }

  @Override
  public String toString() {
    return show(prefix);
  }
}
