package io.lazytensor.data.source;

/**
 * Two texts that belong together.
 *
 * @param query what one looks for
 * @param item what is to be found
 */
public record TextPair(String query, String item) {}
