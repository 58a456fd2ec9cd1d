import { type AnyOp, byName, rulePosition } from "../../src/core/op.js";
import { type Derivation, derive } from "../../src/derive/index.js";
import { applyAll, grad, mul, random, sum, type Tensor } from "../../src/index.js";
import { isFloat } from "../../src/tensor/dtype.js";

/** An output of an op at one of its samples, as a function of the inputs that are floats. */
interface Part {
  readonly where: string;
  readonly f: (...args: Tensor[]) => Tensor;
  readonly args: readonly Tensor[];
  readonly names: readonly string[];
  /** By argument: whether a derivative passes. */
  readonly passes: readonly boolean[];
}

/** How many formulas were checked of an op at its samples, and what is wrong with them. */
export function checkDerived(op: AnyOp): { readonly checked: number; readonly wrong: string[] } {
  const wrong: string[] = [];
  let checked = 0;
  for (const part of parts(op)) {
    const attempt = (what: string, check: () => [what: string, error: number, bound: number][]) => {
      checked++;
      try {
        for (const [name, error, bound] of check()) {
          if (!(error <= bound)) wrong.push(`${part.where}, ${what}: ${name} is off by ${error}`);
        }
      } catch (error) {
        wrong.push(`${part.where}, ${what}: ${error}`);
      }
    };
    attempt("value", () => [["the formula", valueError(part), 1e-12]]);
    part.names.forEach((name, i) => {
      if (part.passes[i]) attempt(`∂/∂${name}`, () => gradientErrors(part, i));
    });
  }
  return { checked, wrong };
}

/** Every float input and each output of every sample that is no error. */
function parts(op: AnyOp): Part[] {
  return op.samples().flatMap((sample: ReturnType<AnyOp["samples"]>[number], s: number) => {
    if (sample.error !== undefined) return [];
    const named = sample.inputs as Readonly<Record<string, Tensor | readonly Tensor[]>>;
    const inputs = op.inputs.flatMap((name: string) => {
      const list = [named[name.replace("...", "")] as Tensor | Tensor[]].flat();
      return list.map((x) => (isFloat(x.dtype) ? x.cast("float64") : x));
    }) as Tensor[];
    const free = inputs.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
    return op.outputs.map((output: string, o: number): Part => {
      const f = (...args: Tensor[]): Tensor => {
        const all = [...inputs];
        free.forEach((i, k) => {
          all[i] = args[k] as Tensor;
        });
        return applyAll(op, byName(op, all), sample.attrs)[output] as Tensor;
      };
      const args = free.map((i) => inputs[i] as Tensor);
      const float = isFloat(f(...args).dtype);
      return {
        where: `${op.name}, sample ${s}, output ${output}`,
        f,
        args,
        names: free.map((i) => `X${i + 1}`),
        passes: free.map((i) => {
          const rule = op.rules[rulePosition(op, i)]?.[o];
          return float && rule !== undefined && rule.constant === undefined;
        }),
      };
    });
  });
}

/** Of the formula of an op's output; it is derived by a scalar that is not in it. */
function valueError({ f, args, names }: Part): number {
  const none = random.normal([], { dtype: "float64", seed: 1 });
  const alone = (_: Tensor, ...rest: Tensor[]): Tensor => f(...rest);
  const { value } = derive(alone, { args: [none, ...args], names: ["none", ...names] });
  return off(value.toFunction()(none, ...args), f(...args).cast("float64"));
}

/** Of `⟨C, Y⟩` with a cotangent C that is fixed: its value, its gradient, and every step. */
function gradientErrors(
  { f, args, names }: Part,
  wrt: number,
): [what: string, error: number, bound: number][] {
  const C = random.normal(f(...args).shape, { dtype: "float64", seed: 2 });
  const paired = (...x: Tensor[]): Tensor => sum(mul(C, f(...x)));
  const derivation: Derivation = derive(paired, { args, names, wrt });
  const G = grad(paired, { wrt })(...args);
  const steps = derivation.checkSteps(args);
  return [
    ["its value", off(derivation.value.toFunction()(...args), paired(...args)), 1e-12],
    [`the formula ${derivation.gradient}`, off(derivation.toFunction()(...args), G), 1e-12],
    ...derivation.steps.map(({ law, formula }, i): [string, number, number] => [
      `step ${i} (${law}) ${formula}`,
      steps[i] as number,
      1e-10,
    ]),
  ];
}

/** `max|got − want| / max(1, max|want|)`; another shape or a number that is not finite is infinitely far. */
function off(got: Tensor, want: Tensor): number {
  if (String(got.shape) !== String(want.shape)) return Number.POSITIVE_INFINITY;
  const [a, b] = [got.data(), want.data()];
  let [error, size] = [0, 1];
  b.forEach((y: number, i: number) => {
    size = Math.max(size, Math.abs(y));
    const e = Math.abs((a[i] as number) - y);
    error = e <= error ? error : e;
  });
  return Number.isFinite(error) ? error / size : Number.POSITIVE_INFINITY;
}
