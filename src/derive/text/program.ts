import { getDefaultDtype, isFloat, promote } from "../../tensor/dtype.js";
import { ShapeError, UsageError } from "../../tensor/errors.js";
import { requireOptions } from "../../tensor/options.js";
import { checkShape, format, type Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Binding, valuesOf } from "./bind.js";
import type { Dim, Size } from "./dims.js";
import { infer, kinds as known } from "./kinds.js";
import { type Expression, namesOf, parseTree } from "./parse.js";
import { Run } from "./run.js";
import type { Declared, Kind } from "./sizes.js";

/** A variable of a program: what it is, and how large. */
export interface Variable {
  readonly name: string;
  readonly kind: Kind;
  readonly rows: Dim;
  readonly columns: Dim;
}

/** An expression that was typed, with the sizes of its variables. */
export interface Program {
  readonly text: string;
  readonly tree: Expression;
  /** In the order of their first appearance. */
  readonly variables: readonly Variable[];
  /** The size of the whole. */
  readonly rows: Dim;
  readonly columns: Dim;
  /**
   * The value for values of the variables, by public ops: `[]`, `[n]` or `[m, n]`.
   *
   * @throws ShapeError when the values do not have the sizes that the text gives them.
   */
  run(values: ReadonlyMap<string, Tensor>): Tensor;
}

export interface ProgramOptions {
  /** What variables are, where the names do not say it. */
  readonly kinds?: Readonly<Record<string, Kind>> | undefined;
  /** Shapes of variables: `[]`, `[n]` or `[m, n]`. */
  readonly shapes?: Readonly<Record<string, Shape>> | undefined;
  /** The shape of the whole, where open sizes follow from it, as that of `eye` alone. */
  readonly shape?: Shape | undefined;
  /** A number for a size that follows from no variable. */
  readonly sizeOf?: ((name: string) => number | undefined) | undefined;
}

/**
 * Reads a formula in the grammar of matrixcalculus.org: its variables with their kinds and sizes,
 * and a function that runs it.
 *
 * Variables are what they are declared as, or what their names say: capitals are matrices, lower
 * case are vectors, but `a` to `g` and Greek names are scalars; where the formula does not fit so,
 * as in `a'*X*b`, scalars become vectors. Sizes are named `m`, `n`, `k`, …
 *
 * @throws ParseError when the text is no formula; the message shows the column.
 * @throws SizeError when the sizes of an operator's operands do not fit, with both and the column.
 * @throws UsageError when the options speak of what is no variable, or of unknown kinds.
 * @example
 * const { variables, run } = parse("X'*(X*w - y)");
 * variables.map(({ rows, columns }) => [rows, columns]); // [["m", "n"], ["n", 1], ["m", 1]]
 * const X = tensor([[1, 2], [3, 4]]);
 * run(new Map([["X", X], ["w", ones([2])], ["y", ones([2])]])).toArray(); // [20, 28]
 */
export function parse(text: string, options: ProgramOptions = {}): Program {
  const tree = parseTree(text);
  requireOptions("parse", options, ["kinds", "shapes", "shape", "sizeOf"]);
  const fit = infer(text, tree, declaredBy(tree, options), options.shape);
  const { variables, sizes } = fit;
  const names = sizes.names();
  const shown = ({ rows, columns }: Size) => ({
    rows: names.show(rows),
    columns: names.show(columns),
  });
  return {
    text,
    tree,
    variables: [...variables].map(([name, { kind }]) => ({
      name,
      kind,
      ...shown(sizes.ofVariable(name)),
    })),
    ...shown(sizes.of()),
    run(values) {
      const own = valuesOf(fit, values);
      const binding = new Binding(text, fit, names, own, options.sizeOf);
      const dtypes = [...own.values()].map((X) => X.dtype);
      const dtype = dtypes.length === 0 ? "float64" : dtypes.reduce(promote);
      const constants = isFloat(dtype) ? dtype : getDefaultDtype();
      return new Run(sizes, own, constants, (dim, of) => binding.numberOf(dim, of)).whole();
    },
  };
}

/** What the options say of the variables; an error where they say something of another name. */
function declaredBy(
  tree: Expression,
  { kinds = {}, shapes = {} }: ProgramOptions,
): ReadonlyMap<string, Declared> {
  const names = namesOf(tree);
  const declared = new Map<string, Declared>();
  for (const [option, given] of Object.entries({ kinds, shapes })) {
    const stray = Object.keys(given).find((name) => !names.includes(name));
    if (stray === undefined) continue;
    const own = names.length === 0 ? "there are none" : `these are ${names.join(", ")}`;
    throw new UsageError(`parse: ${option} has ${stray}, which is no variable here; ${own}`);
  }
  for (const [name, kind] of Object.entries(kinds)) {
    if (!known.includes(kind)) {
      const list = known.map((one) => `"${one}"`).join(", ");
      throw new UsageError(`parse: the kind of ${name} is ${String(kind)}; known are ${list}`);
    }
    declared.set(name, { kind });
  }
  for (const [name, given] of Object.entries(shapes)) {
    const shape = checkShape("parse", given);
    if (shape.length > 2) {
      throw new ShapeError(
        `parse: ${name} is ${format(shape)}; scalars [], vectors [n] and matrices [m, n] are known`,
      );
    }
    const kind = (["scalar", "vector", "matrix"] as const)[shape.length] as Kind;
    const said = declared.get(name)?.kind ?? kind;
    const square = said === "symmetric matrix" && shape[0] === shape[1];
    if (said !== kind && !square) {
      throw new ShapeError(`parse: ${name} is ${format(shape)}, but declared a ${said}`);
    }
    declared.set(name, { kind: said, shape });
  }
  return declared;
}
