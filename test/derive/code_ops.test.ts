import { describe, expect, it } from "vitest";
import { type AnyOp, byName, rulePosition } from "../../src/core/op.js";
import { type Derivation, derive, type Language } from "../../src/derive/index.js";
import { applyAll, grad, mul, ops, random, sum, type Tensor, UsageError } from "../../src/index.js";
import { restartSamples } from "../../src/ops/samples.js";
import { isFloat } from "../../src/tensor/dtype.js";
import { hasPython, loaded, runPython } from "../support/code.js";
import { distance } from "../support/golden.js";

/** An output of an op at one of its samples, paired with a constant, derived by an input. */
interface Part {
  readonly where: string;
  readonly derivation: Derivation;
  readonly args: readonly Tensor[];
  readonly value: number;
  readonly gradient: Tensor;
}

/** What languages have no function for, by op. */
const lacking: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  typescript: {
    adjugate: "second derivative of adjugate by directions",
    expm: "second derivative of expm by directions",
    adamStep: "public function adamStep",
    momentumStep: "public function momentumStep",
  },
  numpy: {
    adjugate: "second derivatives of the adjugate",
    expm: "derivatives of expm of more than one matrix",
    kron: "kron of more than one matrix at once",
    lstsq: "lstsq of more than one matrix at once",
    lu: "lu",
    adamStep: "adamStep",
    momentumStep: "momentumStep",
  },
  jax: {
    adjugate: "second derivatives of the adjugate",
    expm: "derivatives of expm of more than one matrix",
    kron: "kron of more than one matrix at once",
    lstsq: "lstsq of more than one matrix at once",
    lu: "lu of more than one matrix at once",
    adamStep: "adamStep",
    momentumStep: "momentumStep",
  },
};

function parts(op: AnyOp): Part[] {
  restartSamples();
  return op.samples().flatMap((sample: ReturnType<AnyOp["samples"]>[number], s: number) => {
    if (sample.error !== undefined) return [];
    const named = sample.inputs as Readonly<Record<string, Tensor | readonly Tensor[]>>;
    const inputs = op.inputs.flatMap((name: string) =>
      [named[name.replace("...", "")] as Tensor | Tensor[]].flat(),
    ) as Tensor[];
    const all = inputs.map((x) => (isFloat(x.dtype) ? x.cast("float64") : x));
    const free = all.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
    const args = free.map((i) => all[i] as Tensor);
    return op.outputs.flatMap((output: string, o: number): Part[] => {
      const f = (...own: Tensor[]): Tensor => {
        const given = all.map((x, i) => own[free.indexOf(i)] ?? x);
        return applyAll(op, byName(op, given), sample.attrs)[output] as Tensor;
      };
      const y = f(...args);
      if (!isFloat(y.dtype) || [y, ...args].some((x) => x.size === 0)) return [];
      const C = random.normal(y.shape, { dtype: "float64", seed: 2 });
      const paired = (...own: Tensor[]): Tensor => sum(mul(C, f(...own)));
      return free.flatMap((i, wrt) => {
        const rule = op.rules[rulePosition(op, i)]?.[o];
        if (rule === undefined || rule.constant !== undefined) return [];
        const names = free.map((k) => `X${k + 1}`);
        const derivation = derive(paired, { args, names, wrt });
        const where = `${op.name}, sample ${s}, ${output} by ${names[wrt]}`;
        const gradient = grad(paired, { wrt })(...args);
        return [{ where, derivation, args, value: paired(...args).item(), gradient }];
      });
    });
  });
}

/** The text of a part's code, or null where the language lacks something, which is noted. */
function textOf(
  { derivation, where }: Part,
  language: Language,
  noted: Map<string, string>,
): string | null {
  try {
    return derivation.code(language);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    noted.set(where.split(",")[0] as string, error.message);
    return null;
  }
}

function messages(language: Language): Map<string, string> {
  return new Map(
    Object.entries(lacking[language]).map(([op, what]) => [op, `code: ${language} has no ${what}`]),
  );
}

const all = ops
  .map(({ op }) => [op.name, parts(op)] as const)
  .filter(([, list]) => list.length > 0);

describe("code for each op's samples", () => {
  const noted = new Map<string, string>();

  it.each(all)("%s, in TypeScript", async (_, list) => {
    for (const part of list) {
      const text = textOf(part, "typescript", noted);
      if (text === null) continue;
      const { f } = await loaded(text);
      const [y, G] = f(...part.args);
      expect(distance(y.item(), part.value), part.where).toBeLessThan(1e-11);
      expect(distance(G.toArray(), part.gradient.toArray()), part.where).toBeLessThan(1e-11);
    }
  });

  it("lacks in TypeScript what is not public", () => {
    expect(noted).toEqual(messages("typescript"));
  });

  it.skipIf(!hasPython("numpy, scipy.special, scipy.linalg"))("in NumPy", () => {
    const lacks = new Map<string, string>();
    const cases = all.flatMap(([, list]) =>
      list.flatMap((part) => {
        const code = textOf(part, "numpy", lacks);
        return code === null ? [] : [{ part, code, args: part.args.map((x) => x.toArray()) }];
      }),
    );
    expect(lacks).toEqual(messages("numpy"));
    runPython(cases.map(({ code, args }) => ({ code, args }))).forEach(
      ({ error, value, derivative, check }, i) => {
        const { part } = cases[i] as (typeof cases)[number];
        expect(error, part.where).toBeUndefined();
        expect(distance(value ?? Number.NaN, part.value), part.where).toBeLessThan(1e-10);
        const G = part.gradient.toArray();
        expect(distance(derivative ?? Number.NaN, G), part.where).toBeLessThan(1e-10);
        expect(check).toBeLessThan(1e-5);
      },
    );
  });

  it("lacks in JAX what it has in no public place", () => {
    const lacks = new Map<string, string>();
    for (const [, list] of all) for (const part of list) textOf(part, "jax", lacks);
    expect(lacks).toEqual(messages("jax"));
  });
});
