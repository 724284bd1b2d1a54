package io.lazytensor.xla.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HloParserTest {
  private static HloInstruction root(String instructions) {
    return HloParser.parse("HloModule m\nENTRY e {\n" + instructions + "\n}").entry().root();
  }

  private static Literal literal(String type, String value) {
    return ((HloOp.Constant) root("c = " + type + " constant(" + value + ")").op()).literal();
  }

  private static String refusal(String instructions) {
    return String.valueOf(
        assertThrows(HloFormatException.class, () -> root(instructions)).getMessage());
  }

  private static String unsupported(String instructions) {
    return String.valueOf(
        assertThrows(UnsupportedException.class, () -> root(instructions)).getMessage());
  }

  // ---- what may be missing, and what may be there -----------------------------------------------

  @Test
  void percentSignsSignaturesOperandShapesAndCommentsAreOptional() {
    HloModule full =
        HloParser.parse(
            """
            HloModule m, entry_computation_layout={(f32[2]{0}, f32[2]{0})->f32[2]{0}}

            ENTRY %e (a: f32[2], b: f32[2]) -> f32[2] {
              %a = f32[2]{0} parameter(0)
              %b = f32[2]{0} parameter(1) // the second
              ROOT %c = f32[2]{0} add(f32[2]{0} %a, /*index=1*/f32[2]{0} %b)
            }
            """);
    HloModule terse =
        HloParser.parse("e { a = f32[2] parameter(0) b=f32[2] parameter(1) c = add(a, b) }");
    assertEquals(full, terse);
    assertEquals("module_e", terse.name());
  }

  @Test
  void theLastInstructionIsTheRootAndTheLastComputationTheEntryUnlessTheTextSaysOtherwise() {
    HloModule module =
        HloParser.parse(
            "HloModule m f { ROOT p = f32[] parameter(0) q = f32[] negate(p) }"
                + " g { p = f32[] parameter(0) q = f32[] negate(p) }");
    assertEquals("g", module.entry().name());
    assertEquals("q", module.entry().root().metadata().name());
    HloModule marked =
        HloParser.parse(
            "HloModule m ENTRY f { ROOT p = f32[] parameter(0) q = f32[] negate(p) }"
                + " g { p = f32[] parameter(0) }");
    assertEquals("p", marked.entry().root().metadata().name());
    assertEquals(2, marked.entry().instructions().size());
  }

  @Test
  void instructionsAndComputationsMayStandWhereTheyAreUsed() {
    HloInstruction sum =
        root(
            """
            x = f32[4] parameter(0)
            ROOT r = f32[] reduce(add(x, f32[4] negate(x)), f32[] constant(0)), dimensions={0},
                to_apply={ a = f32[] parameter(0) b = f32[] parameter(1) ROOT c = add(a, b) }
            """);
    assertEquals("reduce", sum.op().opcode());
    assertEquals("negate", sum.operand(0).operand(1).op().opcode());
    assertEquals(2, ((HloOp.Reduce) sum.op()).reducer().parameters().size());
  }

  @Test
  void whatSaysNothingAboutValuesIsReadAndForgotten() {
    HloInstruction plain = root("p = f32[2] parameter(0)\n n = f32[2] negate(p)");
    HloInstruction decorated =
        root(
            """
            p = f32[2]{0:T(256)S(1)} parameter(0), sharding={devices=[2]<=[2]}, parameter_replication={true}
            n = f32[2]{0} negate(p), control-predecessors={p}, backend_config={"a":{"b":"}"}},
              frontend_attributes={k="v}",l={"x"}}, statistics={visualizing_index=0,s=1.5},
              origin={{"p" {0}}}, result_accuracy={mode=highest}
            """);
    assertEquals(plain.hash(), decorated.hash());
  }

  @Test
  void theModulesHeadIsReadInAnyOrder() {
    HloModule module =
        HloParser.parse(
            """
            HloModule m, num_partitions=2, is_scheduled=true, replica_count=4,
              buffer_donor={ (0, {}) }, frontend_attributes={a="b"},
              input_output_alias={ {1}: (0, {}, must-alias), {0}: (1, {}) },
              allow_spmd_sharding_propagation_to_output={true}
            ENTRY e { a = f32[2] parameter(0) b = s32[] parameter(1) t = tuple(b, a) }
            """);
    assertEquals(4, module.replicas());
    assertEquals(2, module.partitions());
    assertEquals(
        List.of(new InputOutputAlias(1, 0, true), new InputOutputAlias(0, 1)), module.aliases());
  }

  @Test
  void theOnlyOutputIsAliasedWithoutAnIndex() {
    HloModule module =
        HloParser.parse(
            "HloModule m, input_output_alias={ {}: (0, {}, may-alias) }\n"
                + "ENTRY e { ROOT a = f32[2] parameter(0) }");
    assertEquals(List.of(new InputOutputAlias(0, 0)), module.aliases());
    RoundTripTest.roundTrip(module);
  }

  @Test
  void originsAreReadFromTheInstructionOrFromTables() {
    HloModule module =
        HloParser.parse(
            """
            HloModule m

            FileNames
            1 "a.py"
            2 "b.py"

            FunctionNames
            1 "step"

            FileLocations
            1 {file_name_id=2 function_name_id=1 line=7 end_line=7 column=1 end_column=9}

            StackFrames
            1 {file_location_id=1 parent_frame_id=1}

            ENTRY e {
              a = f32[] parameter(0), metadata={op_type="x" op_name="one \\"two\\"\\303\\251" source_file="c.py" source_line=3}
              ROOT b = f32[] negate(a), metadata={op_name="neg" stack_frame_id=1}
            }
            """);
    HloInstruction b = module.entry().root();
    assertEquals("one \"two\"é", b.operand(0).metadata().opName());
    assertEquals("c.py:3", b.operand(0).metadata().source().toString());
    assertEquals("b.py:7", b.metadata().source().toString());
    assertEquals("step", b.metadata().source().methodName());
    RoundTripTest.roundTrip(module);
  }

  // ---- attributes -------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                 | []
          {{0,1},{2,3}}      | [0,1, 2,3]
          [2,2]<=[4]         | [0,1, 2,3]
          [2,2]<=[2,2]T(1,0) | [0,2, 1,3]
          [1,4]<=[2,2]T(1,0) | [0,2,1,3]
          [4,2]<=[2,2,2]T(2,0,1) | [0,2, 4,6, 1,3, 5,7]
          """)
  void replicaGroupsAreListedOrCountedOut(String text, String groups) {
    HloInstruction x =
        root(
            "p = f32[8] parameter(0)\n"
                + "b = f32[8] collective-broadcast(p), replica_groups="
                + text
                + ", channel_id=3");
    CollectiveOp.CollectiveBroadcast op = (CollectiveOp.CollectiveBroadcast) x.op();
    assertEquals(groups, op.groups().groups().toString());
    assertEquals(3, op.groups().channelId());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[2,2]<=[5]",
        "[4]<=[4]",
        "[2,2]<=[2,2]T(0,0)",
        "[0,2]<=[0]",
        "[9999999,9999]<=[9]",
        "{{0"
      })
  void groupsThatDoNotAddUpAreRefused(String text) {
    refusal("p = f32[] parameter(0)\n b = f32[] collective-broadcast(p), replica_groups=" + text);
  }

  @Test
  void labelsAndWindowsSayWhatEachDimensionOfAConvolutionIs() {
    HloInstruction x =
        root(
            """
            i = f32[1,2,5,6] parameter(0)
            k = f32[3,2,4,2] parameter(1)
            c = f32[5,1,7,4] convolution(i, k), dim_labels=bf01_1i0o->0b1f,
              window={size=4x3 pad=1_-1x2_0 rhs_reversal=0x1 lhs_dilate=1x2 stride=1x1 rhs_dilate=1x1}
            """);
    WindowOp.Convolution op = (WindowOp.Convolution) x.op();
    assertEquals(
        new ConvolutionDimensionNumbers(
            0, 1, Dims.of(2, 3), 1, 3, Dims.of(2, 0), 1, 3, Dims.of(0, 2)),
        op.dimensionNumbers());
    assertEquals(new WindowDimension(4, 1, 1, -1, 1, 1, false), op.window().get(0));
    assertEquals(new WindowDimension(3, 1, 2, 0, 2, 1, true), op.window().get(1));
  }

  @Test
  void customCallsKeepConfigurationVersionAndLayouts() {
    HloModule module =
        HloParser.parse(
            """
            HloModule m
            ENTRY e {
              a = f32[2,3] parameter(0)
              b = f32[2,3]{0,1} custom-call(a), custom_call_target="t\\t", api_version=API_VERSION_TYPED_FFI,
                operand_layout_constraints={f32[2,3]{0,1}}, backend_config={k = "}" : i32},
                custom_call_has_side_effect=true
            }
            """);
    ControlOp.CustomCall call = (ControlOp.CustomCall) module.entry().root().op();
    assertEquals("t\t", call.target());
    assertEquals(4, call.apiVersion());
    assertEquals("{k = \"}\" : i32}", call.backendConfig());
    assertEquals(List.of(Dims.of(0, 1), Dims.of(0, 1)), call.layouts());
    RoundTripTest.roundTrip(module);
  }

  @Test
  void aBitcastThatMovesNothingIsAReshape() {
    assertEquals(
        new HloOp.Reshape(Dims.of(6)),
        root("a = f32[2,3]{1,0} parameter(0)\n b = f32[6]{0} bitcast(a)").op());
    unsupported("a = f32[2,3]{0,1} parameter(0)\n b = f32[6]{0} bitcast(a)");
  }

  @Test
  void aConstantTupleIsATupleOfConstants() {
    HloInstruction tuple = root("c = (f32[2], (s32[])) constant(({1, 2}, (3)))");
    assertEquals("tuple", tuple.op().opcode());
    assertEquals("constant", tuple.operand(1).operand(0).op().opcode());
  }

  // ---- numbers ----------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "f32, 0x1.8p3, 41400000",
    "f32, -0, 80000000",
    "f32, .5, 3f000000",
    "f32, 1e-45, 1",
    "f32, nan, 7fc00000",
    "f32, -nan, ffc00000",
    "f32, nan(0x123), 7f800123",
    "f32, -inf, ff800000",
    "f64, nan, 7ff8000000000000",
    "bf16, 1, 3f80",
    "f8e4m3fn, -nan, ff",
    "f8e5m2, inf, 7c",
    "f8e4m3fnuz, -nan, 80",
    "s4, -3, fd",
    "u64, 18446744073709551615, ffffffffffffffff",
    "pred, 7, 1",
    "pred, false, 0"
  })
  void numbersAreReadToTheBit(String type, String text, String bits) {
    assertEquals(Long.parseUnsignedLong(bits, 16), literal(type + "[]", text).bits(0));
  }

  @ParameterizedTest
  @CsvSource({
    "f32, 1e39",
    "f16, 70000",
    "f32, 1f",
    "f32, 0x12",
    "f32, nan(0x0)",
    "f16, nan(0x400)",
    "f8e4m3fn, inf",
    "f8e4m3fn, nan(0x1)",
    "f4e2m1fn, nan",
    "s32, 1.5",
    "s8, 128",
    "u8, -1",
    "s4, 8",
    "u64, 18446744073709551616",
    "pred, yes",
    "f64, 1e999"
  })
  void numbersThatAreNoneOfTheTypeAreRefused(String type, String text) {
    refusal("c = " + type + "[] constant(" + text + ")");
  }

  @Test
  void complexPartsKeepTheirOwnNan() {
    Literal c = literal("c64[2]", "{(nan, -inf), (-0, 1.5)}");
    assertTrue(Double.isNaN(c.realPart(0)));
    assertEquals(Double.NEGATIVE_INFINITY, c.imaginaryPart(0));
    assertEquals(-0.0, c.realPart(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "f32[2] constant({1})",
        "f32[2] constant({1, 2, 3})",
        "f32[2,1] constant({1, 2})",
        "f32[2] constant(1)",
        "f32[] constant({1})",
        "f32[0] constant({1})",
        "f32[2,0] constant({{}})",
        "f32[1000000000] constant({1})",
        "f32[2] constant({1 2})"
      })
  void constantsOfAnotherShapeAreRefused(String text) {
    refusal("c = " + text);
  }

  // ---- refusals ---------------------------------------------------------------------------------

  @Test
  void errorsShowLineColumnAndWhatWasExpected() {
    String message =
        assertThrows(
                HloFormatException.class,
                () -> HloParser.parse("HloModule m\n\nENTRY e {\n  a = f32[] negate(b)\n}\n"))
            .getMessage();
    assertEquals(
        """
        HLO text, line 4, column 20: no instruction above is called b
            a = f32[] negate(b)
                             ^\
        """,
        message);
  }

  @Test
  void whatThisLibraryDoesNotDoIsRefusedByName() {
    assertTrue(unsupported("a = f32[<=5] parameter(0)").contains("dynamic"));
    assertTrue(unsupported("a = f32[?] parameter(0)").contains("dynamic"));
    assertTrue(unsupported("a = f32[4] constant({...})").contains("{...}"));
    assertTrue(unsupported("a = f32[] frobnicate()").contains("frobnicate"));
    assertTrue(
        unsupported("p = f32[] parameter(0)\n a = f32[] all-reduce-start(p)")
            .contains("all-reduce-start"));
    assertTrue(unsupported("a = opaque[] parameter(0)").contains("opaque"));
    assertTrue(unsupported("a = f32[2] parameter(0), sharding={manual}").contains("manual"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a = f32[] parameter(0), iota_dimension=0 | parameter has no attribute iota_dimension
          a = f32[2] iota() | the attribute iota_dimension is missing
          a = f32[2] iota(), iota_dimension=0, iota_dimension=0 | given twice
          a = f32[2] iota(), iota_dimension=0x0 | end of the attribute
          a = f32[2] iota(), iota_dimension=99999999999 | out of range
          a = f32[2]{1} parameter(0) | a layout lists each
          a = f32[2]{0,0} parameter(0) | a layout lists each
          a = f32[-2] parameter(0) | not negative
          a = parameter(0) | needs its shape
          a = f32[] parameter(-1) | start at 0
          a = f32[] parameter(1) | parameter 0
          a = f32[] add(a, a) | no instruction above
          a = f32[2] parameter(0) b = f32[] negate(f32[3] a) | f32[2], not f32[3]
          a = f32[] parameter(0) a = f32[] negate(a) | two instructions a
          ROOT a = f32[] parameter(0) ROOT b = f32[] negate(a) | two roots
          a = f32[] parameter(0) b = f32[] call(a), to_apply=later | what is called comes first
          a = pred[] compare(a, a), direction=XX | no instruction above
          a = f32[2] parameter(0) b = compare(a, a), direction=XX | expected one of [EQ, NE
          a = f32[] parameter(0) b = f32[1] reshape(a | expected ')' after the operands
          """)
  void mistakesAreNamed(String text, String expected) {
    String message = refusal(text);
    assertTrue(message.contains(expected), message);
  }

  @Test
  void signaturesHaveToFit() {
    assertThrows(
        HloFormatException.class,
        () -> HloParser.parse("HloModule m ENTRY e () -> f32[2] { a = f32[] constant(1) }"));
    assertThrows(
        HloFormatException.class,
        () ->
            HloParser.parse(
                "HloModule m, entry_computation_layout={()->f32[2]{0}} ENTRY e { a = f32[] constant(1) }"));
  }

  @Test
  void deepNestingIsRefusedBeforeTheStackEnds() {
    refusal("a = " + "(".repeat(100_000) + "f32[]");
    refusal("p = f32[] parameter(0)\n a = f32[] " + "negate(".repeat(100_000) + "p");
    refusal("a = f32[] map(), to_apply=" + "{ b = f32[] map(), to_apply=".repeat(10_000));
    refusal("a = f32[] map(), sharding=" + "{".repeat(1_000_000));
    unsupported("a = f32[" + "1,".repeat(100) + "1] parameter(0)");
  }
}
