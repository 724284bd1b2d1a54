package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Global;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A Python {@code dict}, {@code OrderedDict} or {@code defaultdict}, or a plain object such as an
 * {@code argparse.Namespace}: its attributes by name. Dicts are equal if they are the same object.
 *
 * <p>The state dict of a PyTorch module is an {@code OrderedDict} with the attribute {@code
 * _metadata}: module versions by prefix. A {@code defaultdict} has the attribute {@code
 * default_factory}.
 */
public final class CheckpointDict implements CheckpointValue {
  /** The attribute in which PyTorch keeps the versions of a state dict's modules. */
  static final String METADATA = "_metadata";

  /** The attribute with the function a {@code defaultdict} calls for a key it does not have. */
  static final String DEFAULT_FACTORY = "default_factory";

  static final Global DICT = new Global("builtins", "dict");
  static final Global ORDERED_DICT = new Global("collections", "OrderedDict");
  static final Global DEFAULT_DICT = new Global("collections", "defaultdict");

  private final Global type;
  private final SequencedMap<CheckpointValue, CheckpointValue> entries = new LinkedHashMap<>();
  private final SequencedMap<CheckpointValue, CheckpointValue> attributes = new LinkedHashMap<>(0);

  CheckpointDict(boolean ordered) {
    this(ordered ? ORDERED_DICT : DICT);
  }

  CheckpointDict(Global type) {
    this.type = type;
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
      if (!dict.isOrdered()) {
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

  /** Returns the Python class, such as {@code builtins.dict}. */
  public Global type() {
    return type;
  }

  /** Returns whether this is an {@code OrderedDict}. */
  public boolean isOrdered() {
    return type.equals(ORDERED_DICT);
  }

  /** Returns whether this has items, and not the attributes of a plain object. */
  boolean isMapping() {
    return isOrdered() || type.equals(DICT) || type.equals(DEFAULT_DICT);
  }

  /** Returns the entries in order. */
  public SequencedMap<CheckpointValue, CheckpointValue> entries() {
    return Collections.unmodifiableSequencedMap(entries);
  }

  /** Returns the attributes a dict has beside its items: {@code _metadata} of a state dict. */
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
    return (type.equals(DICT) || isOrdered() ? type.name() : type) + " of " + entries.size();
  }
}
