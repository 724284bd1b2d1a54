package io.lazytensor.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A Python {@code dict} or {@code OrderedDict}. Dicts are equal if they are the same object.
 *
 * <p>The state dict of a PyTorch module is an {@code OrderedDict} with the attribute {@code
 * _metadata}: module versions by prefix.
 */
public final class CheckpointDict implements CheckpointValue {
  /** The attribute in which PyTorch keeps the versions of a state dict's modules. */
  static final String METADATA = "_metadata";

  private final boolean ordered;
  private final SequencedMap<CheckpointValue, CheckpointValue> entries = new LinkedHashMap<>();
  private final SequencedMap<CheckpointValue, CheckpointValue> attributes = new LinkedHashMap<>(0);

  CheckpointDict(boolean ordered) {
    this.ordered = ordered;
  }

  /** Starts a plain {@code dict}. */
  public static Builder builder() {
    return new Builder(new CheckpointDict(false));
  }

  /** Starts an {@code OrderedDict}. */
  public static Builder orderedBuilder() {
    return new Builder(new CheckpointDict(true));
  }

  /** Builds a dict, in the order of the calls. */
  public static final class Builder {
    private final CheckpointDict dict;

    private Builder(CheckpointDict dict) {
      this.dict = dict;
    }

    /** Sets an entry. */
    public Builder put(CheckpointValue key, CheckpointValue value) {
      Keys.require(key);
      dict.entries.put(key, value);
      return this;
    }

    /** Sets an entry. */
    public Builder put(String key, CheckpointValue value) {
      return put(CheckpointValue.of(key), value);
    }

    /** Sets an entry to an integer. */
    public Builder put(String key, long value) {
      return put(key, CheckpointValue.of(value));
    }

    /** Sets an entry to a number. */
    public Builder put(String key, double value) {
      return put(key, CheckpointValue.of(value));
    }

    /** Sets an entry to a string. */
    public Builder put(String key, String value) {
      return put(key, CheckpointValue.of(value));
    }

    /** Sets an entry to a boolean. */
    public Builder put(String key, boolean value) {
      return put(key, CheckpointValue.of(value));
    }

    /**
     * Sets an attribute of an {@code OrderedDict}, such as {@code _metadata}.
     *
     * @throws CheckpointException for a plain dict: Python's have no attributes
     */
    public Builder attribute(String name, CheckpointValue value) {
      if (!dict.ordered) {
        throw new CheckpointException(
            "a plain dict has no attributes; \"" + name + "\" takes an OrderedDict");
      }
      dict.attributes.put(CheckpointValue.of(name), value);
      return this;
    }

    /** Returns the dict. The builder must not be used any more. */
    public CheckpointDict build() {
      return dict;
    }
  }

  /** Returns whether this is an {@code OrderedDict}. */
  public boolean isOrdered() {
    return ordered;
  }

  /** Returns the entries in order. */
  public SequencedMap<CheckpointValue, CheckpointValue> entries() {
    return Collections.unmodifiableSequencedMap(entries);
  }

  /** Returns the attributes of an {@code OrderedDict}: {@code _metadata} of a state dict. */
  public SequencedMap<CheckpointValue, CheckpointValue> attributes() {
    return Collections.unmodifiableSequencedMap(attributes);
  }

  /** Returns the value of a key, if there is one. */
  public Optional<CheckpointValue> find(String key) {
    return Optional.ofNullable(entries.get(CheckpointValue.of(key)));
  }

  /**
   * Returns the value of a key.
   *
   * @throws CheckpointException if there is none; the message lists the keys
   */
  public CheckpointValue get(String key) {
    return find(key)
        .orElseThrow(() ->
            new CheckpointException(
                "the dict has no \"%s\"; it has %s".formatted(key, abridgedKeys())));
  }

  private String abridgedKeys() {
    String shown = entries.keySet().stream().limit(8).map(Keys::show).toList().toString();
    return entries.size() <= 8 ? shown : shown + " and " + (entries.size() - 8) + " more";
  }

  /** Sets an entry while a file is read. */
  void put(CheckpointValue key, CheckpointValue value) {
    entries.put(key, value);
  }

  /** Sets attributes while a file is read. */
  void putAttributes(Map<CheckpointValue, CheckpointValue> values) {
    attributes.putAll(values);
  }

  @Override
  public String toString() {
    return (ordered ? "OrderedDict of " : "dict of ") + entries.size();
  }
}
