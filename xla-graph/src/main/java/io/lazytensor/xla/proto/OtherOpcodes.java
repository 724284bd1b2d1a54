package io.lazytensor.xla.proto;

import java.util.Set;

/**
 * Opcodes of XLA that are no operations here.
 *
 * <p>Source: XLA {@code xla/hlo/ir/hlo_opcode.h}; the old comparisons: {@code hlo_instruction.cc}.
 */
final class OtherOpcodes {
  private static final Set<String> KNOWN =
      Set.of(
          "all-gather-start",
          "all-gather-done",
          "all-reduce-start",
          "all-reduce-done",
          "async-start",
          "async-update",
          "async-done",
          "bitcast",
          "collective-permute-start",
          "collective-permute-done",
          "copy-start",
          "copy-done",
          "domain",
          "dynamic-reshape",
          "infeed",
          "outfeed",
          "ragged-all-to-all",
          "recv",
          "recv-done",
          "rng",
          "rng-get-and-update-state",
          "scaled-dot",
          "send",
          "send-done",
          "set-dimension-size");

  private OtherOpcodes() {}

  static boolean isKnown(String opcode) {
    return KNOWN.contains(opcode);
  }

  /** Returns the direction an opcode of old files compares in; empty if it is none of them. */
  static String comparison(String opcode) {
    return switch (opcode) {
      case "equal-to" -> "EQ";
      case "not-equal-to" -> "NE";
      case "greater-than-or-equal-to" -> "GE";
      case "greater-than" -> "GT";
      case "less-than-or-equal-to" -> "LE";
      case "less-than" -> "LT";
      default -> "";
    };
  }
}
