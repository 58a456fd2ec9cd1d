import { requireNames } from "../checks/options.js";
import {
  DtypeError,
  leaves,
  mapTree,
  rebuild,
  type Tensor,
  TracegradError,
  tensor,
  UsageError,
  valueAndGrad,
} from "../index.js";
import { position } from "./compare.js";

/** Raised by {@link gradcheck} and `checkOp`: the message says what is off, with both values. */
export class CheckError extends TracegradError {
  override name = "CheckError";
}

/**
 * Compares the gradient of a scalar function with central differences, entry by entry, for all
 * arguments (tensors or trees of tensors). Gives the largest deviation found.
 *
 * float32 differences are mostly rounding, so float32 arguments are refused unless `float32: true`,
 * which also widens the step and the tolerance.
 *
 * @throws CheckError that names the argument and entry, and shows both values.
 * @throws DtypeError for float32 arguments.
 * @example
 * const x = tensor(new Float64Array([1, 2]));
 * gradcheck((x: Tensor) => x.exp().sum(), [x]).error < 1e-7; // true
 */
export function gradcheck<P extends unknown[]>(
  f: (...args: P) => Tensor,
  args: P,
  options: {
    readonly step?: number | undefined;
    readonly tol?: number | undefined;
    readonly float32?: boolean | undefined;
  } = {},
): { readonly error: number; readonly entries: number } {
  requireNames("gradcheck", options, ["step", "tol", "float32"]);
  const { float32 = false } = options;
  const { step = float32 ? 1e-2 : 1e-4, tol = float32 ? 1e-2 : 1e-7 } = options;
  const inputs = leaves(args, "gradcheck");
  if (!float32 && inputs.some((x) => x.dtype === "float32")) {
    throw new DtypeError(
      "gradcheck: an argument is float32, in which differences are mostly rounding; " +
        'use .cast("float64"), or pass { float32: true } for a rough check',
    );
  }
  if (!(step > 0)) throw new UsageError(`gradcheck: step is ${step}; it must be positive`);
  const every = args.map((_, i) => i);
  const [value, gradients] = valueAndGrad(f, { wrt: every as readonly number[] })(...args);
  const again = f(...args).item();
  if (!Object.is(value.item(), again)) {
    throw new CheckError(
      `gradcheck: f gives ${value.item()}, and at the same point ${again}; differences need a function ` +
        "that gives the same each time (seed what it draws)",
    );
  }
  const found = leaves(gradients, "gradcheck");
  const paths = pathsOf(args);
  let error = 0;
  let entries = 0;
  inputs.forEach((x, k) => {
    const data = x.data();
    const g = (found[k] as Tensor).data();
    const at = (i: number, h: number): number => {
      const moved = data.slice();
      moved[i] = (data[i] as number) + h;
      const list = [...inputs];
      list[k] = tensor(moved, { shape: x.shape, dtype: x.dtype });
      return f(...rebuild(args, list, "gradcheck")).item();
    };
    for (let i = 0; i < data.length; i++, entries++) {
      const h = step * Math.max(1, Math.abs(data[i] as number));
      // Five points: the error is of order h⁴.
      const near = 8 * (at(i, h) - at(i, -h));
      const want = (near - (at(i, 2 * h) - at(i, -2 * h))) / (12 * h);
      const off = Math.abs((g[i] as number) - want) / Math.max(1, Math.abs(want));
      if (!(off <= tol)) {
        throw new CheckError(
          `gradcheck: ${paths[k]}, entry ${position(x.shape, i)}: the gradient is ${g[i]}, ` +
            `central differences give ${want} (off by ${off.toExponential(1)}, allowed ${tol})`,
        );
      }
      error = Math.max(error, off);
    }
  });
  return { error, entries };
}

/** Where each tensor of the arguments stands, in the order of `leaves`: `argument 0, layers[1].w`. */
function pathsOf(args: readonly unknown[]): string[] {
  const paths: string[] = [];
  args.forEach((arg, i) => {
    mapTree(arg, (leaf, path) => {
      paths.push(`argument ${i}${path === "" ? "" : `, ${path}`}`);
      return leaf;
    });
  });
  return paths;
}
