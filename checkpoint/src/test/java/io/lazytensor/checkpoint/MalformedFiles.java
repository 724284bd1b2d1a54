package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.PickleText.ORDERED;
import static io.lazytensor.checkpoint.PickleText.bytes;
import static io.lazytensor.checkpoint.PickleText.floats;
import static io.lazytensor.checkpoint.PickleText.global;
import static io.lazytensor.checkpoint.PickleText.integer;
import static io.lazytensor.checkpoint.PickleText.little;
import static io.lazytensor.checkpoint.PickleText.longs;
import static io.lazytensor.checkpoint.PickleText.pickle;
import static io.lazytensor.checkpoint.PickleText.square;
import static io.lazytensor.checkpoint.PickleText.stateDict;
import static io.lazytensor.checkpoint.PickleText.storage;
import static io.lazytensor.checkpoint.PickleText.tensor;
import static io.lazytensor.checkpoint.PickleText.text;
import static io.lazytensor.checkpoint.PickleText.tuple;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Files that must be refused, each with a part of the reason, and controls that must be read. */
final class MalformedFiles {
  private static final byte[] FOUR_FLOATS = new byte[16];
  private static final String CONTROL = "";

  /**
   * A file.
   *
   * @param name what is wrong with it
   * @param content the whole file
   * @param reason a part of the refusal; empty for a file that is read
   */
  record Case(String name, byte[] content, String reason) {
    @Override
    public String toString() {
      return name;
    }
  }

  private final List<Case> cases = new ArrayList<>();

  private MalformedFiles() {}

  static List<Case> all() {
    MalformedFiles files = new MalformedFiles();
    files.archives();
    files.names();
    files.headers();
    files.storages();
    files.tensors();
    files.pickleMachine();
    files.pickleNames();
    files.safetensorsHeaders();
    files.safetensorsTensors();
    files.otherFormats();
    files.cases.addAll(MalformedOldFiles.all());
    return files.cases;
  }

  static List<byte[]> contents() {
    return all().stream().map(Case::content).filter(c -> c.length < 1 << 14).toList();
  }

  private void add(String name, byte[] content, String reason) {
    cases.add(new Case(name, content, reason));
  }

  // ---- zip --------------------------------------------------------------------------------------

  private static ZipBytes whole() {
    return start().add("data/0", FOUR_FLOATS).add("version", "3\n");
  }

  private static ZipBytes start() {
    return new ZipBytes("a").add("data.pkl", stateDict(square())).add("byteorder", "little");
  }

  private void archives() {
    byte[] good = whole().build();
    add("control", good, CONTROL);
    add("a comment of the archive", whole().with("comment", 5).build(bytes("hello")), CONTROL);
    add("empty file", new byte[0], "neither");
    add("four bytes", bytes("PK\u0003\u0004"), "no end record");
    add("half a file", Arrays.copyOf(good, good.length / 2), "no end record");
    add("last byte missing", Arrays.copyOf(good, good.length - 1), "no end record");
    add("bytes behind the archive", whole().build(bytes("garbage")), "no end record");
    byte[] before = new byte[64 + good.length];
    System.arraycopy(bytes("PK\u0003\u0004"), 0, before, 0, 4);
    System.arraycopy(good, 0, before, 64, good.length);
    add("bytes before the archive", before, "zip");
    byte[] end = Arrays.copyOfRange(good, good.length - 22, good.length);
    add("two end records", whole().build(end), "does not end where");
    add("directory outside", whole().with("zip64", 0).with("directoryAt", 1 << 30).build(), "end");
    add(
        "directory too long",
        whole().with("zip64", 0).with("directorySize", 1 << 30).build(),
        "end");
    add("too many entries", whole().with("zip64", 0).with("count", 999).build(), "999 entries");
    add("too few entries", whole().with("zip64", 0).with("count", 2).build(), "last entry");
    add("locator outside", whole().with("zip64At", 1L << 62).build(), "no zip64 end record");
    add("locator beyond 63 bits", whole().with("zip64At", -1).build(), "which no file has");
    add("end records disagree", whole().with("count", 1).build(), "disagree");
    add("one of several disks", whole().with("endDisk", 3).build(), "one part of several");
    add("zip64 record too long", whole().with("zip64Size", 45).build(), "wrong size");
  }

  private void names() {
    add("duplicate entry", whole().add("data/0", FOUR_FLOATS).build(), "two zip entries");
    add("duplicate pickle", whole().add("data.pkl", "x").build(), "two zip entries");
    add("names equal but for case", whole().add("DATA/0", "x").build(), "two zip entries");
    add("local name differs", raw("a/x", "a/y"), "another name");
    add(
        "no root folder",
        new ZipBytes("a").addRaw("x", "x", bytes("x"), new byte[0]).build(),
        "root");
    add("two roots", raw("b/x", "b/x"), "outside of the root");
    add("parent folder in a name", whole().add("../x", "x").build(), "no plain path");
    add("absolute name", raw("/etc/x", "/etc/x"), "root folder");
    add("backslash in a name", whole().add("data\\1", "x").build(), "backslash");
    add("NUL in a name", whole().add("data\0", "x").build(), "control character");
    add("root is the parent folder", new ZipBytes("..").add("data.pkl", "x").build(), "plain path");
    add("no pickle", new ZipBytes("a").add("version", "3\n").build(), "no data.pkl");
    add("no version", start().add("data/0", FOUR_FLOATS).build(), "no version");
    for (String version : List.of("abc", "99\n", "0\n", "-3", "99999999999")) {
      add(
          "version " + version.strip(),
          start().add("data/0", FOUR_FLOATS).add("version", version).build(),
          "has version");
    }
    add(
        "unknown byte order",
        new ZipBytes("a")
            .add("data.pkl", stateDict(square()))
            .add("byteorder", "middle")
            .add("data/0", FOUR_FLOATS)
            .add("version", "3\n")
            .build(),
        "byte order");
    add("storage missing", start().add("version", "3\n").build(), "no record of storage");
  }

  private static byte[] raw(String central, String local) {
    return whole().addRaw(central, local, bytes("x"), new byte[0]).build();
  }

  private static ZipBytes bad(String field, long value) {
    return start().with(field, value).add("data/0", FOUR_FLOATS).add("version", "3\n");
  }

  private void headers() {
    add("no checksum", bad("crc", 0).build(), CONTROL);
    add("encrypted", bad("flags", 0x809).build(), "encrypted");
    add("patch data", bad("flags", 0x828).build(), "flags");
    add("local flags differ", bad("localFlags", 0x800).build(), "disagree");
    add("local method differs", bad("localMethod", 8).build(), "disagree");
    add("deflated", bad("method", 8).build(), "compressed");
    add("unknown method", bad("method", 99).build(), "unknown method 99");
    add("entry on another disk", bad("disk", 1).build(), "flags");
    add("stored with two sizes", bad("size", 1 << 20).build(), "two sizes");
    add(
        "entry past the end",
        start()
            .with("size", 1 << 30)
            .with("compressed", 1 << 30)
            .add("data/0", FOUR_FLOATS)
            .add("version", "3\n")
            .build(),
        "reaches into the directory");
    add(
        "entry into the directory",
        start()
            .with("size", 200)
            .with("compressed", 200)
            .add("data/0", FOUR_FLOATS)
            .add("version", "3\n")
            .build(),
        "reaches into the directory");
    add("header past the end", bad("header", 1 << 30).build(), "no header");
    add("local extra past the data", bad("localExtra", 60000).build(), "reaches into");
    add("hidden bytes between entries", bad("gap", 100).build(), "belong to no entry");
    add("header of another entry", whole().with("header", 0).add("data.pkl2", "x").build(), "name");
    add("overlapping entries", overlapping(), "overlaps another one");
    byte[] shortField = bytes("\1\0\4\0\0\0\0\0");
    add("short zip64 field", zip64(shortField), "cut off zip64");
    add("size beyond 63 bits", zip64(bytes("\1\0\u0010\0" + "\u00ff".repeat(16))), "no file has");
    add("cut off extra field", zip64(bytes("\1\0\u00ff\0")), "cut off extra");
    byte[] crc =
        new ZipBytes("a")
            .with("crc", 0x12345678)
            .add("data.pkl", stateDict(square()))
            .add("data/0", FOUR_FLOATS)
            .add("version", "3\n")
            .build();
    add("wrong checksum of the pickle", crc, "CRC-32");
  }

  /** The data of one entry is a whole other entry. */
  private static byte[] overlapping() {
    byte[] inner = new ZipBytes("a").add("data/1", FOUR_FLOATS).build();
    byte[] fake = Arrays.copyOf(inner, 30 + "a/data/1".length() + FOUR_FLOATS.length + 16);
    byte[] outer = start().add("data/0", fake).build();
    String text = new String(outer, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(new String(fake, StandardCharsets.ISO_8859_1));
    return start()
        .add("data/0", fake)
        .with("header", at)
        .add("data/1", FOUR_FLOATS)
        .add("version", "3\n")
        .build();
  }

  private static byte[] zip64(byte[] extra) {
    return start()
        .with("size", 0xffffffffL)
        .with("compressed", 0xffffffffL)
        .addRaw("a/data/0", "a/data/0", FOUR_FLOATS, extra)
        .add("version", "3\n")
        .build();
  }

  // ---- storages and tensors ---------------------------------------------------------------------

  private static byte[] file(String pickle) {
    return file(pickle, FOUR_FLOATS);
  }

  private static byte[] file(String pickle, byte[] data) {
    return new ZipBytes("a")
        .add("data.pkl", pickle)
        .add("data/0", data)
        .add("version", "3\n")
        .build();
  }

  private static byte[] withStorage(String storage) {
    return file(stateDict(tensor(storage, 0, new long[] {2, 2}, new long[] {2, 1})));
  }

  private void storages() {
    String floatType = global("torch", "FloatStorage");
    add("record too short", file(stateDict(square()), new byte[8]), "its record has 8");
    add("record too long", file(stateDict(square()), new byte[1600]), "its record has 1600");
    add("negative elements", withStorage(storage(floatType, "0", -4)), "-4 elements");
    add("size overflows", withStorage(storage(floatType, "0", 1L << 62)), "elements");
    String huge =
        tuple(
                text("storage"),
                floatType,
                text("0"),
                text("cpu"),
                "\u008a\u0009" + little(-1, 8) + "\0")
            + "Q";
    add("elements beyond 63 bits", withStorage(huge), "at most 64 bits");
    add("unknown class", withStorage(storage(global("torch", "Evil"), "0", 4)), "torch.Evil");
    add("dtype as a class", withStorage(storage(global("torch", "float32"), "0", 4)), "no class");
    add("key with a path", withStorage(storage(floatType, "../data.pkl", 4)), "no plain name");
    add(
        "key is a number",
        withStorage(tuple(text("storage"), floatType, integer(0), text("cpu"), integer(4)) + "Q"),
        "str");
    add("id is no tuple", withStorage(text("storage") + "Q"), "malformed storage id");
    add(
        "id of a module",
        withStorage(tuple(text("module"), floatType, text("0"), text("cpu"), integer(4)) + "Q"),
        "malformed");
    add("short id", withStorage(tuple(text("storage"), floatType) + "Q"), "malformed");
    String doubles =
        tensor(
            storage(global("torch", "DoubleStorage"), "0", 2), 0, new long[] {2}, new long[] {1});
    add(
        "one key, two types",
        file(pickle("}(" + text("a") + square() + text("b") + doubles + "u")),
        "declared twice");
    String untyped = storage(global("torch.storage", "UntypedStorage"), "0", 16);
    add("typed tensor of bare bytes", withStorage(untyped), "bare bytes");
    String v3 =
        global("torch._utils", "_rebuild_tensor_v3")
            + tuple(
                untyped,
                integer(0),
                longs(5),
                longs(1),
                "\u0089",
                ORDERED,
                global("torch", "uint32"))
            + "R";
    add("untyped storage too small", file(stateDict(v3)), "takes 20 bytes");
    add(
        "elsewhere",
        withStorage(
            tuple(text("storage"), floatType, text("0"), text("nowhere:7"), integer(4)) + "Q"),
        CONTROL);
  }

  private void view(String name, long offset, long[] size, long[] stride, String reason) {
    add(name, file(stateDict(tensor(floats(), offset, size, stride))), reason);
  }

  private void tensors() {
    long[] square = {2, 2};
    long[] rows = {2, 1};
    long[] ones = new long[1000];
    Arrays.fill(ones, 1);
    view("expanded for ever", 0, new long[] {1 << 30}, new long[] {0}, CONTROL);
    view("negative offset", -1, square, rows, "starts at element -1");
    view("offset past the end", 1000, square, rows, "takes");
    view("negative size", 0, new long[] {-1, 2}, rows, "size -1");
    view("larger than its storage", 0, new long[] {1000, 1000}, new long[] {1000, 1}, "takes");
    view("size overflows", 0, new long[] {1L << 40, 1L << 40}, new long[] {0, 0}, "64 bits");
    view("negative stride", 2, square, new long[] {-2, 1}, "stride -2");
    view("stride overflows", 0, new long[] {3, 2}, new long[] {1L << 62, 1}, "64 bits");
    view("ranks differ", 0, square, new long[] {1}, "2 sizes and 1 strides");
    view("rank 1000", 0, ones, ones, "1000 dimensions");
    String sizes = longs(square);
    String strides = longs(rows);
    add(
        "gradient is a number",
        file(stateDict(tensor(floats(), 0, sizes, strides, integer(1), ""))),
        "expected a bool");
    String mark = "}" + text("zzz") + "\u0088s";
    add(
        "unknown mark",
        file(stateDict(tensor(floats(), 0, sizes, strides, "\u0089", mark))),
        "unknown mark");
    add(
        "size is a number",
        file(stateDict(tensor(floats(), 0, integer(4), strides, "\u0089", ""))),
        "expected a list");
  }

  // ---- pickle -----------------------------------------------------------------------------------

  private void bad(String name, String body, String reason) {
    add("pickle: " + name, file(pickle(body)), reason);
  }

  private void pickleMachine() {
    String good = stateDict(square());
    add("pickle: cut off", file(good.substring(0, good.length() - 10)), "the pickle ends");
    add("pickle: no protocol", file(good.substring(2)), "protocol number");
    add("pickle: protocol 9", file("\u0080\u0009" + good.substring(2)), "protocol 9");
    add("pickle: bytes behind it", file(good + "more"), "4 bytes follow");
    bad("underflow", "}s", "empty stack");
    bad("takes through a mark", "}(s", "empty stack");
    bad("no mark", "t", "no mark");
    bad("unknown memo", "h\7", "never had");
    bad("memo with gaps", "Nr" + little(1 << 30, 4), "remembers value");
    bad("invalid UTF-8", "X" + little(2, 4) + "\u00ff\u00fe", "UTF-8");
    bad("string of 4 GiB", "X" + little(-1, 4), "length of 4294967295");
    bad("string of 2^63", "\u008d" + little(1L << 62, 8), "length of");
    bad("integer of 64 KiB", "\u008b" + little(65536, 4) + "\1".repeat(65536), "65536 bytes");
    bad("integer of 256 bytes", "\u008b" + little(256, 4) + "\1".repeat(256), CONTROL);
    bad("attribute of an ordered dict", ORDERED + "}" + text("__class__") + "K\1sb", CONTROL);
    bad("integer of 255 bytes", "\u008a\u00ff" + "\1".repeat(255), CONTROL);
    bad("item of a list", "]K\0K\1s", "as if it were a dict");
    bad("item of a tensor", square() + "K\0K\1s", "as if it were a dict");
    bad("append to a dict", "}K\1a", "as if it were a list");
    bad("append to a tensor", square() + "K\1a", "as if it were a list");
    bad("attributes of a dict", "}}b", "sets attributes of a dict");
    bad("list as a key", "}]K\1s", "cannot be a dict key");
    bad("key without value", "}(K\1K\2K\3u", "without a value");
    bad("two values", "K\1K\2", "2 values");
    bad("no value", "", "0 values");
    bad("itself", "]q\0h\0a", "contains itself");
    bad("200,000 lists", "]".repeat(200_000) + "a".repeat(199_999), "levels deep");
    StringBuilder bomb = new StringBuilder(")q\0");
    for (char k = 0; k < 60; k++) {
      bomb.append('h').append(k).append("\u0086q").append((char) (k + 1));
    }
    bad("2^60 nodes", bomb.toString(), "values, shared ones");
    bad("huge key", bomb.insert(0, "}") + "K\1s", "dict key has more");
    String megabyte = "X" + little(1 << 20, 4) + "a".repeat(1 << 20) + "q\0";
    String encode = global("_codecs", "encode") + "h\0" + text("latin1") + "\u0086R";
    bad(
        "bytes made 100 times",
        megabyte + "](" + encode.repeat(100) + "e\u0086",
        "again and again");
    String pairs = "](" + ")K\1\u0086".repeat(100_000) + "eq\0";
    String again = global("collections", "OrderedDict") + "h\0\u0085R";
    bad("list made a dict 100 times", pairs + "](" + again.repeat(100) + "e\u0086", "again and");
    StringBuilder attributes = new StringBuilder("}(");
    for (int i = 0; i < 100_000; i++) {
      attributes.append(text(Integer.toString(i))).append('N');
    }
    attributes.append("uq\0](").append((ORDERED + "h\0b").repeat(100)).append("e\u0086");
    bad("attributes set 100 times", attributes.toString(), "again and again");
    bad("1,000,001 lists", "]".repeat(1_000_001), "containers");
  }

  private void pickleNames() {
    bad("a function", global("os", "getcwd") + ")R", "os.getcwd");
    bad("a builtin", global("builtins", "print") + ")R", "builtins.print");
    bad("an old builtin", global("__builtin__", "eval") + ")R", "builtins.eval");
    bad("torch.load", global("torch", "load") + ")R", "torch.load");
    bad("a legacy tensor", global("torch", "FloatTensor") + ")R", "torch.FloatTensor");
    bad("numpy", global("numpy._core.multiarray", "scalar") + ")R", "numpy._core");
    bad("an endless name", "c" + "x".repeat(1000), "longer than");
    bad("call of a number", "K\1)R", "calls a int");
    bad("call with a number", global("collections", "OrderedDict") + "K\1R", "with a int");
    bad("call of a dtype", global("torch", "float32") + ")R", "no function");
    bad("bare object", global("torch.nn.parameter", "Parameter") + ")\u0081", "bare object");
    bad("legacy set_", global("torch", "Tensor") + ")\u0081", "bare object");
    bad("INST", "(iposix\ngetcwd\n", "opcode 0x69");
    bad("EXT", "\u0082\1", "opcode 0x82");
    bad("dotted name", "\u008c\5torch\u008c\13nn.Linear.x\u0093", "torch.nn.Linear.x");
    bad("too few arguments", global("torch._utils", "_rebuild_tensor_v2") + ")R", "0 arguments");
    bad(
        "another codec",
        global("_codecs", "encode") + text("a") + text("zip") + "\u0086R",
        "other than as latin1");
    bad("set of lists", global("__builtin__", "set") + "]]a\u0085R", "cannot be a dict key");
    bad("odd pair", global("collections", "OrderedDict") + "]K\1a\u0085R", "list, got int");
  }

  // ---- safetensors ------------------------------------------------------------------------------

  private static byte[] safetensors(String header, int data) {
    return safetensors(header.getBytes(StandardCharsets.UTF_8).length, header, data);
  }

  private static byte[] safetensors(long length, String header, int data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[8 + text.length + data];
    System.arraycopy(bytes(little(length, 8)), 0, out, 0, 8);
    System.arraycopy(text, 0, out, 8, text.length);
    return out;
  }

  private static String entry(String name, String dtype, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%s]}"
        .formatted(name, dtype, shape, offsets);
  }

  private void header(String name, String header, String reason) {
    add("safetensors: " + name, safetensors(header, 16), reason);
  }

  private void safetensorsHeaders() {
    String good = "{" + entry("w", "F32", "2,2", "0,16") + "}";
    header("control", good, CONTROL);
    header("space before the header", "  " + good, CONTROL);
    add("safetensors: no tensors", safetensors("{} ", 0), CONTROL);
    add("safetensors: three bytes", bytes("\1\0\0"), "neither");
    add("safetensors: header past the end", safetensors(1000, good, 16), "declares 1000");
    add("safetensors: header of 2^63", safetensors(Long.MIN_VALUE + 5, good, 16), "no file has");
    add("safetensors: header over 100 MB", safetensors(100_000_001, good, 16), "at most");
    add("safetensors: no UTF-8", bytes(little(4, 8) + "{\"\u00ff\""), "UTF-8");
    header("cut off JSON", "{", "JSON");
    header("JSON list", "[]", "neither");
    header("byte order mark", "\ufeff" + good, "neither");
    add("safetensors: last bytes missing", safetensors(good, 14), "lies outside");
    add("safetensors: bytes behind the data", safetensors(good, 24), "cover 16 of 24");
    header("bytes behind the JSON", "{} x", "the end");
    header("NUL padding", good + "\0\0", "the end");
    header(
        "duplicate name",
        "{" + entry("w", "F32", "4", "0,16") + "," + entry("w", "F32", "4", "0,16") + "}",
        "twice");
    header(
        "escaped duplicate name",
        "{" + entry("w", "F32", "4", "0,16") + "," + entry("\\u0077", "F32", "4", "0,16") + "}",
        "twice");
    header("metadata with a number", "{\"__metadata__\":{\"a\":1}}", "no string");
    header("metadata is a list", "{\"__metadata__\":[]}", "no JSON object");
    header("deep JSON", "{\"a\":" + "[".repeat(100_000), "nested too deeply");
    header("entry is a list", "{\"a\":[]}", "no JSON object");
    header("bad escape", "{\"\\x\":1}", "escape");
    header("bad unicode escape", "{\"\\u00zz\":1}", "hexadecimal");
    header("line break in a name", "{\"\n\":1}", "control character");
  }

  private void safetensorsTensors() {
    one("shape too large", "F32", "2,3", "0,16", "has 16 bytes");
    one("shape beyond 63 bits", "I32", "2,18446744073709551614", "0,16", "63 bits");
    one("shape overflows", "I32", "2,9223372036854775807", "0,16", "overflows");
    one("shape overflows to zero", "I32", "0,9223372036854775807,4", "0,0", "overflows");
    one("negative shape", "I32", "-2,-2", "0,16", "whole number");
    one("fractional offset", "I32", "2,2", "0.0,16", "JSON");
    one("leading zero", "I32", "2,2", "00,16", "whole number");
    one("begin behind end", "I32", "2,2", "16,0", "lies outside");
    one("past the data", "I32", "2,4", "0,32", "lies outside");
    one("unknown dtype", "F128", "1", "0,16", "PyTorch has not");
    one("lower-case dtype", "f32", "2,2", "0,16", "PyTorch has not");
    one("three offsets", "F32", "2,2", "0,16,16", "lies outside");
    one("ends within a byte", "F4", "31", "0,16", "within a byte");
    one("not all data", "F32", "2", "0,8", "cover 8 of 16");
    one("hole at the start", "F32", "2", "8,16", "starts at byte 8");
    header(
        "overlap",
        "{" + entry("a", "F32", "4", "0,16") + "," + entry("b", "F32", "4", "0,16") + "}",
        "starts at byte 0");
    header(
        "unknown field",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16],\"stride\":[1]}}",
        "has the fields");
    header("missing field", "{\"w\":{\"dtype\":\"F32\",\"shape\":[4]}}", "has the fields");
  }

  private void one(String name, String dtype, String shape, String offsets, String reason) {
    header(name, "{" + entry("w", dtype, shape, offsets) + "}", reason);
  }

  // ---- others -----------------------------------------------------------------------------------

  private void otherFormats() {
    add("2018 preview", bytes("PYTORCH1........"), "preview");
    add("text", bytes("hello, this is no checkpoint"), "neither");
  }
}
