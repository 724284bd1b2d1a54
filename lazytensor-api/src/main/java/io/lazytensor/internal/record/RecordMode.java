package io.lazytensor.internal.record;

/** How recordings are made. The trie is an accelerator: all modes give the same graphs. */
public enum RecordMode {
  /** Calls that repeat an earlier recording reuse its nodes. */
  TRIE,
  /** Every call is lowered anew. */
  PLAIN,
  /** As {@link #TRIE}, and every reused call and graph is made anew and compared. For tests. */
  COMPARE
}
