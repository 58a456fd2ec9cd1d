import {
  type AnyOp,
  applyAll,
  jvp,
  leaves,
  random,
  rebuild,
  type Sample,
  type Tensor,
  TracegradError,
  vjp,
} from "../index.js";
import { distance, pairing, position, worst } from "./compare.js";
import { CheckError } from "./gradcheck.js";

/** The bounds of the check table, by dtype where they differ. */
const bounds = {
  linear: 1e-12,
  differences: 1e-7,
  pairing: { float64: 1e-12, float32: 1e-5 },
  second: 1e-10,
};

type Named = Readonly<Record<string, Tensor | readonly Tensor[]>>;

/** What {@link checkOp} measured: the largest deviation of each check over all samples. */
export interface OpReport {
  readonly samples: number;
  readonly linear: number;
  readonly differences: number;
  readonly pairing: number;
  readonly second: number;
}

/**
 * Checks an op from its samples, in float64: error samples give their message; the differential is
 * linear and agrees with central differences; it pairs with the adjoint, ⟨Ȳ, d(dX)⟩ = ⟨adj(Ȳ), dX⟩;
 * and the adjoint, as a function, passes the same two checks (second order).
 *
 * @throws CheckError that says which check, which entry, and shows both values.
 * @example
 * ops.every(({ op }) => op.name !== "matmul" || checkOp(op).pairing < 1e-12); // true
 */
export function checkOp(op: AnyOp): OpReport {
  const samples: readonly Sample<string, unknown>[] = op.samples();
  const report = { samples: samples.length, linear: 0, differences: 0, pairing: 0, second: 0 };
  if (!samples.some((sample) => sample.error === undefined)) {
    throw new CheckError(`${op.name}: it has no sample that it should accept`);
  }
  samples.forEach((sample, i) => {
    const where = `${op.name}, sample ${i}`;
    if (sample.error !== undefined) {
      checkMessage(where, op, sample);
      return;
    }
    const [f, x] = asFunction(op, sample);
    if (leaves(x).length === 0) {
      applyAll(op, sample.inputs, sample.attrs);
      return;
    }
    const first = checkFunction(where, f, x, bounds.differences, bounds.pairing.float64, i + 1);
    report.linear = Math.max(report.linear, first.linear);
    report.differences = Math.max(report.differences, first.differences);
    report.pairing = Math.max(report.pairing, first.pairing);
    // The adjoint is a function of the inputs and of Ȳ.
    const Ybar = f(x).map((y, k) => noise(y, 91 + i + k));
    const adjoint = ({ x: at, Ybar: bar }: { x: Named; Ybar: Tensor[] }): Tensor[] =>
      leaves(vjp(f, at)[1](bar)[0]);
    const second = checkFunction(
      `${where}, second order`,
      adjoint,
      { x, Ybar },
      10 * bounds.differences,
      bounds.second,
      i + 1,
    );
    report.second = Math.max(report.second, second.pairing);
  });
  return report;
}

/** ⟨Ȳ, d(dX)⟩ = ⟨adj(Ȳ), dX⟩ in float32, on whatever kernels the backend runs it. */
export function checkPairing32(op: AnyOp): number {
  let most = 0;
  const samples: readonly Sample<string, unknown>[] = op.samples();
  samples.forEach((sample, i) => {
    if (sample.error !== undefined) return;
    const [f, x] = asFunction(op, { ...sample, inputs: inFloat32(sample.inputs) });
    if (leaves(x).length === 0 || f(x).some((y) => y.dtype === "float64")) return;
    const off = pairs(f, x, i + 1).off;
    if (!(off <= bounds.pairing.float32)) {
      throw new CheckError(`${op.name}, sample ${i}: the float32 pairing is off by ${off}`);
    }
    most = Math.max(most, off);
  });
  return most;
}

/** A sample's inputs with every float64 tensor rounded to float32. */
export function inFloat32<T>(inputs: T): T {
  const list = leaves(inputs).map((x) => (x.dtype === "float64" ? x.cast("float32") : x));
  return rebuild(inputs, list);
}

/** The op as a function from its differentiable inputs to its float outputs. */
function asFunction(op: AnyOp, sample: Sample<string, unknown>): [(x: Named) => Tensor[], Named] {
  const all = sample.inputs as Named;
  const free = Object.entries(all).filter(([key, value]) => {
    const at = op.inputs.findIndex((name: string) => name.replace("...", "") === key);
    return !op.selects[at] && [value].flat().every((x: Tensor) => x.dtype.startsWith("float"));
  });
  const f = (x: Named): Tensor[] =>
    leaves(applyAll(op, { ...all, ...x }, sample.attrs)).filter((y) => y.dtype.startsWith("float"));
  return [f, Object.fromEntries(free)];
}

function checkMessage(where: string, op: AnyOp, sample: Sample<string, unknown>): void {
  let said = "nothing";
  try {
    leaves(applyAll(op, sample.inputs, sample.attrs)).map((y) => y.data());
  } catch (error) {
    if (!(error instanceof TracegradError)) throw error;
    said = error.message;
  }
  if (said !== sample.error) {
    throw new CheckError(`${where}: it said "${said}"; the sample wants "${sample.error}"`);
  }
}

const noise = (x: Tensor, seed: number): Tensor => random.normal(x.shape, { dtype: x.dtype, seed });

function direction<T>(x: T, seed: number): T {
  return rebuild(
    x,
    leaves(x).map((leaf, k) => noise(leaf, seed + 17 * k)),
  );
}

/** x + h·dx */
function moved<T>(x: T, dx: T, h: number): T {
  const steps = leaves(dx);
  return rebuild(
    x,
    leaves(x).map((leaf, k) => leaf.add((steps[k] as Tensor).mul(h))),
  );
}

function flat(list: readonly Tensor[]): Float64Array {
  return Float64Array.from(list.flatMap((x) => [...x.data()]));
}

function checkFunction<X>(
  where: string,
  f: (x: X) => Tensor[],
  x: X,
  byDifferences: number,
  byPairing: number,
  seed: number,
): { linear: number; differences: number; pairing: number } {
  const u = direction(x, seed);
  const v = direction(x, seed + 1000);
  const d = (dx: X): Float64Array => flat(jvp(f, [x], [dx])[1]);
  const shapes = f(x);

  const [du, dv, both] = [d(u), d(v), d(moved(u, v, -2))];
  const linear = agree(
    where,
    "d(u − 2v)",
    "d(u) − 2d(v)",
    shapes,
    bounds.linear,
    both,
    du.map((p, i) => p - 2 * (dv[i] as number)),
  );

  // Five points: the error is of order h⁴.
  const h = 2e-3;
  const [a, b, c, e] = [h, -h, 2 * h, -2 * h].map((step) => flat(f(moved(x, u, step))));
  const want = du.map(
    (_, i) =>
      (8 * ((a?.[i] as number) - (b?.[i] as number)) - ((c?.[i] as number) - (e?.[i] as number))) /
      (12 * h),
  );
  const differences = agree(
    where,
    "the differential",
    "central differences",
    shapes,
    byDifferences,
    du,
    want,
  );

  const { left, right, off } = pairs(f, x, seed);
  if (!(off <= byPairing)) {
    throw new CheckError(
      `${where}: the rules do not pair: ⟨Ȳ, d(dX)⟩ is ${left} but ⟨adj(Ȳ), dX⟩ is ${right} ` +
        `(off by ${off.toExponential(1)}, allowed ${byPairing})`,
    );
  }
  return { linear, differences, pairing: off };
}

/** The trace trick itself, both sides from the same point, direction and cotangent. */
function pairs<X>(
  f: (x: X) => Tensor[],
  x: X,
  seed: number,
): { left: number; right: number; off: number } {
  const u = direction(x, seed);
  const [y, dY] = jvp(f, [x], [u]);
  const Ybar = y.map((leaf, k) => noise(leaf, seed + 500 + k));
  const [Xbar] = vjp(f, x)[1](Ybar);
  const left = pairing(Ybar, dY);
  const right = pairing(leaves(Xbar), leaves(u));
  const off = Math.abs(left.value - right.value) / Math.max(1, left.scale, right.scale);
  return { left: left.value, right: right.value, off };
}

/** Two sides that must agree; else an error with the entry that is furthest off. */
function agree(
  where: string,
  one: string,
  other: string,
  outputs: readonly Tensor[],
  bound: number,
  got: Float64Array,
  want: Float64Array,
): number {
  const off = distance(got, want);
  if (off <= bound) return off;
  const at = worst(got, want);
  const entry = outputs.length === 1 ? position((outputs[0] as Tensor).shape, at) : String(at);
  throw new CheckError(
    `${where}: at entry ${entry} ${one} gives ${got[at]}, but ${other} ${want[at]} ` +
      `(off by ${off.toExponential(1)}, allowed ${bound})`,
  );
}
