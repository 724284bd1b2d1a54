package io.lazytensor.cli.plugin;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Plug-ins that are fetched by name. Their wheels are pinned by SHA-256. */
enum KnownPlugin {
  /** XLA's own CPU plug-in as the OpenXLA project published it once: PJRT C API 0.81. */
  XLA_CPU(
      "xla-cpu",
      "xla-cpu-pjrt",
      "0.0.1",
      "55837b6b7b47daa717f2d9a5a03563ea0ceaa338d06a81a1e2d3f060d960decc",
      "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so",
      "XLA for the CPU, PJRT C API 0.81",
      "the wheel carries no licence file; it is built from XLA, which is under Apache-2.0"),

  /** XLA's CPU plug-in of the newest binary interface: PJRT C API 0.115. */
  XLA_CPU_NEXT(
      "xla-cpu-next",
      "lammps-jax-pjrt-cpu",
      "0.11.2",
      "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1",
      "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so",
      "XLA for the CPU, PJRT C API 0.115",
      "see the wheel's METADATA");

  private final String alias;
  private final String project;
  private final String version;
  private final String sha256;
  private final String library;
  private final String description;
  private final String licenceNote;

  KnownPlugin(
      String alias,
      String project,
      String version,
      String sha256,
      String library,
      String description,
      String licenceNote) {
    this.alias = alias;
    this.project = project;
    this.version = version;
    this.sha256 = sha256;
    this.library = library;
    this.description = description;
    this.licenceNote = licenceNote;
  }

  /** Returns the plug-in of an alias. */
  static Optional<KnownPlugin> of(String alias) {
    return Arrays.stream(values()).filter(plugin -> plugin.alias.equals(alias)).findFirst();
  }

  /** Returns all aliases, for messages. */
  static String aliases() {
    return Arrays.stream(values()).map(KnownPlugin::alias).collect(Collectors.joining(", "));
  }

  /** Returns the name after {@code pjrt:}. */
  String alias() {
    return alias;
  }

  /** Returns project and version as pip takes them. */
  String requirement() {
    return project + "==" + version;
  }

  String version() {
    return version;
  }

  /** Returns the SHA-256 of the wheel for Linux on x86-64, in hexadecimal digits. */
  String sha256() {
    return sha256;
  }

  /** Returns where the shared library is in the wheel. */
  String library() {
    return library;
  }

  String description() {
    return description;
  }

  /** Returns what is known of the licence where the wheel has no licence file. */
  String licenceNote() {
    return licenceNote;
  }
}
