import { requireNames } from "../checks/options.js";
import { bracketed, said } from "../checks/said.js";
import {
  cast,
  DomainError,
  equal,
  getDefaultDtype,
  ShapeError,
  Tensor,
  type TensorLike,
  tensor,
  tidy,
  UsageError,
  where,
} from "../index.js";

/** A change of scale, column by column. */
export interface Scaling {
  /** The columns of other data in the new scale; rows of any number, or a single row. */
  apply(X: TensorLike): Tensor;
  /** Back to the old scale. */
  invert(Z: TensorLike): Tensor;
}

/**
 * Columns of mean 0 and standard deviation 1: `(X − mean) / std`, both of all rows together (divided
 * by n), along the first axis. In a column that is constant the standard deviation counts as 1.
 *
 * Fit it to the data to train with, and apply it to all. Saved as `{ mean, std }`, it is made again from
 * these.
 *
 * @throws ShapeError for a scalar, for no rows, and where other data have other columns.
 * @throws DomainError where a value is NaN or infinite.
 * @example
 * const X = tensor([[1, 5], [3, 5]]);
 * const scaling = standardize(X);
 * scaling.apply(X).toArray(); // [[-1, 0], [1, 0]]
 * scaling.invert([[0, 0]]).toArray(); // [[2, 5]]
 * const saved = { mean: scaling.mean, std: scaling.std };
 * standardize(saved).apply([[3, 6]]).toArray(); // [[1, 1]]
 */
export function standardize(
  X: TensorLike | { readonly mean: Tensor; readonly std: Tensor },
): Scaling & { readonly mean: Tensor; readonly std: Tensor } {
  const known = knownOf("standardize", X, "mean", "std");
  if (known !== null) {
    const [mean, std] = known;
    return { mean, std, ...scaling("standardize", [null, ...mean.shape], mean, std) };
  }
  const x = dataOf("standardize", X as TensorLike);
  const [mean, std] = tidy(() => {
    const [low, high] = extremes(x);
    const isConstant = equal(low, high);
    // Of equal numbers the mean can be off by a rounding, and their deviation not quite 0.
    const mean = where(isConstant, low, x.mean({ axis: 0 }));
    const off = x.sub(mean);
    // The largest deviation is taken out of the squares, which could be too large or small.
    const most = where(isConstant, 1, off.abs().max({ axis: 0 }));
    const std = off.div(most).square().mean({ axis: 0 }).sqrt().mul(most);
    return [mean, where(isConstant, 1, std)];
  });
  return { mean, std, ...scaling("standardize", x.shape, mean, std) };
}

/**
 * Columns from 0 to 1, or to the `range` given: the least number of a column becomes its lower end, the
 * greatest its upper one. A column that is constant becomes the lower end. It is made again from
 * `{ min, max }`, as {@link standardize} from what it was saved as.
 *
 * @throws As `standardize` does; UsageError for a range that is none.
 * @example
 * const scaling = minMax([[1, 5], [3, 5]]);
 * scaling.apply([[2, 5]]).toArray(); // [[0.5, 0]]
 */
export function minMax(
  X: TensorLike | { readonly min: Tensor; readonly max: Tensor },
  options: { readonly range?: readonly [low: number, high: number] | undefined } = {},
): Scaling & { readonly min: Tensor; readonly max: Tensor } {
  requireNames("minMax", options, ["range"]);
  const { range = [0, 1] } = options;
  const [from, to] = Array.isArray(range) && range.length === 2 ? range : [0, 0];
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) {
    throw new UsageError(
      `minMax: range is ${Array.isArray(range) ? `[${range}]` : said(range)}; [low, high] was wanted, low < high`,
    );
  }
  const known = knownOf("minMax", X, "min", "max");
  const x = known === null ? dataOf("minMax", X as TensorLike) : null;
  const [min, max, unit] = tidy(() => {
    const [low, high] = known ?? extremes(x as Tensor);
    const isConstant = equal(low, high);
    return [low, high, where(isConstant, 1, high.sub(low)).div(to - from)];
  });
  return { min, max, ...scaling("minMax", x?.shape ?? [null, ...min.shape], min, unit, from) };
}

/** What is known of data that are not here: two tensors of one shape, under their names. */
function knownOf(what: string, X: unknown, first: string, second: string): [Tensor, Tensor] | null {
  const isData = typeof X !== "object" || X === null || X instanceof Tensor;
  if (isData || Array.isArray(X) || ArrayBuffer.isView(X)) return null;
  const { [first]: a, [second]: b, ...rest } = X as Record<string, unknown>;
  const own = a instanceof Tensor && b instanceof Tensor && String(a.shape) === String(b.shape);
  if (own && a.rank < 2 && Object.keys(rest).length === 0) return [a, b];
  throw new UsageError(
    `${what}: X is ${said(X)}; data, or { ${first}, ${second} } of two tensors of one shape, were wanted`,
  );
}

/** Data with rows of finite numbers, as floats. */
function dataOf(what: string, X: TensorLike): Tensor {
  const x = floats(`${what}: X`, X);
  if (x.rank === 0 || x.shape[0] === 0) {
    const came = x.rank === 0 ? "a scalar" : bracketed(x.shape);
    throw new ShapeError(`${what}: X is ${came}; one row at least was wanted, along axis 0`);
  }
  const values = x.data();
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return x;
  const columns = x.size / (x.shape[0] as number);
  const column = x.rank === 1 ? "" : `, column ${at % columns}`;
  throw new DomainError(
    `${what}: X is ${values[at]} in row ${Math.floor(at / columns)}${column}; finite numbers were ` +
      "wanted, dropMissing and fillMissing of a table see to missing ones",
  );
}

function floats(where: string, X: TensorLike): Tensor {
  const isNested = typeof X === "number" || Array.isArray(X) || ArrayBuffer.isView(X);
  if (!(X instanceof Tensor) && !isNested) {
    throw new UsageError(`${where} is ${said(X)}; a tensor, or rows of numbers, were wanted`);
  }
  const x = X instanceof Tensor ? X : tensor(X);
  return x.dtype === "float32" || x.dtype === "float64" ? x : cast(x, getDefaultDtype());
}

/** The least and the greatest number of each column. */
function extremes(x: Tensor): [low: Tensor, high: Tensor] {
  return [x.min({ axis: 0 }), x.max({ axis: 0 })];
}

/** `(X − origin) / unit + from` and back, for data of a shape, whose number of rows may not be known. */
function scaling(
  what: string,
  fitted: readonly (number | null)[],
  origin: Tensor,
  unit: Tensor,
  from = 0,
): Scaling {
  for (const x of [origin, unit]) {
    // Read, they also live on where this was made inside a transform.
    if (x.data().every(Number.isFinite)) continue;
    throw new DomainError(
      `${what}: the numbers in X are too large for ${origin.dtype}` +
        (origin.dtype === "float32" ? '; { dtype: "float64" } has room for them' : ""),
    );
  }
  const columns = fitted.slice(1);
  const checked = (name: string, X: TensorLike): Tensor => {
    const x = floats(`${what}, ${name}: X`, X);
    const own = x.shape.slice(x.rank === columns.length ? 0 : 1);
    if (x.rank <= columns.length + 1 && String(own) === String(columns)) return x;
    throw new ShapeError(
      `${what}, ${name}: the data are ${bracketed(x.shape)}; rows ` +
        `${columns.length === 0 ? "of one number" : `of ${bracketed(columns)}`} were wanted, ` +
        `as in the ${bracketed(fitted.map((n) => n ?? "n"))} that this was fitted to`,
    );
  };
  return {
    apply: (X) => checked("apply", X).sub(origin).div(unit).add(from),
    invert: (Z) => checked("invert", Z).sub(from).mul(unit).add(origin),
  };
}
