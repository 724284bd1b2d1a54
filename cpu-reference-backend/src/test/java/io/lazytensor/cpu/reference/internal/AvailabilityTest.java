package io.lazytensor.cpu.reference.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.cpu.reference.CpuReferenceProvider;
import io.lazytensor.xla.runtime.Availability;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.BackendProvider;
import io.lazytensor.xla.runtime.Backends;
import io.lazytensor.xla.runtime.DeviceException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AvailabilityTest {
  private static Availability.Unavailable unavailable(
      String os, String arch, String glibc, String missing) {
    return assertInstanceOf(
        Availability.Unavailable.class,
        LibTorch.availability(
            os, arch, Optional.of(glibc), (module, _) -> !module.equals(missing)));
  }

  @Test
  void missingNativeJarNamesTheExactDependency() {
    Availability.Unavailable answer = unavailable("Linux", "amd64", "2.36", "pytorch");
    assertTrue(answer.reason().contains("libjnitorch.so"), answer.reason());
    assertTrue(
        answer.remedy().contains("org.bytedeco:pytorch:2.13.0-1.5.14")
            && answer.remedy().contains("classifier linux-x86_64")
            && answer.remedy().contains("org.bytedeco.pytorch.linux.x86_64"),
        answer.remedy());
    assertTrue(
        unavailable("Linux", "amd64", "2.36", "openblas")
            .remedy()
            .contains("org.bytedeco:openblas:0.3.31-1.5.13"));
  }

  @Test
  void otherArchitecturesAreRefusedWithTheReason() {
    Availability.Unavailable answer = unavailable("Linux", "aarch64", "2.36", "");
    assertTrue(answer.reason().contains("aarch64"), answer.reason());
    assertTrue(answer.remedy().contains("linux-arm64"), answer.remedy());
  }

  @Test
  void oldGlibcIsRefusedWithBothVersions() {
    Availability.Unavailable answer = unavailable("Linux", "amd64", "2.34", "");
    assertTrue(
        answer.reason().contains("2.35") && answer.reason().contains("2.34"), answer.reason());
  }

  @Test
  void providerIsFoundAndServesTheNameCpu() {
    BackendProvider provider =
        Backends.providers().stream()
            .filter(p -> p.name().equals("cpu-reference"))
            .findFirst()
            .orElseThrow();
    assertTrue(provider.cpuPreference() > 0);
    assertInstanceOf(Availability.Available.class, provider.availability());
  }

  @Test
  void settingsAreCheckedBeforeAnythingIsLoaded() {
    CpuReferenceProvider provider = new CpuReferenceProvider();
    DeviceException threads =
        assertThrows(
            DeviceException.class,
            () -> provider.open(new BackendOptions("", Map.of("threads", "0"))));
    assertTrue(threads.toString().contains("\"0\""), threads.toString());
    DeviceException unknown =
        assertThrows(
            DeviceException.class,
            () -> provider.open(new BackendOptions("", Map.of("thread", "1"))));
    assertTrue(unknown.toString().contains("threads"), unknown.toString());
  }

  @Test
  void threadsDefaultToPhysicalCores() {
    int threads = Settings.of(BackendOptions.NONE).threads();
    assertEquals(Settings.physicalCores(), threads);
    assertTrue(threads <= Runtime.getRuntime().availableProcessors());
  }
}
