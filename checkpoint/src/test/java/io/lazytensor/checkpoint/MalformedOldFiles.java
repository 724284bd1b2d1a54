package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.PickleText.bytes;
import static io.lazytensor.checkpoint.PickleText.global;
import static io.lazytensor.checkpoint.PickleText.integer;
import static io.lazytensor.checkpoint.PickleText.little;
import static io.lazytensor.checkpoint.PickleText.longs;
import static io.lazytensor.checkpoint.PickleText.pickle;
import static io.lazytensor.checkpoint.PickleText.text;
import static io.lazytensor.checkpoint.PickleText.tuple;

import io.lazytensor.checkpoint.MalformedFiles.Case;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Malformed files before zip and of TorchScript, and malformed values of NumPy. */
final class MalformedOldFiles {
  private static final String CONTROL = "";

  private final List<Case> cases = new ArrayList<>();

  private MalformedOldFiles() {}

  static List<Case> all() {
    MalformedOldFiles files = new MalformedOldFiles();
    files.legacyStreams();
    files.legacyStorages();
    files.tarArchives();
    files.tarMembers();
    files.scripts();
    files.arrays();
    files.objects();
    return files.cases;
  }

  private void add(String name, byte[] content, String reason) {
    cases.add(new Case(name, content, reason));
  }

  // ---- legacy -----------------------------------------------------------------------------------

  private void legacy(String name, LegacyBytes file, String reason) {
    add("legacy: " + name, file.build(), reason);
  }

  private void legacyStreams() {
    byte[] good = new LegacyBytes().build();
    legacy("control", new LegacyBytes(), CONTROL);
    legacy("magic", new LegacyBytes().magic(pickle("\u008a\n" + "\1".repeat(10))), "magic number");
    legacy("magic is text", new LegacyBytes().magic(pickle(text("hello"))), "magic number");
    legacy("version", new LegacyBytes().version(pickle("K\7")), "protocol version 7");
    legacy("system is no dict", new LegacyBytes().system(pickle("K\7")), "expected a dict");
    add("legacy: four bytes", Arrays.copyOf(good, 4), "the pickle ends at 4");
    add("legacy: no object", Arrays.copyOf(good, 60), "the pickle ends");
    add("legacy: data cut off", Arrays.copyOf(good, good.length - 5), "it is cut off");
    add("legacy: count cut off", Arrays.copyOf(good, good.length - 20), "it is cut off");
    legacy("bytes behind the data", new LegacyBytes().tail("xx"), "2 bytes follow");
    legacy(
        "keys are no list", new LegacyBytes().object(pickle("K\1")).keys("77"), "no tensor uses");
    legacy(
        "a function", new LegacyBytes().object(pickle(global("os", "getcwd") + ")R")), "os.getcwd");
    legacy(
        "a module",
        new LegacyBytes().object(pickle(global("torch.nn.modules.linear", "Linear") + ")\u0081")),
        "torch.nn.modules.linear.Linear");
    legacy(
        "id of a module",
        new LegacyBytes()
            .object(
                pickle(
                    tuple(text("module"), global("torch", "Tensor"), text("a.py"), text("code"))
                        + "Q")),
        "malformed storage id");
    legacy("id in the magic", new LegacyBytes().magic(pickle(text("x") + "Q")), "a persistent id");
  }

  private void legacyStorages() {
    String twice = LegacyBytes.data(4) + LegacyBytes.data(4);
    legacy("count of 2^40", new LegacyBytes().data(LegacyBytes.data(1L << 40)), "declares 4 elem");
    legacy("negative count", new LegacyBytes().data(LegacyBytes.data(-1)), "its data has -1");
    legacy("unknown key", new LegacyBytes().keys("78"), "no tensor uses");
    legacy("missing key", new LegacyBytes().keys().data(""), "no data of storage \"77\"");
    legacy("repeated key", new LegacyBytes().keys("77", "77").data(twice), "\"77\" twice");
    legacy(
        "id of a zip archive",
        new LegacyBytes().object(LegacyBytes.stateDict(LegacyBytes.storage(""))),
        "malformed storage id");
    legacy("view is a number", view(integer(1)), "malformed view");
    legacy("view of four parts", view(tuple(text("1"), "K\0", "K\1", "K\1")), "malformed view");
    legacy("view past the end", view(tuple(text("1"), integer(2), integer(4))), "reaches outside");
    legacy("negative view", view(tuple(text("1"), integer(-1), integer(2))), "reaches outside");
    legacy(
        "view overflows",
        view(tuple(text("1"), integer(4), integer(Long.MAX_VALUE))),
        "reaches outside");
    legacy("view too small", view(tuple(text("1"), integer(0), integer(3))), "takes 16 bytes");
    legacy("whole as a view", view(tuple(text("1"), integer(0), integer(4))), CONTROL);
    String first = LegacyBytes.storage(tuple(text("1"), integer(0), integer(1)));
    String second = LegacyBytes.storage(tuple(text("1"), integer(1), integer(1)));
    legacy(
        "one view, two places",
        new LegacyBytes().object(pickle("](" + first + second + "e")),
        "declared twice");
    String doubles = LegacyBytes.storage("DoubleStorage", 2, "N");
    legacy(
        "one key, two types",
        new LegacyBytes().object(pickle("](" + LegacyBytes.storage("N") + doubles + "e")),
        "declared twice");
  }

  private static LegacyBytes view(String view) {
    return new LegacyBytes().object(LegacyBytes.stateDict(LegacyBytes.storage(view)));
  }

  // ---- tar --------------------------------------------------------------------------------------

  private void tar(String name, TarBytes file, String reason) {
    add("tar: " + name, file.build(), reason);
  }

  private void tarArchives() {
    byte[] good = TarBytes.whole().build();
    tar("control", TarBytes.whole(), CONTROL);
    add("tar: header only", Arrays.copyOf(good, 512), "reaches past the end");
    add("tar: half a header", Arrays.copyOf(good, 300), "cut off");
    add("tar: no end", Arrays.copyOf(good, good.length - 1024), "no end block");
    add("tar: one end block", Arrays.copyOf(good, good.length - 512), CONTROL);
    byte[] behind = Arrays.copyOf(good, good.length + 512);
    behind[behind.length - 1] = 1;
    add("tar: bytes behind the end", behind, "something follows");
    add("tar: endless padding", TarBytes.whole().build(1 << 20), "something follows");
    byte[] checksum = good.clone();
    checksum[0] ^= 1;
    add("tar: wrong checksum", checksum, "no valid tar header at 0");
    byte[] number = good.clone();
    number[124] = '9';
    number[149]++;
    add("tar: size is no number", number, "tar header");
    tar("member twice", TarBytes.whole().add("pickle", TarBytes.OBJECT), "two tar members");
    tar("another member", TarBytes.whole().add("readme", "x"), "\"readme\" is none");
    tar("path as a name", TarBytes.whole().add("../storages", "x"), "is none of those");
    tar("absolute name", new TarBytes().add("/etc/storages", "x"), "is none of those");
    tar("link", new TarBytes().add("storages", '2', 0, ""), "no regular file");
    tar("folder", new TarBytes().add("storages", '5', 0, ""), "no regular file");
    tar("past the end", new TarBytes().add("storages", '0', 1L << 32, "x"), "reaches past the end");
    tar(
        "no member",
        new TarBytes().add("storages", TarBytes.STORAGES),
        "has no member \"tensors\"");
    tar("extended path", new TarBytes().extend("13 path=../x\n"), "extended header \"path\"");
    tar("extended header cut off", new TarBytes().extend("99 size=1\n"), "malformed extended");
    tar("extended header of 0", new TarBytes().extend("0 size=1\n"), "malformed extended");
    tar("extended header without end", new TarBytes().extend("9 size=10"), "malformed extended");
    tar("extended header of 2^31", new TarBytes().extend("2147483657 size=1\n"), "malformed ext");
    tar("extended size", new TarBytes().extend("11 size=-1\n"), "malformed size");
    tar("extended twice", new TarBytes().extend("10 uid=1\n\n").extend("9 uid=1\n"), "malformed");
    tar("extended nothing", TarBytes.whole().extend("uid", "1"), "something follows");
  }

  private static TarBytes with(String storages, String tensors, String object) {
    return new TarBytes().add("pickle", object).add("tensors", tensors).add("storages", storages);
  }

  private void storages(String name, String storages, String reason) {
    tar("storages: " + name, with(storages, TarBytes.TENSORS, TarBytes.OBJECT), reason);
  }

  private void tensors(String name, String tensors, String reason) {
    tar("tensors: " + name, with(TarBytes.STORAGES, tensors, TarBytes.OBJECT), reason);
  }

  private void object(String name, String object, String reason) {
    tar("pickle: " + name, with(TarBytes.STORAGES, TarBytes.TENSORS, pickle(object)), reason);
  }

  private static String one(long elements) {
    return pickle(integer(1)) + TarBytes.storage("FloatStorage") + little(elements, 8);
  }

  private void tarMembers() {
    storages("cut off", one(4) + "\0", "cut off");
    storages("count is text", pickle(text("1")), "int of at most");
    storages("2^40 of them", pickle(integer(1L << 40)), "the pickle ends");
    storages("negative elements", one(-1), "-1 elements");
    storages("2^62 elements", one(1L << 62), "declares 4611686018427387904 elements");
    storages("2^40 elements", one(1L << 40), "cut off");
    storages("of no class", pickle(integer(1)) + TarBytes.storage("Tensor"), "no class of storag");
    storages("a number", pickle(integer(1)) + pickle(integer(1)), "malformed storage");
    storages("bytes behind them", TarBytes.STORAGES + "x", "1 bytes follow");
    String whole = one(0) + pickle("]");
    String sameView = tuple(integer(1), integer(1), integer(0), integer(0));
    storages("view of itself", one(0) + pickle("]" + sameView + "a"), "have the number 1");
    String outside = tuple(integer(2), integer(1), integer(0), integer(1));
    storages("view past the end", one(0) + pickle("]" + outside + "a"), "reaches outside");
    String nowhere = tuple(integer(2), integer(9), integer(0), integer(0));
    storages("view of nothing", one(0) + pickle("]" + nowhere + "a"), "no storage 9");
    storages("too small", whole, "takes 16 bytes");
    String start = pickle(integer(1));
    long[] two = {2};
    long[] ones = {1};
    tensors("no storage", start + tensor(integer(9), "FloatTensor", two, ones, 0), "no storage 9");
    tensors("of no class", start + tensor(integer(1), "Tensor", two, ones, 0), "no class of ten");
    tensors("other type", start + tensor(integer(1), "DoubleTensor", two, ones, 0), "views a st");
    tensors("past the end", start + tensor(integer(2), "FloatTensor", two, ones, 1), "takes");
    tensors("far offset", start + tensor(integer(2), "FloatTensor", two, ones, -1), "element -1");
    tensors(
        "empty and far away",
        start + tensor(integer(2), "FloatTensor", new long[] {0}, ones, Long.MAX_VALUE),
        "64 bits can count");
    tensors(
        "rank 1000",
        start + tensor(integer(1), "FloatTensor", new long[1000], new long[1000], 0),
        "1000 dimensions");
    String type = pickle(tuple(integer(10), integer(1), global("torch", "FloatTensor")));
    tensors("negative rank", start + type + little(-1, 8), "-1 dimensions");
    tensors("cut off", start + type + little(2, 8) + little(1, 8), "cut off");
    object("unknown tensor", text("99") + "Q", "no tensor 99");
    object("id is no number", text("x") + "Q", "int of at most");
    object(
        "a module", tuple(global("torch", "Tensor"), text("a.py"), text("x")) + "Q", "whole mod");
    object("itself", "]q\0h\0a", "contains itself");
    tar(
        "pickle: bytes behind it",
        with(TarBytes.STORAGES, TarBytes.TENSORS, TarBytes.OBJECT + "x"),
        "1 bytes follow");
  }

  private static String tensor(
      String storage, String type, long[] shape, long[] strides, long offset) {
    return TarBytes.tensor(10, storage, type, shape, strides, offset);
  }

  // ---- TorchScript ------------------------------------------------------------------------------

  private static ZipBytes archive(String pickle) {
    return new ZipBytes("a").add("data.pkl", pickle).add("data/0", new byte[16]);
  }

  private static byte[] script(String pickle) {
    return archive(pickle).add("constants.pkl", pickle(")")).add("version", "3\n").build();
  }

  private static String module(String attributes) {
    return global("__torch__", "M") + ")\u0081}(" + attributes + "ub";
  }

  private void scripts() {
    String good = pickle(module(text("w") + PickleText.square() + text("training") + "\u0088"));
    add("script: control", script(good), CONTROL);
    add("script: no module", script(PickleText.stateDict(PickleText.square())), "holds no module");
    add("script: class outside of one", archive(good).add("version", "3\n").build(), "__torch__.M");
    add("script: a function", script(pickle(global("os", "getcwd") + ")R")), "os.getcwd");
    add(
        "script: like a class",
        script(pickle(global("__torch__x", "M") + ")\u0081")),
        "__torch__x");
    add(
        "script: class with arguments",
        script(pickle(global("__torch__", "M") + "K\1\u0085\u0081")),
        "1 arguments");
    add(
        "script: state of a class",
        script(pickle(global("__torch__", "M") + ")\u0081)b")),
        "only its program");
    add(
        "script: name is a number",
        script(pickle(module(integer(1) + PickleText.square()))),
        "str");
    add("script: other bare object", script(pickle(global("torch", "Tensor") + ")\u0081")), "bare");
    add(
        "script: items of a module",
        script(pickle(global("__torch__", "M") + ")\u0081(NNu")),
        "sets items");
    String self = global("__torch__", "M") + ")\u0081q\0}(" + text("m") + "h\0ub";
    add("script: itself", script(pickle(self)), "contains itself");
    add(
        "script: frozen",
        archive(pickle(module("")))
            .add("constants.pkl", pickle(")"))
            .add("constants/0", new byte[4])
            .add("version", "3\n")
            .build(),
        "is frozen");
    byte[] compressed =
        new ZipBytes("a")
            .add("data.pkl", good)
            .with("method", 8)
            .add("data/0", new byte[16])
            .add("constants.pkl", pickle(")"))
            .add("version", "3\n")
            .build();
    add("script: compressed tensor", compressed, "\"data/0\" is compressed");
    byte[] code =
        archive(good)
            .add("constants.pkl", pickle(")"))
            .with("method", 8)
            .with("size", 0x7fffffff)
            .add("code/__torch__.py", "x")
            .add("version", "3\n")
            .build();
    add("script: code of 2 GiB", code, CONTROL);
    add(
        "export",
        new ZipBytes("a").add("archive_format", "pt2").add("models/model.json", "{}").build(),
        "program of torch.export");
    byte[] old =
        new ZipBytes("a")
            .addRaw(
                "serialized_exported_program.json",
                "serialized_exported_program.json",
                bytes("{}"),
                new byte[0])
            .build();
    add("export of PyTorch 2.6", old, "program of torch.export");
  }

  // ---- NumPy ------------------------------------------------------------------------------------

  private static String type(String name, String order, String fields) {
    return global("numpy", "dtype")
        + text(name)
        + "\u0089\u0088\u0087R"
        + tuple(integer(3), text(order), "N", fields, "N", integer(-1), integer(-1), integer(0))
        + "b";
  }

  private static String raw(String bytes) {
    return "B" + little(bytes.length(), 4) + bytes;
  }

  private void scalar(String name, String type, String bytes, String reason) {
    String call = global("numpy._core.multiarray", "scalar") + type + bytes + "\u0086R";
    add("numpy: " + name, checkpoint(call), reason);
  }

  private static byte[] checkpoint(String body) {
    return archive(pickle(body)).add("version", "3\n").build();
  }

  private void array(String name, String type, String shape, String flag, String reason) {
    String call =
        global("numpy.core.multiarray", "_reconstruct")
            + global("numpy", "ndarray")
            + longs(0)
            + raw("b")
            + "\u0087R"
            + tuple(integer(1), shape, type, flag, raw("\0".repeat(16)))
            + "b";
    add("numpy: " + name, checkpoint(call), reason);
  }

  private void arrays() {
    String f8 = type("f8", "<", "N");
    String f4 = type("f4", "<", "N");
    scalar("control", f8, raw("\0".repeat(8)), CONTROL);
    scalar("bytes of Python 2", f8, "U\u0008" + "\0".repeat(8), CONTROL);
    scalar("four bytes of eight", f8, raw("\0".repeat(4)), "has 4 bytes");
    scalar("no bytes", f8, raw(""), "has 0 bytes");
    scalar("a list", f8, "]", "expected a bytes");
    scalar("an object", type("O8", "|", "N"), raw("\0".repeat(8)), "type \"|O8\"");
    scalar("text", type("U3", "<", "N"), raw("\0".repeat(12)), "type \"<U3\"");
    scalar("a date", type("M8", "<", "N"), raw("\0".repeat(8)), "type \"<M8\"");
    scalar("a long double", type("f16", "<", "N"), raw("\0".repeat(16)), "type \"<f16\"");
    scalar("no byte order", type("f8", "|", "N"), raw("\0".repeat(8)), "no byte order");
    scalar("with fields", type("V8", "|", tuple(text("a"))), raw("\0".repeat(8)), "has fields");
    scalar(
        "type without state",
        global("numpy", "dtype") + text("f8") + "\u0089\u0088\u0087R",
        raw("\0".repeat(8)),
        "numpy.dtype");
    scalar("type is text", text("f8"), raw("\0".repeat(8)), "numpy.dtype");
    add(
        "numpy: state of a type",
        checkpoint(global("numpy", "dtype") + text("f8") + "\u0089\u0088\u0087R)b"),
        "malformed state");
    array("array control", f4, longs(2, 2), "\u0089", CONTROL);
    array("array too large", f4, longs(2, 3), "\u0089", "takes");
    array("array too small", f4, longs(2, 1), "\u0088", "has 16 bytes");
    array("negative size", f4, longs(-2, -2), "\u0089", "size -2");
    array("size overflows", f4, longs(1L << 40, 1L << 40), "\u0089", "64 bits");
    array("rank 65", f4, longs(new long[65]), "\u0089", "65 dimensions");
    array("flag is a number", f4, longs(4), integer(0), "expected a bool");
    array("objects", type("O", "|", "N"), longs(4), "\u0089", "type \"|O\"");
    add(
        "numpy: call of an array class",
        checkpoint(global("numpy", "ndarray") + ")R"),
        "no function");
    add(
        "numpy: another class",
        checkpoint(
            global("numpy.core.multiarray", "_reconstruct")
                + global("torch", "Tensor")
                + longs(0)
                + raw("b")
                + "\u0087R"),
        "torch.Tensor");
    add("numpy: another function", checkpoint(global("numpy", "load") + ")R"), "numpy.load");
  }

  private void objects() {
    String namespace = global("argparse", "Namespace") + ")\u0081";
    add("namespace: control", checkpoint(namespace + "}" + text("a") + "K\1sb"), CONTROL);
    add("namespace: attribute is a number", checkpoint(namespace + "}K\1K\1sb"), "str");
    add("namespace: state is a list", checkpoint(namespace + "]b"), "sets attributes");
    add("namespace: items", checkpoint(namespace + text("a") + "K\1s"), "sets items");
    add("namespace: called", checkpoint(global("argparse", "Namespace") + ")R"), "no function");
    String factory = global("collections", "defaultdict");
    add(
        "defaultdict: control",
        checkpoint(factory + global("__builtin__", "set") + "\u0085R"),
        CONTROL);
    add(
        "defaultdict: of a function",
        checkpoint(factory + global("_codecs", "encode") + "\u0085R"),
        "no plain type");
    add("defaultdict: of a number", checkpoint(factory + "K\1\u0085R"), "no plain type");
    add(
        "a type is called",
        checkpoint(global("__builtin__", "long") + ")R"),
        "builtins.int, which is no function");
    add(
        "frozenset of lists",
        checkpoint(global("__builtin__", "frozenset") + "]]a\u0085R"),
        "dict key");
    add("range of one", checkpoint(global("__builtin__", "xrange") + "K\1\u0085R"), "1 arguments");
  }
}
