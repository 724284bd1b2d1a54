/** Local folders and S3 behind one door. */
module io.lazytensor.storage {
  requires transitive org.jspecify;
  requires static software.amazon.awssdk.awscore;
  requires static software.amazon.awssdk.core;
  requires static software.amazon.awssdk.http;
  requires static software.amazon.awssdk.regions;
  requires static software.amazon.awssdk.services.s3;

  exports io.lazytensor.storage;
}
