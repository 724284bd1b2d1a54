package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes that save folders are killed; what they leave is whole, or refused as unfinished. */
class FolderCrashTest {
  private static final int SHARDS = 5;
  private static final int FLOATS = 2_000;

  @TempDir Path root;

  /** Saves checkpoints into one folder for ever: all numbers of one are the same. */
  static final class Saver {
    private Saver() {}

    /** Takes a folder, a format and how many tensors the checkpoints have in turn. */
    public static void main(String[] arguments) {
      Path folder = Path.of(arguments[0]);
      CheckpointFormat format = CheckpointFormat.valueOf(arguments[1]);
      for (int number = 1; ; number++) {
        int tensors = number % 3 == 0 ? 1 : SHARDS;
        Checkpoint checkpoint = new Checkpoint(format, state(number, tensors), Map.of());
        Checkpoints.save(folder, checkpoint, new SaveOptions(FLOATS * 4L));
        System.out.println(number);
      }
    }
  }

  private static CheckpointDict state(int number, int tensors) {
    CheckpointDict.Builder state = CheckpointDict.builder();
    for (int i = 0; i < tensors; i++) {
      float[] values = new float[FLOATS];
      java.util.Arrays.fill(values, number);
      MemorySegment data = MemorySegment.ofArray(values);
      state.put(
          "t" + i,
          CheckpointTensor.of(
              TorchDType.FLOAT32, CheckpointStorage.of(TorchDType.FLOAT32, data), FLOATS));
    }
    return state.build();
  }

  @ParameterizedTest
  @EnumSource(names = {"HF_SAFETENSORS", "HF_TORCH", "DCP"})
  void fourKillsLeaveNoMix(CheckpointFormat format) throws Exception {
    kill(format, 4);
  }

  @ParameterizedTest
  @EnumSource(names = {"HF_SAFETENSORS", "HF_TORCH", "DCP"})
  @Tag("full")
  void seventyKillsLeaveNoMix(CheckpointFormat format) throws Exception {
    kill(format, 70);
  }

  private void kill(CheckpointFormat format, int times) throws Exception {
    SplittableRandom random = new SplittableRandom(5);
    int loaded = 0;
    for (int i = 0; i < times; i++) {
      Path folder = root.resolve("checkpoint" + i);
      loaded += killOnce(folder, format, random.nextInt(1, 200_000_000));
    }
    assertTrue(loaded > 0, "no checkpoint of " + times + " was there");
  }

  /** Returns whether a checkpoint is there; what is there must be of one save. */
  private int killOnce(Path folder, CheckpointFormat format, int nanos) throws Exception {
    Path log = root.resolve("log");
    Process saver =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath(),
                Saver.class.getName(),
                folder.toString(),
                format.name())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      awaitFirst(saver, log);
      TimeUnit.NANOSECONDS.sleep(nanos);
    } finally {
      saver.destroyForcibly().waitFor();
    }
    return check(folder);
  }

  /** The tests run inside of the module, so the module path has what they need. */
  private static String classPath() {
    Path testClasses = Objects.requireNonNull(FolderGoldens.root().getParent());
    return String.join(
        File.pathSeparator,
        testClasses.toString(),
        testClasses.resolveSibling("classes").toString(),
        System.getProperty("jdk.module.path", ""),
        System.getProperty("java.class.path", ""));
  }

  private static void awaitFirst(Process saver, Path log) throws Exception {
    while (Files.size(log) == 0) {
      assertTrue(saver.isAlive(), "the saver ended");
      TimeUnit.MILLISECONDS.sleep(5);
    }
    assertTrue(Files.readString(log).startsWith("1"), () -> read(log));
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int check(Path folder) {
    CheckpointValue tree;
    try {
      tree = Checkpoints.load(folder);
    } catch (CheckpointException e) {
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("did not end"), message);
      return 0;
    }
    Set<Float> numbers = new HashSet<>();
    List<String> names =
        tree.asDict().entries().keySet().stream().map(CheckpointValue::asText).sorted().toList();
    for (String name : names) {
      MemorySegment data = tree.asDict().get(name).asTensor().contiguous();
      for (long at = 0; at < data.byteSize(); at += 4) {
        numbers.add(data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at));
      }
    }
    assertEquals(1, numbers.size(), "a mix of saves " + numbers);
    boolean small = numbers.iterator().next() % 3 == 0;
    assertEquals(small ? 1 : SHARDS, names.size());
    return 1;
  }
}
