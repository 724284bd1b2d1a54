package io.lazytensor.cli;

import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.runtime.Availability.Available;
import io.lazytensor.xla.runtime.Availability.Unavailable;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.BackendProvider;
import io.lazytensor.xla.runtime.Backends;
import io.lazytensor.xla.runtime.JdkCheck;
import io.lazytensor.xla.runtime.PluginFolder;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what works on this machine and what to do about what does not. */
@Command(
    name = "doctor",
    description = "Shows Java and devices, and what to do where something is missing.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
final class Doctor implements Callable<Integer> {
  private static final String PLUGINS = "pjrt";

  @Option(
      names = "--support",
      description = "Prints which backend claims which operation and type, as Markdown.")
  boolean support;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (support) {
      out.print(SupportTable.markdown(Backends.providers()));
      out.flush();
      return CommandLine.ExitCode.OK;
    }
    boolean healthy = java(out);
    out.println("devices");
    boolean any = false;
    for (BackendProvider provider : Backends.providers()) {
      any |= provider.name().equals(PLUGINS) ? plugins(out) : device(out, provider);
    }
    if (!any) {
      out.println("  none can be opened; add a backend to the class path");
    }
    return healthy && any ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static boolean java(PrintWriter out) {
    out.printf(
        "java%n  %s, %s, %d processors%n",
        Runtime.version(),
        System.getProperty("java.home"),
        Runtime.getRuntime().availableProcessors());
    try {
      JdkCheck.require();
      return true;
    } catch (LazyTensorException e) {
      out.println("  " + e.getMessage());
      return false;
    }
  }

  /** A plug-in is a device of its own; opening it is the only way to know that it works. */
  private static boolean plugins(PrintWriter out) {
    boolean any = false;
    List<PluginFolder.Installed> installed = PluginFolder.user().installed();
    for (PluginFolder.Installed plugin : installed) {
      String name = PLUGINS + ":" + plugin.alias();
      try (Backend backend = Backends.open(name).backend()) {
        print(out, name, backend);
        any = true;
      } catch (LazyTensorException e) {
        out.printf("  %-14s cannot be opened: %s%n", name, e.getMessage());
      }
    }
    if (installed.isEmpty()) {
      out.printf(
          "  %-14s no plug-in is installed; bin/lazytensor plugin install xla-cpu fetches XLA%n",
          PLUGINS);
    }
    return any;
  }

  private static boolean device(PrintWriter out, BackendProvider provider) {
    switch (provider.availability()) {
      case Unavailable(String reason, String remedy) -> {
        out.printf("  %-14s unavailable: %s %s%n", provider.name(), reason, remedy);
        return false;
      }
      case Available() -> {
        try (Backend backend = provider.open(BackendOptions.NONE)) {
          print(out, provider.name(), backend);
          return true;
        } catch (LazyTensorException e) {
          out.printf("  %-14s cannot be opened: %s%n", provider.name(), e.getMessage());
          return false;
        }
      }
    }
  }

  private static void print(PrintWriter out, String name, Backend backend) {
    List<String> devices = backend.devices().stream().map(device -> device.description()).toList();
    out.printf("  %-14s %s: %s%n", name, backend.engine(), devices);
  }
}
