package io.lazytensor.cpu.reference.internal;

import io.lazytensor.xla.runtime.Availability;
import io.lazytensor.xla.runtime.DeviceException;
import java.io.IOException;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The native library: whether it can be loaded, and loading it once. */
public final class LibTorch {
  private static final String PHYSICAL_BYTES = "org.bytedeco.javacpp.maxphysicalbytes";
  private static final String ACCESS_FLAGS =
      "--enable-native-access=ALL-UNNAMED (class path) or"
          + " --enable-native-access=org.bytedeco.javacpp,org.bytedeco.openblas,"
          + "org.bytedeco.pytorch,io.lazytensor.cpu.reference (module path)";
  private static final int[] GLIBC_NEEDED = {2, 35};

  private static @Nullable String failure;
  private static boolean loaded;

  private LibTorch() {}

  /** Returns whether this machine and class path have what it takes, without loading it. */
  public static Availability availability() {
    try {
      return availability(
          System.getProperty("os.name", ""),
          System.getProperty("os.arch", ""),
          NativeEnvironment.glibcVersion(),
          LibTorch::resourceExists);
    } catch (IllegalCallerException e) {
      return new Availability.Unavailable(
          "this JVM denies native access: " + e.getMessage(), "start it with " + ACCESS_FLAGS);
    }
  }

  /** Asks whether a resource is on the class path or module path. */
  interface Resources {
    boolean exists(String module, String path);
  }

  static Availability availability(
      String os, String arch, Optional<String> glibc, Resources resources) {
    if (!os.equals("Linux") || !arch.equals("amd64")) {
      return new Availability.Unavailable(
          "libtorch natives exist for linux-x86_64 only, this is " + os + " on " + arch,
          "run on Linux x86_64 (there are no natives for linux-arm64), or use device evaluator");
    }
    if (glibc.isPresent() && !atLeast(glibc.get(), GLIBC_NEEDED)) {
      return new Availability.Unavailable(
          "libtorch needs glibc 2.35 or newer, this system has " + glibc.get(),
          "use a newer distribution (Debian 12, Ubuntu 22.04), or a container with one");
    }
    String[][] needed = {
      {"pytorch", "2.13.0-1.5.14", "/org/bytedeco/pytorch/linux-x86_64/libjnitorch.so"},
      {"openblas", "0.3.31-1.5.13", "/org/bytedeco/openblas/linux-x86_64/libjniopenblas.so"},
      {"javacpp", "1.5.14", "/org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so"},
    };
    for (String[] library : needed) {
      if (!resources.exists(library[0], library[2])) {
        return new Availability.Unavailable(
            "the native library "
                + library[2].substring(library[2].lastIndexOf('/') + 1)
                + " is not on the class path or module path",
            "add the dependency org.bytedeco:"
                + library[0]
                + ":"
                + library[1]
                + " with the classifier linux-x86_64; on the module path also --add-modules"
                + " org.bytedeco.javacpp.linux.x86_64,org.bytedeco.openblas.linux.x86_64,"
                + "org.bytedeco.pytorch.linux.x86_64");
      }
    }
    return new Availability.Available();
  }

  private static boolean resourceExists(String module, String path) {
    Class<?> owner =
        switch (module) {
          case "pytorch" -> torch.class;
          case "openblas" -> openblas.class;
          default -> Loader.class;
        };
    // Of the class loader, not the class: on the module path natives are modules of their own.
    ClassLoader loader = owner.getClassLoader();
    return loader != null && loader.getResource(path.substring(1)) != null;
  }

  private static boolean atLeast(String version, int[] needed) {
    String[] parts = version.split("\\.", -1);
    try {
      int major = Integer.parseInt(parts[0]);
      int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      return major > needed[0] || (major == needed[0] && minor >= needed[1]);
    } catch (NumberFormatException _) {
      return true;
    }
  }

  /**
   * Loads the library, or throws what the first attempt threw.
   *
   * @throws DeviceException if it cannot be loaded
   */
  static synchronized void load() {
    if (availability() instanceof Availability.Unavailable(String reason, String remedy)) {
      throw new DeviceException("device cpu-reference is unavailable: " + reason + "; " + remedy);
    }
    if (failure != null) {
      throw refused(failure, null);
    }
    try {
      if (!loaded) {
        loadOnce();
        // Products are shared by the backend's own threads; OpenBLAS's would wait by spinning.
        openblas.blas_set_num_threads(1);
        torch.set_num_threads(1);
        loaded = true;
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      failure = e.toString();
      throw refused(failure, e);
    }
  }

  private static void loadOnce() throws IOException {
    NativeEnvironment.prepare();
    // JavaCPP's guard compares the whole process with a multiple of -Xmx and fails large models.
    if (System.getProperty(PHYSICAL_BYTES) == null) {
      System.setProperty(PHYSICAL_BYTES, "0");
    }
    // All files first: libtorch.so would otherwise pick up another libtorch_cpu.so of the system.
    Loader.cacheResources(torch.class, "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/");
  }

  private static DeviceException refused(String reason, @Nullable Throwable cause) {
    return new DeviceException(
        "libtorch could not be loaded: " + reason + "; native access needs " + ACCESS_FLAGS, cause);
  }

  /** Returns name and version, such as {@code libtorch 2.13.0}. */
  static String engine() {
    String version = "";
    try {
      version = " " + Loader.getVersion("org.bytedeco", "pytorch", torch.class);
    } catch (IOException _) {
      // A repackaged jar without Maven's properties: the name alone then.
    }
    int preset = version.indexOf('-');
    return "libtorch" + (preset < 0 ? version : version.substring(0, preset));
  }
}
