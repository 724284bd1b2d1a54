package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.DeviceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What devices hand to each other, in every way of numbering them. */
class CollectiveEvaluationTest {
  private static final HloComputation SUM = HloBuilder.scalarFunction(BinaryKind.ADD, DType.S32);

  /** Runs a function of one s32 array on devices that hold 1, 10, 100, … times the values. */
  private static List<List<Double>> run(
      int replicas, int partitions, double[] values, Eval.Body body) {
    ArrayShape shape = ArrayShape.of(DType.S32, values.length);
    HloComputation main = Eval.computation("main", List.of(shape), body);
    HloModule module = new HloModule("m", main, List.of(), replicas, partitions);
    List<List<Literal>> arguments = new ArrayList<>();
    for (int device = 0; device < replicas * partitions; device++) {
      double factor = Math.pow(10, device);
      double[] scaled = DoubleStream.of(values).map(v -> v * factor).toArray();
      arguments.add(List.of(Eval.literal(DType.S32, dims(values.length), scaled)));
    }
    List<List<Double>> out = new ArrayList<>();
    for (List<Literal> results : HloEvaluator.evaluateReplicas(module, arguments)) {
      List<Double> all = new ArrayList<>();
      results.forEach(r -> DoubleStream.of(Eval.values(r)).forEach(all::add));
      out.add(all);
    }
    return out;
  }

  private static List<Double> of(double... values) {
    return DoubleStream.of(values).boxed().toList();
  }

  private static ReplicaGroups groups(long channel, boolean global, int[]... groups) {
    return new ReplicaGroups(Arrays.stream(groups).map(Dims::of).toList(), channel, global);
  }

  private static int[] group(int... members) {
    return members;
  }

  // ---- who meets whom ---------------------------------------------------------------------------

  private static List<List<Double>> sums(ReplicaGroups groups) {
    return run(
        2,
        2,
        new double[] {1},
        (f, p) -> f.add(new CollectiveOp.AllReduce(SUM, groups), p.getFirst()));
  }

  // Device (replica, partition): (0, 0) has 1, (0, 1) has 10, (1, 0) has 100, (1, 1) has 1000.
  @Test
  void withoutAChannelReplicasMeetInEachPartition() {
    assertEquals(List.of(of(101), of(1010), of(101), of(1010)), sums(ReplicaGroups.ALL));
    assertEquals(
        List.of(of(1), of(10), of(100), of(1000)), sums(groups(0, false, group(0), group(1))));
  }

  @Test
  void withAChannelReplicasMeetWithAllPartitions() {
    assertEquals(
        List.of(of(1111), of(1111), of(1111), of(1111)), sums(groups(1, false, group(0, 1))));
    assertEquals(
        List.of(of(11), of(11), of(1100), of(1100)), sums(groups(1, false, group(1), group(0))));
  }

  @Test
  void globalIdsNameDevices() {
    assertEquals(
        List.of(of(1001), of(110), of(110), of(1001)),
        sums(groups(1, true, group(0, 3), group(2, 1))));
  }

  @Test
  void exchangesWithAChannelCrossPartitions() {
    CollectiveOp.CollectiveBroadcast cross =
        new CollectiveOp.CollectiveBroadcast(groups(1, false, group(1, 0)));
    assertEquals(
        List.of(of(10), of(10), of(1000), of(1000)),
        run(2, 2, new double[] {1}, (f, p) -> f.add(cross, p.getFirst())));
  }

  @Test
  void devicesKnowTheirNumbers() {
    assertEquals(
        List.of(of(0, 0), of(0, 1), of(1, 0), of(1, 1)),
        run(
            2,
            2,
            new double[] {1},
            (f, _) ->
                f.add(
                    new HloOp.Tuple(),
                    f.add(new CollectiveOp.ReplicaId()),
                    f.add(new CollectiveOp.PartitionId()))));
  }

  // ---- what they hand over ----------------------------------------------------------------------

  @Test
  void severalArraysReduceToATuple() {
    assertEquals(
        List.of(of(11, 11), of(11, 11)),
        run(
            2,
            1,
            new double[] {1},
            (f, p) ->
                f.add(
                    new CollectiveOp.AllReduce(SUM, ReplicaGroups.ALL),
                    p.getFirst(),
                    p.getFirst())));
  }

  @Test
  void gatheringJoinsInTheOrderOfTheGroup() {
    CollectiveOp.AllGather gather = new CollectiveOp.AllGather(0, 2, groups(0, false, group(1, 0)));
    assertEquals(
        List.of(of(10, 20, 1, 2), of(10, 20, 1, 2)),
        run(2, 1, new double[] {1, 2}, (f, p) -> f.add(gather, p.getFirst())));
  }

  @Test
  void reduceScatterLeavesEachMemberItsPart() {
    CollectiveOp.ReduceScatter op =
        new CollectiveOp.ReduceScatter(0, 2, SUM, groups(0, false, group(1, 0)));
    assertEquals(
        List.of(of(33, 44), of(11, 22)),
        run(2, 1, new double[] {1, 2, 3, 4}, (f, p) -> f.add(op, p.getFirst())));
  }

  @Test
  void allToAllTransposesMembersAndParts() {
    assertEquals(
        List.of(of(1, 2, 10, 20), of(3, 4, 30, 40)),
        run(
            2,
            1,
            new double[] {1, 2, 3, 4},
            (f, p) -> f.add(new CollectiveOp.AllToAll(0, ReplicaGroups.ALL), p.getFirst())));
    assertEquals(
        List.of(of(1, 10), of(2, 20)),
        run(
            2,
            1,
            new double[] {1},
            (f, p) ->
                f.add(
                    new CollectiveOp.AllToAll(-1, ReplicaGroups.ALL),
                    p.getFirst(),
                    f.plus(p.getFirst(), p.getFirst()))));
  }

  @Test
  void whoReceivesNothingGetsZeros() {
    CollectiveOp.CollectivePermute ring =
        new CollectiveOp.CollectivePermute(List.of(Dims.of(0, 1), Dims.of(1, 2)), 0);
    assertEquals(
        List.of(of(0), of(1), of(10)),
        run(3, 1, new double[] {1}, (f, p) -> f.add(ring, p.getFirst())));
    CollectiveOp.CollectiveBroadcast some =
        new CollectiveOp.CollectiveBroadcast(groups(0, false, group(2, 0)));
    assertEquals(
        List.of(of(100), of(0), of(100)),
        run(3, 1, new double[] {1}, (f, p) -> f.add(some, p.getFirst())));
  }

  @Test
  void oneDeviceIsAGroupOfOne() {
    assertEquals(
        List.of(of(1, 2)),
        run(
            1,
            1,
            new double[] {1, 2},
            (f, p) -> {
              HloInstruction x =
                  f.add(new CollectiveOp.AllReduce(SUM, ReplicaGroups.ALL), p.getFirst());
              x = f.add(new CollectiveOp.AllGather(0, 1, ReplicaGroups.ALL), x);
              x = f.add(new CollectiveOp.ReduceScatter(0, 1, SUM, ReplicaGroups.ALL), x);
              x = f.add(new CollectiveOp.AllToAll(0, ReplicaGroups.ALL), x);
              x = f.add(new CollectiveOp.CollectiveBroadcast(ReplicaGroups.ALL), x);
              return f.add(new CollectiveOp.CollectivePermute(List.of(Dims.of(0, 0)), 0), x);
            }));
  }

  @Property(tries = 30)
  void ownPartOfWhatWasGatheredIsWhatWasThere(
      @ForAll @IntRange(min = 1, max = 5) int replicas,
      @ForAll @IntRange(min = 1, max = 3) int size) {
    double[] values = new double[size];
    Arrays.setAll(values, i -> i + 1);
    List<List<Double>> out =
        run(
            replicas,
            1,
            values,
            (f, p) -> {
              HloInstruction all =
                  f.add(new CollectiveOp.AllGather(0, replicas, ReplicaGroups.ALL), p.getFirst());
              HloInstruction start =
                  f.times(f.add(new CollectiveOp.ReplicaId()), f.constant(DType.U32, size));
              HloInstruction own = f.add(new HloOp.DynamicSlice(Dims.of(size)), all, start);
              return f.add(new HloOp.Tuple(), f.minus(own, p.getFirst()), all);
            });
    for (List<Double> ofDevice : out) {
      assertEquals(of(new double[size]), ofDevice.subList(0, size));
      assertEquals(
          out.getFirst().subList(size, ofDevice.size()), ofDevice.subList(size, ofDevice.size()));
    }
  }

  @Property(tries = 20)
  void scatteringAReductionAndGatheringItIsTheReduction(
      @ForAll @IntRange(min = 1, max = 4) int replicas) {
    double[] values = new double[replicas * 2];
    Arrays.setAll(values, i -> i + 1);
    List<List<Double>> out =
        run(
            replicas,
            1,
            values,
            (f, p) -> {
              HloInstruction part =
                  f.add(
                      new CollectiveOp.ReduceScatter(0, replicas, SUM, ReplicaGroups.ALL),
                      p.getFirst());
              HloInstruction whole =
                  f.add(new CollectiveOp.AllGather(0, replicas, ReplicaGroups.ALL), part);
              HloInstruction sum =
                  f.add(new CollectiveOp.AllReduce(SUM, ReplicaGroups.ALL), p.getFirst());
              return f.minus(whole, sum);
            });
    out.forEach(ofDevice -> assertEquals(of(new double[replicas * 2]), ofDevice));
  }

  // ---- devices that go different ways -----------------------------------------------------------

  /** Adds up over all replicas as often as the replica's number says, or always twice. */
  private static Eval.Body loop(boolean differs) {
    return (f, p) -> {
      Shape state = Eval.tuple(Eval.scalar(DType.U32), p.getFirst().shape());
      HloComputation condition =
          Eval.computation(
              "condition",
              List.of(state),
              (g, s) ->
                  g.compare(
                      ComparisonDirection.GT,
                      Eval.element(g, s.getFirst(), 0),
                      g.constant(DType.U32, 0)));
      HloComputation body =
          Eval.computation(
              "body",
              List.of(state),
              (g, s) ->
                  g.add(
                      new HloOp.Tuple(),
                      g.minus(Eval.element(g, s.getFirst(), 0), g.constant(DType.U32, 1)),
                      g.add(
                          new CollectiveOp.AllReduce(SUM, ReplicaGroups.ALL),
                          Eval.element(g, s.getFirst(), 1))));
      HloInstruction times =
          differs ? f.add(new CollectiveOp.ReplicaId()) : f.constant(DType.U32, 2);
      return f.add(
          new ControlOp.While(condition, body), f.add(new HloOp.Tuple(), times, p.getFirst()));
    };
  }

  @Test
  void loopsMeetAgainAndAgain() {
    // 1 + 10 = 11 everywhere, then 11 + 11.
    assertEquals(List.of(of(0, 22), of(0, 22)), run(2, 1, new double[] {1}, loop(false)));
  }

  @Test
  void devicesThatWaitForEachOtherInVainAreReported() {
    DeviceException e =
        assertTimeout(
            Duration.ofSeconds(20),
            () ->
                assertThrows(DeviceException.class, () -> run(3, 1, new double[] {1}, loop(true))));
    Eval.says(e, "all-reduce");
    Eval.says(e, "devices [0] are not");
  }

  @Test
  void aFailureOfOneDeviceEndsTheOthers() {
    // Replica 0 calls what nobody knows, the others wait for it.
    Eval.Body body =
        (f, p) -> {
          Shape shape = p.getFirst().shape();
          HloComputation bad =
              Eval.computation(
                  "bad",
                  List.of(shape),
                  (g, q) ->
                      g.add(
                          new ControlOp.CustomCall("nobody", shape, "", 0, false, List.of()),
                          q.getFirst()));
          HloComputation good =
              Eval.computation(
                  "good",
                  List.of(shape),
                  (g, q) ->
                      g.add(new CollectiveOp.AllReduce(SUM, ReplicaGroups.ALL), q.getFirst()));
          return f.add(
              new ControlOp.Conditional(List.of(bad, good)),
              f.convert(f.add(new CollectiveOp.ReplicaId()), DType.S32),
              p.getFirst(),
              p.getFirst());
        };
    UnsupportedException e =
        assertThrows(UnsupportedException.class, () -> run(3, 1, new double[] {1}, body));
    Eval.says(e, "nobody");
  }

  @Test
  void groupsThatDoNotFitTheRunAreRefused() {
    CollectiveOp.AllGather gather = new CollectiveOp.AllGather(0, 4, ReplicaGroups.ALL);
    assertThrows(
        UnsupportedException.class,
        () -> run(2, 1, new double[] {1}, (f, p) -> f.add(gather, p.getFirst())));
    CollectiveOp.AllReduce absent = new CollectiveOp.AllReduce(SUM, groups(0, false, group(0, 5)));
    assertThrows(
        UnsupportedException.class,
        () -> run(2, 1, new double[] {1}, (f, p) -> f.add(absent, p.getFirst())));
    HloComputation main =
        Eval.computation("main", List.of(), (f, _) -> f.add(new CollectiveOp.ReplicaId()));
    HloModule module = new HloModule("m", main, List.of()).withReplicas(2);
    assertThrows(UnsupportedException.class, () -> HloEvaluator.evaluate(module, List.of()));
  }
}
