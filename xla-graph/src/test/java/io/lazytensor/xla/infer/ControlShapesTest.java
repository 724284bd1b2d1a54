package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.Rules.bf16;
import static io.lazytensor.xla.infer.Rules.computation;
import static io.lazytensor.xla.infer.Rules.f32;
import static io.lazytensor.xla.infer.Rules.gives;
import static io.lazytensor.xla.infer.Rules.no;
import static io.lazytensor.xla.infer.Rules.pred;
import static io.lazytensor.xla.infer.Rules.s32;
import static io.lazytensor.xla.infer.Rules.tuple;
import static io.lazytensor.xla.infer.Rules.u32;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.ControlOp.Tristate;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ControlShapesTest {
  private static final Shape STATE = tuple(s32(), f32(2));
  private static final TokenShape TOKEN = TokenShape.TOKEN;

  private static ControlOp loop(HloComputation condition, HloComputation body) {
    return new ControlOp.While(condition, body);
  }

  private static ControlOp branches(HloComputation... branches) {
    return new ControlOp.Conditional(List.of(branches));
  }

  private static ControlOp scan(int dimension, int carries, HloComputation computation) {
    return new ControlOp.Scan(dimension, false, carries, Tristate.UNKNOWN, computation);
  }

  static List<Rules.Refusal> loops() {
    HloComputation goesOn = computation(pred(), STATE);
    HloComputation next = computation(STATE, STATE);
    return List.of(
        no("takes 1 operands, got 2", loop(goesOn, next), STATE, STATE),
        no("f takes [] instead", loop(computation(pred()), next), STATE),
        no("instead of it", loop(goesOn, computation(STATE, STATE, STATE)), STATE),
        no("instead of it", loop(computation(pred(), s32()), next), STATE),
        no("gives s32[] instead of pred[]", loop(computation(s32(), STATE), next), STATE),
        no("gives pred[1] instead of pred[]", loop(computation(pred(1), STATE), next), STATE),
        no("instead of (s32[], f32[2])", loop(goesOn, computation(s32(), STATE)), STATE),
        no("instead of it", loop(goesOn, next), tuple(s32(), f32(3))),
        no("instead of it", loop(goesOn, next), tuple(s32(), bf16(2))));
  }

  static List<Rules.Refusal> conditionals() {
    HloComputation f = computation(f32(), STATE);
    HloComputation g = computation(f32(), s32());
    return List.of(
        no("at least one branch", branches(), s32()),
        no("takes 3 operands, got 2", branches(f, g), pred(), STATE),
        no("by pred[] or s32[]", branches(f, g), u32(), STATE, s32()),
        no("by pred[] or s32[]", branches(f, g), s32(1), STATE, s32()),
        no("takes two branches", branches(f), pred(), STATE),
        no("takes two branches", branches(f, g, g), pred(), STATE, s32(), s32()),
        no("instead of it", branches(f, g), pred(), STATE, STATE),
        no("instead of it", branches(f, computation(f32(), s32(), s32())), pred(), STATE, s32()),
        no("gives bf16[] instead", branches(f, computation(bf16(), s32())), s32(), STATE, s32()),
        no("takes arrays", branches(f, g), TOKEN, STATE, s32()));
  }

  static List<Rules.Refusal> elements() {
    HloComputation product = computation(f32(), f32(), f32());
    return List.of(
        no("at least one array", new ControlOp.Map(product)),
        no("arrays of one size", new ControlOp.Map(product), f32(2), f32(3)),
        no("does not map scalars", new ControlOp.Map(product), f32(2)),
        no("does not map scalars", new ControlOp.Map(product), f32(2), s32(2)),
        no("of one type", new ControlOp.Map(product), f32(2), bf16(2)),
        no("does not map scalars", new ControlOp.Map(computation(f32(1), f32())), f32(2)),
        no("does not map scalars", new ControlOp.Map(computation(tuple(f32()), f32())), f32(2)),
        no("does not map scalars", new ControlOp.Map(computation(f32(), f32(2))), f32(2)));
  }

  static List<Rules.Refusal> scans() {
    HloComputation step = computation(tuple(f32(2), s32()), f32(2), s32());
    return List.of(
        no("-1 carries", scan(0, -1, step), f32(3, 2), s32()),
        no("3 carries, got 2 operands", scan(0, 3, step), f32(3, 2), s32()),
        no("along dimension 2", scan(2, 1, step), f32(3, 2), s32()),
        no("along dimension -1", scan(-1, 1, step), f32(3, 2), s32()),
        no("does not take [f32[3], s32[]]", scan(1, 1, step), f32(3, 2), s32()),
        no("does not take", scan(0, 1, step), f32(3, 2), bf16()),
        no("one size there", scan(0, 0, computation(f32(), f32(), f32())), f32(3), f32(4)),
        no(
            "carry 0 is s32[]",
            scan(0, 1, computation(tuple(f32(2), f32()), f32(2), s32())),
            f32(3, 2),
            s32()),
        no(
            "less than its 1 carries",
            scan(0, 1, computation(tuple(), f32(2), s32())),
            f32(3, 2),
            s32()),
        no("cannot be joined", scan(1, 0, computation(tuple(f32()), f32(3))), f32(3, 2)));
  }

  private static ControlOp seed(Shape result) {
    return new ControlOp.CustomCall("GetRngSeed", result, "", 0, false, List.of());
  }

  static List<Rules.Refusal> others() {
    HloComputation f = computation(f32(3), f32(2));
    return List.of(
        no("no kind \"kFast\"", new ControlOp.Fusion("kFast", f), f32(2)),
        no("fusion of f: argument 0 is f32[3]", new ControlOp.Fusion("kLoop", f), f32(3)),
        no("takes 1 operands, got 0", new ControlOp.Fusion("kLoop", f)),
        no("takes 1 operands", new HloOp.Call(f)),
        no("call of f: argument 0", new HloOp.Call(f), bf16(2)),
        no("takes 1 operands", new ControlOp.OptimizationBarrier(), f32(), f32()),
        no("operand 1 is no token", new ControlOp.AddDependency(), f32(), f32()),
        no("names no target", new ControlOp.CustomCall("", f32(), "", 0, false, List.of())),
        no("gives u64[]", seed(Rules.u64()), f32()),
        no("gives u64[]", seed(u32())),
        no("has no dimension 2", new HloOp.GetDimensionSize(2), f32(3, 4)),
        no("has no dimension -1", new HloOp.GetDimensionSize(-1), f32(3, 4)),
        no("takes arrays", new HloOp.GetDimensionSize(0), TOKEN));
  }

  @ParameterizedTest
  @MethodSource({"loops", "conditionals", "elements", "scans", "others"})
  void refuses(Rules.Refusal refusal) {
    refusal.check();
  }

  @Test
  void loopsGiveTheirState() {
    gives(STATE, loop(computation(pred(), STATE), computation(STATE, STATE)), STATE);
  }

  @Test
  void conditionalsGiveWhatTheirBranchesGive() {
    HloComputation f = computation(STATE, f32());
    HloComputation g = computation(STATE, TOKEN);
    gives(STATE, branches(f, g), pred(), f32(), TOKEN);
    gives(STATE, branches(f, g, f), s32(), f32(), TOKEN, f32());
    gives(STATE, branches(f), s32(), f32());
  }

  @Test
  void mapsMayChangeTheType() {
    gives(s32(2, 3), new ControlOp.Map(computation(s32(), f32(), pred())), f32(2, 3), pred(2, 3));
  }

  @Test
  void scansJoinResultsAndHandOnCarries() {
    HloComputation step = computation(tuple(f32(2), bf16(), s32()), f32(2), s32());
    gives(tuple(f32(5, 2), bf16(5), s32()), scan(0, 1, step), f32(5, 2), s32());
    HloComputation lane = computation(tuple(f32(2), s32()), f32(2), s32());
    gives(tuple(f32(2, 5), s32()), scan(1, 1, lane), f32(2, 5), s32());
  }

  @Test
  void aScanOfOneValueGivesNoTuple() {
    gives(f32(5), scan(0, 0, computation(f32(), f32(2))), f32(5, 2));
    gives(s32(), scan(0, 1, computation(s32(), f32(), s32())), f32(5), s32());
  }

  @Test
  void aScanWithoutArraysIsAnHonestRefusal() {
    ControlOp op = scan(0, 1, computation(tuple(f32(), s32()), s32()));
    assertThrows(
        UnsupportedException.class, () -> ShapeInference.infer(op, List.of((Shape) s32())));
  }

  @Test
  void tokensOrderAndBarriersPassOn() {
    gives(TOKEN, new ControlOp.AfterAll());
    gives(TOKEN, new ControlOp.AfterAll(), TOKEN, f32());
    gives(STATE, new ControlOp.AddDependency(), STATE, TOKEN);
    gives(STATE, new ControlOp.OptimizationBarrier(), STATE);
    gives(f32(3), new ControlOp.Fusion("kLoop", computation(f32(3), f32(2))), f32(2), s32());
    gives(s32(), new HloOp.GetDimensionSize(1), f32(3, 4));
    gives(STATE, new ControlOp.CustomCall("f", STATE, "", 4, true, List.of()), f32(3));
  }
}
