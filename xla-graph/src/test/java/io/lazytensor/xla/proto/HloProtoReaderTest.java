package io.lazytensor.xla.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.testing.EveryOp;
import io.lazytensor.xla.testing.ProtoMessage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Instruction and computation fields are named in {@link InstructionFields} and in the texts. */
class HloProtoReaderTest {
  private static final int COMPUTATION = 3;
  private static final int INSTRUCTION = 2;

  private static ProtoMessage proto(HloOpcode opcode) {
    return ProtoMessage.parse(HloProtoWriter.write(EveryOp.module(opcode)));
  }

  /** Changes an instruction of the entry computation. */
  private static ProtoMessage changed(HloOpcode opcode, int nth, Consumer<ProtoMessage> change) {
    ProtoMessage module = proto(opcode);
    long computations = module.fields.stream().filter(f -> f.number() == COMPUTATION).count();
    return module.edit(COMPUTATION, (int) computations - 1, c -> c.edit(INSTRUCTION, nth, change));
  }

  private static HloModule read(ProtoMessage module) {
    return HloProtoReader.read(module.toBytes());
  }

  private static HloOp rootOp(ProtoMessage module) {
    return read(module).entry().root().op();
  }

  private static void refuses(ProtoMessage module, String part) {
    refuses(HloFormatException.class, module, part);
  }

  private static void unsupported(ProtoMessage module, String part) {
    refuses(UnsupportedException.class, module, part);
  }

  private static void refuses(
      Class<? extends LazyTensorException> type, ProtoMessage module, String part) {
    LazyTensorException e = assertThrows(type, () -> read(module));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  // ---- what is read -----------------------------------------------------------------------------

  @Test
  void aMinimalModuleOfAnotherWriterIsRead() {
    ProtoMessage module = new ProtoMessage();
    byte[] shape = HexFormat.of().parseHex("100b1a01042a030a0100");
    ProtoMessage p0 = new ProtoMessage().add(1, "p0").add(2, "parameter").add(3, shape).add(35, 1);
    ProtoMessage p1 = new ProtoMessage().add(1, "p1").add(2, "parameter").add(3, shape);
    p1.add(9, 1).add(35, 2);
    ProtoMessage sum = new ProtoMessage().add(1, "add.3").add(2, "add").add(3, shape).add(35, 3);
    sum.add(36, new byte[] {1, 2});
    ProtoMessage signature = new ProtoMessage().add(1, shape).add(1, shape).add(2, shape);
    signature.add(3, "p0").add(3, "p1");
    ProtoMessage main = new ProtoMessage().add(1, "main").add(2, p0.toBytes());
    main.add(2, p1.toBytes()).add(2, sum.toBytes()).add(5, 4).add(6, 3);
    module.add(1, "m").add(3, main.toBytes()).add(4, signature.toBytes()).add(6, 4);
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 4)));
    HloInstruction y = b.add(new HloOp.Parameter(1, ArrayShape.of(DType.F32, 4)));
    assertEquals(
        new HloModule("m", HloComputation.of("main", List.of(x, y), b.plus(x, y)), List.of()),
        read(module));
  }

  @Test
  void memoryOutsideTheHeapIsRead() {
    byte[] bytes = HloProtoWriter.write(EveryOp.module(HloOpcode.DOT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      assertEquals(EveryOp.module(HloOpcode.DOT), HloProtoReader.read(copy));
    }
  }

  @Test
  void idsMayCarryTheComputationInTheirHighBits() {
    ProtoMessage module = proto(HloOpcode.ADD);
    long high = 7L << 32;
    module.edit(
        COMPUTATION,
        0,
        c -> {
          c.set(6, high | 3);
          for (int i = 0; i < 3; i++) {
            long id = high | (i + 1);
            c.edit(INSTRUCTION, i, m -> m.set(35, id));
          }
          c.edit(INSTRUCTION, 2, m -> m.remove(36).add(36, high | 1).add(36, high | 2));
        });
    assertEquals(EveryOp.module(HloOpcode.ADD), read(module));
  }

  @Test
  void unknownFieldsAreSkipped() {
    ProtoMessage module = changed(HloOpcode.ADD, 2, i -> i.add(200, "new").add(201, 5));
    assertEquals(EveryOp.module(HloOpcode.ADD), read(module.add(1000, 7)));
  }

  @Test
  void originAndNameAreRead() {
    ProtoMessage origin = new ProtoMessage().add(2, "jit(f)/add").add(3, "train.py").add(4, 12);
    HloModule module = read(changed(HloOpcode.ADD, 2, i -> i.add(7, origin.toBytes())));
    assertEquals(
        new Metadata("jit(f)/add", new SourceLine("", "", "train.py", 12), "add.3"),
        module.entry().root().metadata());
  }

  @Test
  void theSourceLineOfAStackFrameIsRead() {
    ProtoMessage frames = new ProtoMessage().add(1, "a.py").add(1, "b.py").add(2, "step");
    frames.add(3, new ProtoMessage().add(1, 2).add(2, 1).add(3, 34).toBytes());
    frames.add(4, new ProtoMessage().add(1, 1).toBytes());
    ProtoMessage module =
        changed(HloOpcode.ADD, 2, i -> i.add(7, new ProtoMessage().add(15, 1).toBytes()));
    module.add(17, frames.toBytes());
    assertEquals(
        new SourceLine("", "step", "b.py", 34), read(module).entry().root().metadata().source());
    ProtoMessage dangling =
        changed(HloOpcode.ADD, 2, i -> i.add(7, new ProtoMessage().add(15, 9).toBytes()));
    assertEquals(
        SourceLine.UNKNOWN,
        read(dangling.add(17, frames.toBytes())).entry().root().metadata().source());
  }

  @Test
  void aTupleLiteralBecomesATupleOfConstants() {
    WireWriter out = new WireWriter();
    LiteralProto.write(out, 1, Literal.ofInts(Dims.of(), 7));
    LiteralProto.write(out, 1, Literal.ofFloats(Dims.of(2), 1, 2));
    List<ProtoMessage.Field> literals = ProtoMessage.parse(out.toByteArray()).fields;
    Shape pair = new TupleShape(List.of(ArrayShape.scalar(DType.S32), ArrayShape.of(DType.F32, 2)));
    WireWriter shape = new WireWriter();
    ShapeProto.write(shape, 1, pair);
    byte[] pairProto = ProtoMessage.parse(shape.toByteArray()).fields.get(0).payload();
    ProtoMessage tuple = new ProtoMessage().add(1, pairProto);
    literals.forEach(literal -> tuple.add(10, literal.payload()));
    ProtoMessage module =
        changed(HloOpcode.CONSTANT, 0, i -> i.set(3, pairProto).set(8, tuple.toBytes()));
    module.edit(4, 0, signature -> signature.set(2, pairProto));
    HloModule read = read(module);
    HloVerifier.verify(read);
    assertEquals(pair, read.entry().root().shape());
    assertEquals(
        new HloOp.Constant(Literal.ofInts(Dims.of(), 7)), read.entry().root().operand(0).op());
  }

  @Test
  void aBitcastBetweenRowMajorArraysIsAReshape() {
    ProtoMessage module = changed(HloOpcode.RESHAPE, 1, i -> i.set(2, "bitcast"));
    assertEquals(new HloOp.Reshape(Dims.of(3, 1, 2)), rootOp(module));
    ProtoMessage columns =
        changed(
            HloOpcode.RESHAPE,
            1,
            i ->
                i.set(2, "bitcast")
                    .edit(3, 0, s -> s.edit(5, 0, l -> l.set(1, new byte[] {0, 1, 2}))));
    unsupported(columns, "bitcast");
  }

  @Test
  void comparisonsOfOldFilesAreRead() {
    ProtoMessage module =
        changed(HloOpcode.COMPARE, 2, i -> i.remove(63).remove(72).set(2, "greater-than"));
    assertEquals(new HloOp.Compare(ComparisonDirection.GT, false), rootOp(module));
  }

  @Test
  void replicaGroupsAreReadInEachForm() {
    ProtoMessage group = new ProtoMessage().add(1, new byte[] {0, 1});
    ProtoMessage listed =
        changed(
            HloOpcode.ALL_REDUCE,
            1,
            i -> i.remove(49).add(87, new ProtoMessage().add(1, group.toBytes()).toBytes()));
    assertEquals(EveryOp.module(HloOpcode.ALL_REDUCE), read(listed));
    ProtoMessage iota = new ProtoMessage().add(1, 2).add(2, 3).add(3, new byte[] {3, 2});
    iota.add(4, new byte[] {1, 0});
    CollectiveOp.AllReduce transposed =
        (CollectiveOp.AllReduce)
            rootOp(changed(HloOpcode.ALL_REDUCE, 1, i -> i.remove(49).add(92, iota.toBytes())));
    assertEquals(List.of(Dims.of(0, 2, 4), Dims.of(1, 3, 5)), transposed.groups().groups());
  }

  @Test
  void aShortIotaOfManyDevicesIsRefused() {
    ProtoMessage iota =
        new ProtoMessage().add(1, 1L << 30).add(2, 1L << 30).add(3, 1L << 30).add(3, 1L << 30);
    unsupported(
        changed(HloOpcode.ALL_REDUCE, 1, i -> i.remove(49).add(92, iota.toBytes())), "devices");
  }

  @Test
  void layoutsThatACustomCallFixesAreKept() {
    WireWriter shape = new WireWriter();
    ShapeProto.write(shape, 1, ArrayShape.of(DType.F32, 2, 3), List.of(Dims.of(0, 1)).iterator());
    byte[] columns = ProtoMessage.parse(shape.toByteArray()).fields.get(0).payload();
    ProtoMessage module =
        changed(HloOpcode.CUSTOM_CALL, 1, i -> i.set(3, columns).add(56, 1).add(57, columns));
    HloModule read = read(module);
    ControlOp.CustomCall call = (ControlOp.CustomCall) read.entry().root().op();
    assertEquals(List.of(Dims.of(0, 1), Dims.of(0, 1)), call.layouts());
    assertEquals(read, HloProtoReader.read(HloProtoWriter.write(read)));
    refuses(changed(HloOpcode.CUSTOM_CALL, 1, i -> i.add(56, 1)), "layouts of other operands");
  }

  @Test
  void shardingsThatOnlyPlaceDataAreDropped() {
    byte[] tiled =
        new ProtoMessage().add(1, 3).add(3, new byte[] {2, 1}).add(4, 0).add(4, 1).toBytes();
    assertEquals(
        EveryOp.module(HloOpcode.ADD), read(changed(HloOpcode.ADD, 2, i -> i.add(40, tiled))));
    refuses(
        changed(
            HloOpcode.ADD,
            2,
            i -> i.add(40, new ProtoMessage().add(1, 3).add(3, new byte[] {2, 1}).toBytes())),
        "tiles");
    byte[] flat = new ProtoMessage().add(1, 3).add(3, 2).add(4, 0).add(4, 1).toBytes();
    refuses(changed(HloOpcode.ADD, 2, i -> i.add(40, flat)), "sharded along 1");
  }

  // ---- what is refused --------------------------------------------------------------------------

  @Test
  void idsAreChecked() {
    refuses(changed(HloOpcode.ADD, 2, i -> i.set(36, new byte[] {1, 9})), "instruction 9");
    refuses(changed(HloOpcode.ADD, 2, i -> i.set(36, new byte[] {1, 3})), "instruction 3");
    refuses(changed(HloOpcode.ADD, 2, i -> i.set(35, 1)), "taken");
    refuses(changed(HloOpcode.ADD, 2, i -> i.set(35, -4)), "negative");
    refuses(changed(HloOpcode.ADD, 2, i -> i.add(37, 8)), "instruction 8");
    refuses(proto(HloOpcode.ADD).edit(COMPUTATION, 0, c -> c.set(6, 77)), "root");
    refuses(proto(HloOpcode.ADD).edit(COMPUTATION, 0, c -> c.set(5, -1)), "none");
    refuses(proto(HloOpcode.ADD).set(6, 99), "entry computation 99");
  }

  @Test
  void aUserBeforeItsOperandIsRefused() {
    ProtoMessage module = proto(HloOpcode.ADD);
    module.edit(COMPUTATION, 0, c -> c.fields.add(1, c.fields.remove(3)));
    refuses(module, "does not list before it");
  }

  @Test
  void aCallerBeforeItsCalleeIsRefused() {
    ProtoMessage module = proto(HloOpcode.CALL);
    List<ProtoMessage.Field> fields = module.fields;
    int first = 0;
    while (fields.get(first).number() != COMPUTATION) {
      first++;
    }
    fields.add(first, fields.remove(first + 1));
    refuses(module, "does not list before main");
  }

  @Test
  void namesHaveToBeThereAndUnique() {
    refuses(changed(HloOpcode.ADD, 2, i -> i.set(1, "parameter.1")), "name of its own");
    refuses(changed(HloOpcode.ADD, 2, i -> i.remove(1)), "name of its own");
    refuses(proto(HloOpcode.ADD).remove(1), "no name");
    refuses(proto(HloOpcode.CALL).edit(COMPUTATION, 0, c -> c.set(1, "main")), "name of its own");
  }

  @Test
  void theSignatureHasToBeThereAndRight() {
    refuses(proto(HloOpcode.ADD).remove(4), "program shape");
    refuses(proto(HloOpcode.ADD).edit(4, 0, s -> s.remove(1)), "0 parameters have 2 names");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "async-start",
        "send",
        "recv-done",
        "infeed",
        "outfeed",
        "rng",
        "domain",
        "dynamic-reshape",
        "set-dimension-size",
        "all-reduce-start",
        "copy-done",
        "scaled-dot"
      })
  void operationsOfXlaThatAreMissingHereAreNamed(String opcode) {
    unsupported(changed(HloOpcode.ADD, 2, i -> i.set(2, opcode)), opcode);
  }

  @Test
  void operationsNobodyHasAreRefused() {
    refuses(changed(HloOpcode.ADD, 2, i -> i.set(2, "addd")), "unknown opcode");
    refuses(changed(HloOpcode.ADD, 2, i -> i.remove(2)), "unknown opcode");
  }

  private static ProtoMessage withShape(Consumer<ProtoMessage> change) {
    return changed(HloOpcode.ADD, 2, i -> i.edit(3, 0, change));
  }

  @Test
  void shapesAreChecked() {
    unsupported(withShape(s -> s.add(6, new byte[] {0, 1})), "dynamic");
    unsupported(withShape(s -> s.set(3, Long.MIN_VALUE)), "dynamic");
    unsupported(withShape(s -> s.set(3, 1L << 31)), "2^31 - 1");
    unsupported(withShape(s -> s.set(2, 14)), "opaque");
    unsupported(withShape(s -> s.edit(5, 0, l -> l.add(6, new byte[0]))), "tiles");
    unsupported(withShape(s -> s.edit(5, 0, l -> l.add(9, new byte[] {1, 0}))), "sparse");
    refuses(withShape(s -> s.add(6, new byte[] {0})), "marks of being dynamic");
    refuses(withShape(s -> s.edit(5, 0, l -> l.add(16, -1))), "alignment of -1");
    refuses(withShape(s -> s.edit(5, 0, l -> l.add(7, 4))), "not 4");
    refuses(withShape(s -> s.edit(5, 0, l -> l.add(11, 8))), "sparse index");
    refuses(withShape(s -> s.set(3, -1)), "negative");
    refuses(withShape(s -> s.set(2, 99)), "element type 99");
    refuses(withShape(s -> s.edit(5, 0, l -> l.set(1, new byte[] {0, 0}))), "orders no array");
    refuses(withShape(s -> s.edit(5, 0, l -> l.set(1, new byte[] {0}))), "orders no array");
    refuses(
        withShape(s -> s.remove(5).remove(3).add(3, 1L << 30).add(3, 1L << 30).add(3, 1L << 30)),
        "2^63 bytes");
    refuses(changed(HloOpcode.ADD, 2, i -> i.remove(3)), "no shape");
  }

  @Test
  void nestedTuplesAreBounded() {
    byte[] shape = HexFormat.of().parseHex("100b");
    for (int i = 0; i < 5_000; i++) {
      shape = new ProtoMessage().add(2, 13).add(4, shape).toBytes();
    }
    byte[] deep = shape;
    refuses(changed(HloOpcode.ADD, 2, i -> i.set(3, deep)), "nested deeper");
  }

  @Test
  void nestedCallsAreBounded() {
    ProtoMessage module = proto(HloOpcode.CALL);
    byte[] caller =
        module.fields.stream().filter(f -> f.number() == COMPUTATION).toList().get(1).payload();
    for (int i = 0; i < 5_000; i++) {
      int level = i;
      ProtoMessage next = ProtoMessage.parse(caller).set(1, "f" + level).set(5, 1_000 + level);
      next.edit(INSTRUCTION, 0, x -> x.set(1, "x" + level));
      next.edit(
          INSTRUCTION,
          1,
          x -> {
            x.set(1, "y" + level);
            if (level > 0) {
              x.remove(38).add(38, 999 + level);
            }
          });
      module.add(COMPUTATION, next.toBytes());
    }
    LazyTensorException e =
        assertThrows(LazyTensorException.class, () -> read(module.set(6, 5_999)));
    assertTrue(String.valueOf(e.getMessage()).contains("nests calls"), e.getMessage());
  }

  @Test
  void parametersAreNumberedOnce() {
    assertThrows(
        LazyTensorException.class, () -> read(changed(HloOpcode.ADD, 1, i -> i.set(9, 0))));
    assertThrows(
        LazyTensorException.class, () -> read(changed(HloOpcode.ADD, 1, i -> i.set(9, -1))));
    refuses(changed(HloOpcode.ADD, 1, i -> i.set(9, 1L << 40)), "out of range");
  }

  @Test
  void attributesOfOtherOperationsAreRefused() {
    byte[] highest = new ProtoMessage().add(1, new byte[] {2, 2}).toBytes();
    refuses(changed(HloOpcode.ADD, 2, i -> i.add(51, highest)), "precision");
    refuses(changed(HloOpcode.ADD, 2, i -> i.add(30, new byte[0])), "dimension numbers");
    refuses(changed(HloOpcode.ADD, 2, i -> i.add(90, new byte[0])), "numbers of ragged-dot");
  }

  @Test
  void attributesThatXlaDoesNotLookAtAreDropped() {
    byte[] highest = new ProtoMessage().add(1, new byte[] {2, 2}).toBytes();
    assertEquals(
        EveryOp.module(HloOpcode.IOTA),
        read(changed(HloOpcode.IOTA, 0, i -> i.add(51, highest).add(30, new byte[0]))));
    assertEquals(
        new HloOp.Compare(ComparisonDirection.LT, true),
        rootOp(changed(HloOpcode.COMPARE, 2, i -> i.set(63, "LT").set(72, "SIGNED"))));
  }

  @Test
  void callsOfOperationsThatCallNothingAreRefused() {
    ProtoMessage module = proto(HloOpcode.CALL);
    module.edit(COMPUTATION, 1, c -> c.edit(INSTRUCTION, 1, i -> i.set(2, "negate")));
    refuses(module, "calls computations");
  }

  @Test
  void idsAreComparedByTheirLow32Bits() {
    assertEquals(
        EveryOp.module(HloOpcode.ADD),
        read(changed(HloOpcode.ADD, 2, i -> i.set(35, 5L << 32 | 3))));
    refuses(changed(HloOpcode.ADD, 2, i -> i.set(35, 5L << 32 | 1)), "taken");
    refuses(changed(HloOpcode.ADD, 2, i -> i.set(35, 1L << 31)), "negative");
  }

  @Test
  void signaturesAreReadAsXlaReadsThem() {
    assertEquals(
        EveryOp.module(HloOpcode.ADD),
        read(
            proto(HloOpcode.ADD)
                .edit(4, 0, s -> s.edit(2, 0, r -> r.edit(5, 0, l -> l.set(1, 9))))));
    refuses(proto(HloOpcode.ADD).edit(4, 0, s -> s.add(3, "more")), "have 3 names");
    byte[] latin1 = {(byte) 0xe9};
    refuses(
        proto(HloOpcode.ADD)
            .edit(COMPUTATION, 0, c -> c.edit(4, 0, signature -> signature.add(3, latin1))),
        "UTF-8");
  }

  @Test
  void oneComputationMayGoWithoutName() {
    HloModule module = read(proto(HloOpcode.CALL).edit(COMPUTATION, 0, c -> c.remove(1)));
    assertEquals(2, module.entry().instructions().size());
    ProtoMessage both = proto(HloOpcode.CALL);
    both.edit(COMPUTATION, 0, c -> c.remove(1)).edit(COMPUTATION, 1, c -> c.remove(1));
    refuses(both, "name of its own");
  }

  @Test
  void missingAttributesAreRefused() {
    refuses(changed(HloOpcode.DOT, 2, i -> i.remove(30)), "field 30");
    refuses(changed(HloOpcode.RAGGED_DOT, 3, i -> i.remove(90)), "field 90");
    refuses(changed(HloOpcode.RAGGED_DOT, 3, i -> i.set(90, new byte[0])), "without field 1");
    byte[] twice = {10, 0, 10, 0};
    refuses(changed(HloOpcode.RAGGED_DOT, 3, i -> i.set(90, twice)), "two of");
    refuses(changed(HloOpcode.CONVOLUTION, 2, i -> i.remove(15)), "field 15");
    refuses(changed(HloOpcode.PAD, 2, i -> i.remove(21)), "field 21");
    refuses(changed(HloOpcode.IOTA, 0, i -> i.remove(14)), "0 dimensions");
    refuses(changed(HloOpcode.CONSTANT, 0, i -> i.remove(8)), "field 8");
    refuses(changed(HloOpcode.COMPARE, 2, i -> i.set(63, "LTE")), "direction");
    refuses(changed(HloOpcode.COMPARE, 2, i -> i.set(72, "FLOATS")), "comparison type");
    refuses(changed(HloOpcode.FUSION, 1, i -> i.set(11, "kFast")), "kFast");
    refuses(changed(HloOpcode.CUSTOM_CALL, 1, i -> i.set(77, -1)), "version -1");
    unsupported(changed(HloOpcode.FFT, 1, i -> i.set(31, 0).set(32, 1)), "transform");
    refuses(changed(HloOpcode.CALL, 1, i -> i.remove(38)), "calls 0 computations");
    refuses(changed(HloOpcode.WHILE, 3, i -> i.set(38, new byte[] {8})), "calls 1 computations");
    refuses(changed(HloOpcode.FFT, 1, i -> i.set(31, 4)), "type of transform 4");
  }

  @Test
  void shardingThatChangesTheMeaningIsRefused() {
    unsupported(
        changed(HloOpcode.ADD, 2, i -> i.add(40, new ProtoMessage().add(1, 4).toBytes())),
        "manual");
    refuses(
        changed(HloOpcode.ADD, 2, i -> i.add(40, new ProtoMessage().add(1, 2).toBytes())), "tuple");
  }

  @Test
  void aFusedComputationBelongsToOneFusion() {
    ProtoMessage module = proto(HloOpcode.FUSION);
    module.edit(
        COMPUTATION,
        1,
        c -> {
          ProtoMessage twin = ProtoMessage.parse(c.fields.get(2).payload());
          c.add(INSTRUCTION, twin.set(1, "twin").set(35, 90).toBytes());
        });
    refuses(module, "another fusion");
  }

  @Test
  void aliasesAreOfWholeOutputsAndParameters() {
    ProtoMessage nested = new ProtoMessage().add(1, new byte[] {0, 1});
    unsupported(
        proto(HloOpcode.ADD).add(8, new ProtoMessage().add(1, nested.toBytes()).toBytes()),
        "both have to be whole");
  }

  @Test
  void replicasAreANumber() {
    ProtoMessage entry = new ProtoMessage().add(1, "lazytensor.replicas").add(2, "many");
    refuses(
        proto(HloOpcode.ADD).add(19, new ProtoMessage().add(1, entry.toBytes()).toBytes()), "many");
  }

  @Test
  void nothingIsNoModule() {
    assertThrows(HloFormatException.class, () -> HloProtoReader.read(new byte[0]));
  }
}
