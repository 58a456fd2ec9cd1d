import { ShapeError, UsageError } from "../../tensor/errors.js";
import { format } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type Names, productOf, root, type Unknown } from "./dims.js";
import type { Fit } from "./kinds.js";
import type { Expression } from "./parse.js";
import { atPlace } from "./place.js";
import { type Kind, twoDimensional } from "./sizes.js";

const axes: Readonly<Record<Kind, readonly string[]>> = {
  scalar: [],
  vector: ["n"],
  matrix: ["m", "n"],
  "symmetric matrix": ["n", "n"],
};

/**
 * The variables of a formula among the values that came.
 *
 * @throws UsageError where one is missing.
 * @throws ShapeError where one has too few or too many axes for its kind.
 */
export function valuesOf(
  { variables }: Fit,
  values: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  const own = new Map<string, Tensor>();
  for (const [name, { kind }] of variables) {
    const X = values.get(name);
    if (X === undefined) {
      const came = values.size === 0 ? "none" : [...values.keys()].join(", ");
      throw new UsageError(`run: there is no value for ${name}; the values that came: ${came}`);
    }
    if (X.rank !== axes[kind].length) {
      const wanted = `a ${kind} [${axes[kind].join(", ")}] was wanted`;
      throw new ShapeError(`run: ${name} is ${format(X.shape)}; ${wanted}`);
    }
    own.set(name, X);
  }
  return own;
}

/** The numbers of rows and columns that the shapes of values give. */
export class Binding {
  private readonly bound = new Map<Unknown, number>();
  private readonly by = new Map<Unknown, string>();

  /** @throws ShapeError where the values differ in a size that they should have in common. */
  constructor(
    private readonly text: string,
    private readonly fit: Fit,
    private readonly names: Names,
    values: ReadonlyMap<string, Tensor>,
    private readonly sizeOf: (name: string) => number | undefined = () => undefined,
  ) {
    for (const [name, X] of values) {
      const { rows, columns } = fit.sizes.ofVariable(name);
      const [m, n] = twoDimensional(X.shape);
      this.bind(rows, m, name, X);
      this.bind(columns, n, name, X);
    }
    this.divide();
    for (const { of, a, b } of fit.sizes.products) {
      const [p, x, y] = [of, a, b].map((dim) => this.find(dim));
      if (p === null || x === null || y === null || p === (x as number) * (y as number)) continue;
      throw new ShapeError(`run: ${names.show(of)} is ${x} times ${y}, but a value has ${p}`);
    }
  }

  /** The number of a size, that `of` has; an error where none follows from the values. */
  numberOf(dim: Unknown, of: Expression): number {
    const found = this.find(dim);
    if (found !== null) return found;
    const name = this.names.show(dim);
    const part = this.text.slice(of.at, of.end);
    const what = `the size ${name} of ${part} follows from no variable`;
    throw new ShapeError(atPlace(this.text, of.at, what));
  }

  private bind(dim: Unknown, value: number, name: string, X: Tensor): void {
    const top = root(dim);
    const before = top.value ?? this.bound.get(top);
    if (before === undefined) {
      this.bound.set(top, value);
      this.by.set(top, name);
    } else if (before !== value) {
      const { rows, columns } = this.fit.sizes.ofVariable(name);
      const [m, n] = [rows, columns].map((size) => this.names.show(size));
      const source = this.by.get(top);
      const why =
        source === undefined ? "" : `, and ${this.names.show(top)} is ${before} by ${source}`;
      throw new ShapeError(
        `run: ${name} is ${format(X.shape)}, but in the formula ${m}×${n}${why}`,
      );
    }
  }

  private find(dim: Unknown): number | null {
    const top = root(dim);
    const known = top.value ?? this.bound.get(top);
    if (known !== undefined && known !== null) return known;
    const product = productOf(top, this.fit.sizes.products);
    if (product === undefined) return this.sizeOf(String(this.names.show(top))) ?? null;
    const [x, y] = [this.find(product.a), this.find(product.b)];
    return x === null || y === null ? null : x * y;
  }

  /** Factors of which the product and the other factor are known. */
  private divide(): void {
    for (let going = true; going; ) {
      going = false;
      for (const { of, a, b } of this.fit.sizes.products) {
        const p = this.find(of);
        const [x, y] = [this.find(a), this.find(b)];
        if (p === null || (x === null) === (y === null)) continue;
        const other = (x ?? y) as number;
        if (p % other !== 0) {
          throw new ShapeError(`run: ${this.names.show(of)} is ${p}, no multiple of ${other}`);
        }
        this.bound.set(root(x === null ? a : b), p / other);
        going = true;
      }
    }
  }
}
