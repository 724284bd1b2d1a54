package io.lazytensor.xla.runtime;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdkCheckTest {
  @ParameterizedTest
  @ValueSource(strings = {"25.0.3", "25.0.3+9-LTS", "25.0.10", "26", "26-ea"})
  void safeVersionsPass(String version) {
    assertDoesNotThrow(() -> JdkCheck.require(Runtime.Version.parse(version), false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"25", "25.0.2+10", "24.0.9"})
  void olderOnesAreRefusedUnlessAllowed(String version) {
    Runtime.Version old = Runtime.Version.parse(version);
    DeviceException e = assertThrows(DeviceException.class, () -> JdkCheck.require(old, false));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("Java 25.0.3 is needed, this is " + version), message);
    assertTrue(message.contains("-Dlazytensor.allowUnsafeJdk=true"), message);
    assertDoesNotThrow(() -> JdkCheck.require(old, true));
  }
}
