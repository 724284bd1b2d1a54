package io.lazytensor.nn;

import io.lazytensor.Seed;
import io.lazytensor.xla.infer.Threefry;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** The random numbers of one parameter: Threefry blocks of a counter, keyed by seed and name. */
final class InitialNumbers {
  private final int key0;
  private final int key1;
  private int counter;
  private long block;
  private boolean half;
  private double spare = Double.NaN;

  InitialNumbers(Seed seed, String name) {
    CRC32 hash = new CRC32();
    hash.update(name.getBytes(StandardCharsets.UTF_8));
    // Counter word 1 is -1 where steps have their number: the streams never meet.
    long key =
        Threefry.block((int) seed.value(), (int) (seed.value() >>> 32), (int) hash.getValue(), -1);
    this.key0 = (int) key;
    this.key1 = (int) (key >>> 32);
  }

  private int word() {
    half = !half;
    if (half) {
      block = Threefry.block(key0, key1, counter++, 0);
      return (int) block;
    }
    return (int) (block >>> 32);
  }

  /** Returns a number in [0, 1) with 24 random bits, as PyTorch's {@code f32} generator. */
  double uniform() {
    return (word() >>> 8) * 0x1.0p-24;
  }

  /** Returns a standard normal number by the method of Box and Muller. */
  double normal() {
    if (!Double.isNaN(spare)) {
      double out = spare;
      spare = Double.NaN;
      return out;
    }
    double radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    double angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
