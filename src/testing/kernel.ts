import type { AnyOp, Shape, Tensor } from "../index.js";
import type { AnySample, Case } from "./case.js";
import { entry, shown } from "./compare.js";
import { CheckError } from "./gradcheck.js";
import { located } from "./guard.js";

type NDArray = Parameters<NonNullable<AnyOp["kernel"]>>[0][number];
type Data = NDArray["data"];

/** The shape rule gives one shape for each output. */
export function checkShapes(where: string, op: AnyOp, { inputs, attrs }: AnySample): void {
  const shapes = Object.entries(inputs).map(([name, x]) => [
    name,
    Array.isArray(x) ? x.map((one) => one.shape) : (x as Tensor).shape,
  ]);
  const given: unknown = located(where, op, "the shape rule", () =>
    op.shape(Object.fromEntries(shapes), attrs),
  );
  const isShape = (one: unknown): boolean =>
    Array.isArray(one) && one.every((n) => Number.isInteger(n) && n >= 0);
  const one = op.outputs.length === 1;
  if (one && isShape(given)) return;
  if (!one && Array.isArray(given) && given.length === op.outputs.length && given.every(isShape)) {
    return;
  }
  const wanted = one ? "a shape" : `a shape for each of ${op.outputs.join(", ")}`;
  throw new CheckError(
    `${where}: the shape rule gives ${JSON.stringify(given)}; ${wanted} was wanted`,
  );
}

/**
 * What the op gives is finite where its inputs are; and its own kernel, if it brings one, writes
 * inside its outputs, changes no input, and gives the same again.
 */
export function checkKernel(c: Case): void {
  const finite = (x: Tensor): boolean => x.data().every(Number.isFinite);
  if (c.inputs.every(({ x }) => finite(x))) {
    c.outputs.forEach((y, o) => {
      const bad = y.data().findIndex((value) => !Number.isFinite(value));
      if (bad < 0) return;
      throw new CheckError(
        `${c.where}: ${entry(c.op.outputs[o], y.shape, bad)} is ${y.data()[bad]} although all ` +
          "inputs are finite; no derivative can be checked there",
      );
    });
  }
  if (c.op.kernel === undefined) return;
  const { inputs, outputs } = runWatched(c);
  c.inputs.forEach(({ name, x }, i) => {
    const before = c.given[i] as readonly number[];
    const at = firstChange(before, inputs[i] as Data);
    if (at < 0) return;
    const [was, is] = shown(before[at] as number, inputs[i]?.[at] as number);
    throw new CheckError(
      `${c.where}: the kernel changes its input ${entry(name, x.shape, at)} from ${was} to ${is}`,
    );
  });
  c.outputs.forEach((y, o) => {
    const first = y.data();
    const at = firstChange(first, outputs[o] as Data);
    if (at < 0) return;
    const name = entry(c.op.outputs[o], y.shape, at);
    const [one, other] = shown(first[at] as number, outputs[o]?.[at] as number);
    throw new CheckError(
      `${c.where}: the kernel gives ${name} = ${one}, and ${other} when it runs again`,
    );
  });
}

/** By entry of output `o`: whether the op's own kernel leaves it as it comes. */
export function unwritten(c: Case, o: number): readonly boolean[] {
  if (c.op.kernel === undefined) return [];
  const [zeros, ones] = [0, 1].map((fill) => run(c, fill).outputs[o]);
  return Array.from(zeros ?? [], (value, m) => value === 0 && ones?.[m] === 1);
}

/** What lies in the arrays after a run of the kernel on outputs filled with a number. */
function run(
  c: Case,
  fill: number,
  watch = (data: Data, _output: number): Data => data,
): { readonly inputs: readonly Data[]; readonly outputs: readonly Data[] } {
  const inputs = c.inputs.map(({ x }, i) => {
    const data = x.data();
    data.set(c.given[i] as readonly number[]);
    return data;
  });
  const outputs = c.outputs.map((y) => y.data().fill(fill));
  const shaped = (x: Tensor, data: Data): NDArray => ({ shape: x.shape, data });
  c.op.kernel?.(
    c.inputs.map(({ x }, i) => shaped(x, inputs[i] as Data)),
    c.outputs.map((y, o) => shaped(y, watch(outputs[o] as Data, o))),
    c.attrs as never,
  );
  return { inputs, outputs };
}

/** A run whose outputs notice what is written beside them, which an array passes over in silence. */
function runWatched(c: Case): ReturnType<typeof run> {
  const watch = (data: Data, o: number): Data =>
    new Proxy(data, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
      set(target, key, value) {
        if (key in target) return Reflect.set(target, key, value, target);
        const shape = format(c.outputs[o]?.shape ?? []);
        throw new CheckError(
          `${c.where}: the kernel writes element ${String(key)} of ${c.op.outputs[o]}, which is ` +
            `${shape} by the shape rule: ${target.length} elements, counted from 0`,
        );
      },
    });
  try {
    return run(c, 0, watch);
  } catch (error) {
    if (error instanceof CheckError) throw error;
    return run(c, 0); // what it does with its arrays needs real ones
  }
}

function firstChange(before: ArrayLike<number>, now: ArrayLike<number>): number {
  return Array.from(before).findIndex((value, i) => !Object.is(value, now[i]));
}

function format(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}
