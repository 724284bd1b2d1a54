package io.lazytensor.cpu.reference.internal.kernel;

/**
 * {@code rng-bit-generator}: Threefry 2x32 with 20 rounds and Philox 4x32 with 10 (Salmon et al.,
 * "Parallel random numbers: as easy as 1, 2, 3"), bit for bit as XLA's {@code prng.cc} arranges
 * their words.
 */
public final class RandomBitsKernel implements Kernel {
  private static final int KEY = 0;
  private static final int COUNTER = 1;
  private static final int PARITY = 0x1BD11BDA;
  private static final int[][] ROTATIONS = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  private static final int PHILOX_ROUNDS = 10;

  private final Location state;
  private final Location newState;
  private final Location bits;
  private final boolean philox;
  private final int[] words = new int[4];

  /** Prepares it: a state of two or three u64, and dense bits of any type. */
  public RandomBitsKernel(Location state, Location newState, Location bits, boolean philox) {
    this.state = state;
    this.newState = newState;
    this.bits = bits;
    this.philox = philox;
  }

  @Override
  public void run() {
    if (philox) {
      philox();
    } else {
      threefry();
    }
  }

  private long stateWord(int index) {
    return state.read(index * state.strides()[0]);
  }

  private void write(long element, long value) {
    Lanes.writeBits(bits, element, value);
  }

  private void threefry() {
    long key = stateWord(KEY);
    long counter = stateWord(COUNTER);
    long blocks = bits.dtype().bitWidth() == Long.SIZE ? wide(key, counter) : halves(key, counter);
    newState.write(KEY, key);
    newState.write(COUNTER, counter + blocks);
  }

  /** One block an element. */
  private long wide(long key, long counter) {
    long count = bits.elementCount();
    for (long i = 0; i < count; i++) {
      block(key, counter + i);
      write(i, (words[0] & 0xFFFF_FFFFL) | (long) words[1] << 32);
    }
    return count;
  }

  /** One block for two neighbours along the first even dimension, or else the longest. */
  private long halves(long key, long counter) {
    long[] sizes = bits.sizes();
    int split = splitDimension(sizes);
    long length = sizes.length == 0 ? 1 : sizes[split];
    long half = (length + 1) / 2;
    long inner = 1;
    for (int d = split + 1; d < sizes.length; d++) {
      inner *= sizes[d];
    }
    long outer = length * inner == 0 ? 0 : bits.elementCount() / (length * inner);
    for (long block = 0; block < outer * half * inner; block++) {
      block(key, counter + block);
      long low = block % inner;
      long pair = block / inner % half;
      long at = (block / inner / half * length + 2 * pair) * inner + low;
      write(at, words[0]);
      if (2 * pair + 1 < length) {
        write(at + inner, words[1]);
      }
    }
    return outer * half * inner;
  }

  private static int splitDimension(long[] sizes) {
    int longest = 0;
    for (int d = 0; d < sizes.length; d++) {
      if (sizes[d] % 2 == 0) {
        return d;
      }
      longest = sizes[d] > sizes[longest] ? d : longest;
    }
    return longest;
  }

  private void block(long key, long counter) {
    int[] keys = {(int) key, (int) (key >>> 32), (int) key ^ (int) (key >>> 32) ^ PARITY};
    int a = (int) counter + keys[0];
    int b = (int) (counter >>> 32) + keys[1];
    for (int group = 0; group < 5; group++) {
      for (int rotation : ROTATIONS[group % 2]) {
        a += b;
        b = Integer.rotateLeft(b, rotation) ^ a;
      }
      a += keys[(group + 1) % 3];
      b += keys[(group + 2) % 3] + group + 1;
    }
    words[0] = a;
    words[1] = b;
  }

  private void philox() {
    boolean twoWords = state.sizes()[0] < 3;
    long key = stateWord(KEY);
    long low = stateWord(COUNTER);
    long high = twoWords ? key : stateWord(2);
    long count = bits.elementCount();
    boolean wide = bits.dtype().bitWidth() == Long.SIZE;
    int perBlock = wide ? 2 : 4;
    long blocks = Math.ceilDiv(count, perBlock);
    for (long i = 0; i < blocks; i++) {
      philoxBlock(key, low + i, Long.compareUnsigned(low + i, low) < 0 ? high + 1 : high);
      for (int k = 0; k < perBlock && i * perBlock + k < count; k++) {
        write(
            i * perBlock + k,
            wide ? (words[2 * k] & 0xFFFF_FFFFL) | (long) words[2 * k + 1] << 32 : words[k]);
      }
    }
    newState.write(KEY, key);
    newState.write(COUNTER, low + blocks);
    if (!twoWords) {
      newState.write(2, Long.compareUnsigned(low + blocks, low) < 0 ? high + 1 : high);
    }
  }

  private void philoxBlock(long key, long low, long high) {
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    int x0 = (int) low;
    int x1 = (int) (low >>> 32);
    int x2 = (int) high;
    int x3 = (int) (high >>> 32);
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
      long p0 = (x0 & 0xFFFF_FFFFL) * 0xD2511F53L;
      long p1 = (x2 & 0xFFFF_FFFFL) * 0xCD9E8D57L;
      x0 = (int) (p1 >>> 32) ^ x1 ^ k0;
      x1 = (int) p1;
      x2 = (int) (p0 >>> 32) ^ x3 ^ k1;
      x3 = (int) p0;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    words[0] = x0;
    words[1] = x1;
    words[2] = x2;
    words[3] = x3;
  }
}
