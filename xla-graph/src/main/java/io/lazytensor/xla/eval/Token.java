package io.lazytensor.xla.eval;

/** The value of a token: there is but one. */
enum Token {
  /** It. */
  TOKEN
}
