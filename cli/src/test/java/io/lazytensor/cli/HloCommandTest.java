package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.proto.HloProtoReader;
import io.lazytensor.xla.proto.HloProtoWriter;
import io.lazytensor.xla.text.HloPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HloCommandTest {
  @TempDir Path folder;

  private Path proto(HloModule module) throws IOException {
    return Files.write(folder.resolve(module.name() + ".pb"), HloProtoWriter.write(module));
  }

  private Path text(HloModule module) throws IOException {
    return Files.writeString(folder.resolve(module.name() + ".txt"), HloPrinter.print(module));
  }

  /** A message with one field 1. */
  private static byte[] wrapped(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x0A);
    int length = content.length;
    while (length >= 0x80) {
      out.write(length & 0x7F | 0x80);
      length >>>= 7;
    }
    out.write(length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  @Test
  void printsProtosAsTextAndStableHlo() throws IOException {
    Path file = proto(Modules.product());
    CommandRun text = CommandRun.of("hlo", "print", file);
    assertEquals(0, text.code(), text.err());
    assertTrue(
        text.out().startsWith("HloModule product") && text.out().contains(" dot("), text.out());
    CommandRun stable = CommandRun.of("hlo", "print", "--format", "stablehlo", file);
    assertEquals(0, stable.code(), stable.err());
    assertTrue(stable.out().contains("stablehlo.dot_general"), stable.out());
  }

  @Test
  void everyFormatIsRecognisedByContent() throws IOException {
    HloModule module = Modules.counters();
    byte[] bytes = HloProtoWriter.write(module);
    Path reference = Files.write(folder.resolve("module"), bytes);
    Path hloProto = Files.write(folder.resolve("hlo_proto"), wrapped(bytes));
    Path snapshot = Files.write(folder.resolve("snapshot.txt"), wrapped(wrapped(bytes)));
    Path text =
        Files.writeString(folder.resolve("text.pb"), "// a note\n" + HloPrinter.print(module));
    for (Path file : new Path[] {hloProto, snapshot, text}) {
      CommandRun same = CommandRun.of("hlo", "diff", reference, file);
      assertEquals("same", same.out().strip(), file + same.err());
      assertEquals(0, same.code());
    }
  }

  @Test
  void convertsByExtensionAndOption() throws IOException {
    Path in = proto(Modules.nested());
    Path text = folder.resolve("out.hlo");
    Path back = folder.resolve("back");
    assertEquals(0, CommandRun.of("hlo", "convert", in, text).code());
    CommandRun converted = CommandRun.of("hlo", "convert", text, back, "--to", "proto");
    assertEquals(0, converted.code(), converted.err());
    assertEquals(Modules.nested(), HloProtoReader.read(Files.readAllBytes(back)));
    assertTrue(
        CommandRun.of("hlo", "convert", in, folder.resolve("out")).refused(2, "--to text, proto"));
    assertTrue(CommandRun.of("hlo", "print", "--format", "proto", in).refused(2, "hlo convert"));
  }

  @Test
  void verifySaysOkOrWhy() throws IOException {
    CommandRun fine = CommandRun.of("hlo", "verify", proto(Modules.product()));
    assertEquals(0, fine.code(), fine.err());
    assertTrue(fine.out().startsWith("ok: product, "), fine.out());
    Path broken = folder.resolve("broken.pb");
    Files.write(broken, HloProtoWriter.write(Modules.wrongShape()));
    CommandRun refused = CommandRun.of("hlo", "verify", broken);
    assertTrue(refused.refused(1, "f32[2,3]"), refused.err());
    Path unwritten = folder.resolve("unwritten.pb");
    assertTrue(CommandRun.of("hlo", "convert", broken, unwritten).refused(1, "f32[2,3]"));
    assertTrue(Files.notExists(unwritten));
  }

  @Test
  void diffNamesTheFirstDifference() throws IOException {
    CommandRun difference =
        CommandRun.of("hlo", "diff", text(Modules.increment()), proto(Modules.product()));
    assertEquals(1, difference.code());
    assertTrue(difference.out().contains("f32[2,3] against f32[4,8]"), difference.out());
    String original = HloPrinter.print(Modules.increment());
    Path two = folder.resolve("two.txt");
    Files.writeString(two, original.replace("constant(1)", "constant(2)"));
    CommandRun constant = CommandRun.of("hlo", "diff", text(Modules.increment()), two);
    assertTrue(
        constant.out().contains("element 0: 1.0 (bits 3f800000) against 2.0"), constant.out());
    Path minus = folder.resolve("minus.txt");
    Files.writeString(minus, original.replace(" add(", " subtract("));
    CommandRun opcode = CommandRun.of("hlo", "diff", text(Modules.increment()), minus);
    assertTrue(opcode.out().contains("add f32[2,3] against subtract f32[2,3]"), opcode.out());
  }

  @Test
  void statsCount() throws IOException {
    CommandRun stats = CommandRun.of("hlo", "stats", proto(Modules.product()));
    assertEquals(0, stats.code(), stats.err());
    assertTrue(stats.out().contains("products      64.00 "), stats.out());
    assertTrue(stats.out().contains("parameters    2, 192 bytes"), stats.out());
    assertTrue(stats.out().contains("      1 dot"), stats.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "module @m { func.func public @main() { return } }",
        "// made by somebody\nmodule attributes {mhlo.num_replicas = 1 : i32} {\n}",
        "#loc = loc(unknown)\nmodule {}",
        "func.func @f(%a: tensor<f32>) { %0 = stablehlo.add %a, %a : tensor<f32> }"
      })
  void stableHloInputIsRefused(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("m.mlir"), content);
    assertTrue(CommandRun.of("hlo", "print", file).refused(1, "this is StableHLO"));
  }

  @Test
  void otherFilesAreRefusedInOneSentence() throws IOException {
    Path bytecode =
        Files.write(folder.resolve("m.mlirbc"), new byte[] {'M', 'L', (byte) 0xEF, 'R', 1});
    assertTrue(CommandRun.of("hlo", "print", bytecode).refused(1, "this is StableHLO"));
    Path empty = Files.write(folder.resolve("empty"), new byte[0]);
    assertTrue(CommandRun.of("hlo", "verify", empty).refused(1, "the file is empty"));
    Path letter = Files.writeString(folder.resolve("letter.txt"), "Dear module,\n");
    CommandRun noModule = CommandRun.of("hlo", "verify", letter);
    assertTrue(noModule.refused(1, "letter.txt"), noModule.err());
    Path noise = Files.write(folder.resolve("noise"), new byte[] {1, 2, 3, (byte) 0xFF, 0});
    assertTrue(CommandRun.of("hlo", "stats", noise).refused(1, "noise: HloModuleProto"));
    assertTrue(CommandRun.of("hlo", "print", folder).refused(1, "is a folder"));
    assertTrue(
        CommandRun.of("hlo", "print", folder.resolve("nothing")).refused(1, "does not exist"));
  }

  @Test
  void wrongUsageIsExitCode2() {
    assertEquals(2, CommandRun.of("hlo", "print").code());
    assertEquals(2, CommandRun.of("hlo", "print", "--format", "xml", "a").code());
    assertEquals(2, CommandRun.of("hlo", "prnt", "a").code());
    assertTrue(CommandRun.of("hlo").out().contains("convert"));
  }
}
