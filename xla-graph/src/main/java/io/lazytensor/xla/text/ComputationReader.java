package io.lazytensor.xla.text;

import io.lazytensor.xla.infer.ShapeInference;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads computations: parameters, instructions in order, and which of them is the root. */
final class ComputationReader {
  private static final int DEEPEST_TEXT = 64;

  /** What is known in the braces of one computation. */
  private static final class Scope {
    final Map<String, HloInstruction> byName = new HashMap<>();
    final List<HloInstruction> instructions = new ArrayList<>();
    // Where a bitcast is no reshape.
    final Set<HloInstruction> otherLayout = Collections.newSetFromMap(new IdentityHashMap<>());
  }

  private final HloLexer lexer;
  private final ShapeReader shapes;
  private final MetadataReader metadata;
  private final Map<String, HloComputation> byName = new HashMap<>();
  private int depth;

  ComputationReader(HloLexer lexer, ShapeReader shapes, MetadataReader metadata) {
    this.lexer = lexer;
    this.shapes = shapes;
    this.metadata = metadata;
  }

  /** Reads a computation with its name, and its signature if it has one. */
  HloComputation read() {
    int from = lexer.position();
    String name = lexer.name("a computation");
    Shape result = null;
    int resultAt = from;
    if (lexer.peek() == '(') {
      parameterList();
      lexer.expect("->", "before the result's shape");
      resultAt = lexer.position();
      result = shapes.read();
    }
    HloComputation computation = body(name);
    if (result != null && !result.equals(computation.root().shape())) {
      throw lexer.error(
          resultAt,
          "computation %s returns %s by its signature, and %s by its root"
              .formatted(name, result, computation.root().shape()));
    }
    if (lexer.eat(',')) {
      lexer.expect("execution_thread", "as the only attribute of a computation");
      lexer.expect('=', "after execution_thread");
      lexer.quoted("the name of a thread");
    }
    if (byName.put(name, computation) != null) {
      throw lexer.error(from, "there are two computations " + name);
    }
    return computation;
  }

  // The instructions say the same, and are what counts.
  private void parameterList() {
    lexer.expect('(', "before the parameters");
    if (!lexer.eat(')')) {
      do {
        lexer.name("a parameter");
        lexer.eat(':');
        shapes.read();
      } while (lexer.eat(','));
      lexer.expect(')', "after the parameters");
    }
  }

  private HloComputation body(String name) {
    enter();
    int from = lexer.position();
    lexer.expect('{', "before the instructions of " + name);
    Scope scope = new Scope();
    HloInstruction root = null;
    do {
      int at = lexer.position();
      boolean isRoot = lexer.peekName().equals("ROOT");
      if (isRoot) {
        lexer.name("ROOT");
      }
      HloInstruction instruction = instruction(scope);
      if (isRoot && root != null) {
        throw lexer.error(at, "computation " + name + " has two roots");
      }
      root = isRoot ? instruction : root;
    } while (!lexer.eat('}'));
    depth--;
    if (root == null) {
      root = scope.instructions.get(scope.instructions.size() - 1);
    }
    try {
      return HloComputation.ofInstructions(name, scope.instructions, root);
    } catch (ShapeException e) {
      throw lexer.error(from, String.valueOf(e.getMessage()));
    }
  }

  private void enter() {
    if (++depth > DEEPEST_TEXT) {
      throw lexer.error(lexer.position(), "braces nest deeper than " + DEEPEST_TEXT);
    }
  }

  private HloInstruction instruction(Scope scope) {
    int from = lexer.position();
    String name = lexer.name("an instruction");
    lexer.expect('=', "after the instruction's name " + name);
    HloInstruction instruction = rightSide(scope, name, true);
    if (scope.byName.put(name, instruction) != null) {
      throw lexer.error(from, "there are two instructions " + name);
    }
    return instruction;
  }

  /**
   * Reads shape, opcode, operands and attributes.
   *
   * @param name the instruction's, or empty if it stands where an operand is used
   */
  private HloInstruction rightSide(Scope scope, String name, boolean withAttributes) {
    ShapeReader.Laid laid = shapes.isNext() ? shapes.readLaid() : null;
    Shape declared = laid == null ? null : laid.shape();
    int from = lexer.position();
    String word = lexer.name("an opcode");
    boolean bitcast = word.equals("bitcast");
    HloOpcode code =
        HloOpcode.ofHloName(bitcast ? "reshape" : word)
            .orElseThrow(() -> lexer.unsupported(from, "this library has no operation " + word));
    HloOp leaf = null;
    List<HloInstruction> operands = List.of();
    switch (code) {
      case PARAMETER -> leaf = parameter(from, declared);
      case CONSTANT -> {
        lexer.expect('(', "before the constant's value");
        if (declared instanceof TupleShape(List<Shape> elements)) {
          leaf = new HloOp.Tuple();
          operands = constants(scope, from, elements);
        } else {
          leaf = constant(from, declared);
        }
        lexer.expect(')', "after the constant's value");
      }
      default -> operands = operands(scope);
    }
    if (bitcast) {
      requireReshape(scope, from, laid, operands);
    }
    Attributes attributes =
        new Attributes(
            lexer, new AttributeReader(lexer, shapes, this::computation), withAttributes);
    HloOp op =
        leaf == null ? new OpReader(lexer, code, from, laid, operands, attributes).read() : leaf;
    Metadata origin =
        attributes.has("metadata")
            ? metadata.read(attributes.position("metadata"), name)
            : new Metadata("", Metadata.NONE.source(), name);
    attributes.finish(word);
    Shape shape = declared == null ? inferred(from, op, operands) : declared;
    HloInstruction instruction = new HloInstruction(op, shape, operands, origin, null);
    scope.instructions.add(instruction);
    if (laid != null && !laid.isRowMajor()) {
      scope.otherLayout.add(instruction);
    }
    return instruction;
  }

  /** A bitcast is a reshape where types and row-major layouts do not change. */
  private void requireReshape(
      Scope scope, int from, ShapeReader.@Nullable Laid laid, List<HloInstruction> operands) {
    if (laid == null
        || !laid.isRowMajor()
        || operands.size() != 1
        || scope.otherLayout.contains(operands.get(0))
        || !(laid.shape() instanceof ArrayShape to)
        || !(operands.get(0).shape() instanceof ArrayShape of)
        || to.dtype() != of.dtype()) {
      throw lexer.unsupported(
          from, "bitcasts of other layouts or types are not supported; pass HLO from before them");
    }
  }

  private Shape inferred(int from, HloOp op, List<HloInstruction> operands) {
    try {
      return ShapeInference.infer(op, operands.stream().map(HloInstruction::shape).toList());
    } catch (ShapeException e) {
      throw lexer.error(from, String.valueOf(e.getMessage()));
    }
  }

  private HloOp parameter(int from, @Nullable Shape declared) {
    if (declared == null) {
      throw lexer.error(from, "a parameter needs its shape before the opcode");
    }
    lexer.expect('(', "before the parameter's number");
    int at = lexer.position();
    int number = lexer.int32("a parameter number");
    lexer.expect(')', "after the parameter's number");
    if (number < 0) {
      throw lexer.error(at, "parameter numbers start at 0, got " + number);
    }
    return new HloOp.Parameter(number, declared);
  }

  private HloOp constant(int from, @Nullable Shape declared) {
    if (declared instanceof ArrayShape array) {
      return new HloOp.Constant(LiteralReader.read(lexer, array));
    }
    throw lexer.error(from, "a constant needs the shape of an array or tuple before the opcode");
  }

  /** Reads the value of a tuple as a constant for each array in it. */
  private List<HloInstruction> constants(Scope scope, int from, List<Shape> shapes) {
    lexer.expect('(', "before the elements of a tuple");
    List<HloInstruction> out = new ArrayList<>();
    for (Shape shape : shapes) {
      if (!out.isEmpty()) {
        lexer.expect(',', "between the elements of a tuple");
      }
      HloInstruction element =
          shape instanceof TupleShape(List<Shape> inner)
              ? new HloInstruction(
                  new HloOp.Tuple(), shape, constants(scope, from, inner), Metadata.NONE, null)
              : new HloInstruction(constant(from, shape), shape, List.of(), Metadata.NONE, null);
      scope.instructions.add(element);
      out.add(element);
    }
    lexer.expect(')', "after the elements of a tuple");
    return out;
  }

  // ---- operands and called computations ---------------------------------------------------------

  private List<HloInstruction> operands(Scope scope) {
    lexer.expect('(', "before the operands");
    List<HloInstruction> operands = new ArrayList<>();
    if (!lexer.eat(')')) {
      do {
        operands.add(operand(scope));
      } while (lexer.eat(','));
      lexer.expect(')', "after the operands");
    }
    return operands;
  }

  /** Reads an operand: a name with its shape or without, or an instruction in place. */
  private HloInstruction operand(Scope scope) {
    int from = lexer.position();
    Shape declared = shapes.isNext() ? shapes.read() : null;
    int at = lexer.position();
    String name = lexer.name("an operand");
    if (lexer.peek() == '(') {
      lexer.moveTo(from);
      enter();
      HloInstruction inner = rightSide(scope, "", false);
      depth--;
      return inner;
    }
    HloInstruction operand = scope.byName.get(name);
    if (operand == null) {
      throw lexer.error(at, "no instruction above is called " + name);
    }
    if (declared != null && !declared.equals(operand.shape())) {
      throw lexer.error(
          from, "the operand %s is %s, not %s".formatted(name, operand.shape(), declared));
    }
    return operand;
  }

  private HloComputation computation() {
    int from = lexer.position();
    if (lexer.peek() == '{') {
      return body("_");
    }
    String name = lexer.name("a computation");
    HloComputation computation = byName.get(name);
    if (computation == null) {
      throw lexer.error(
          from, "no computation above is called " + name + "; what is called comes first");
    }
    return computation;
  }
}
