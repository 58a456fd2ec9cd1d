import { type AnyOp, applyAll, Tensor } from "../index.js";
import { CheckError } from "./gradcheck.js";
import { type AnyRule, guarded, located } from "./guard.js";

/** A sample that has lost the types of its op. */
export interface AnySample {
  readonly inputs: Readonly<Record<string, Tensor | readonly Tensor[]>>;
  readonly attrs?: unknown;
  readonly error?: string;
}

/** The samples of an op, and further ones. */
export function samplesOf(op: AnyOp, further: readonly unknown[]): readonly AnySample[] {
  if (typeof op?.samples !== "function" || !Array.isArray(op.rules)) {
    throw new CheckError("checkOp: what is to be checked is no op, as defineOp gives it");
  }
  const own: unknown = op.samples();
  if (!Array.isArray(own)) {
    throw new CheckError(`${op.name}: its samples give no list; [{ inputs: { … } }] was wanted`);
  }
  return [...own, ...further].map((sample: unknown, i) => {
    const { inputs } = (sample ?? {}) as Partial<AnySample>;
    const names: readonly string[] = op.inputs.map((name: string) => name.replace("...", ""));
    const given = typeof inputs === "object" && inputs !== null ? Object.keys(inputs) : [];
    const where = `${op.name}, sample ${i}`;
    if (given.length !== names.length || !names.every((name) => given.includes(name))) {
      const what = given.length === 0 ? "no inputs" : `the inputs ${given.join(", ")}`;
      const wanted = `{ inputs: { ${names.join(", ")} } }`;
      throw new CheckError(`${where}: it has ${what}; ${wanted} was wanted`);
    }
    names.forEach((name, k) => {
      const x: unknown = inputs?.[name];
      const list = op.inputs[k] !== name && Array.isArray(x) ? x : [x];
      if (list.every((one) => one instanceof Tensor) || (sample as AnySample).error) return;
      throw new CheckError(`${where}: ${name} is no tensor; make it one by tensor()`);
    });
    return sample as AnySample;
  });
}

/** One tensor that goes into an op. */
export interface Input {
  /** As messages call it: `X`, or `Xs[1]` of an input that takes any number. */
  readonly name: string;
  /** By this position the op knows its rules. */
  readonly position: number;
  readonly x: Tensor;
  /** Whether it is differentiated: it is float, and does not only choose among elements. */
  readonly free: boolean;
}

/** An op at one of its samples, as a function of the tensors that go in. */
export class Case {
  /** The elements of the inputs, for a kernel that might change them. */
  readonly given: readonly (readonly number[])[];
  /** What the op gives of the sample. */
  readonly outputs: readonly Tensor[];
  /** Which of the outputs are float. */
  readonly floats: readonly number[];

  private constructor(
    /** How messages begin. */
    readonly where: string,
    /** The op, whose rules say their name where they fail. */
    readonly op: AnyOp,
    readonly attrs: unknown,
    readonly inputs: readonly Input[],
    /** Where random directions start. */
    readonly seed: number,
  ) {
    this.given = op.kernel === undefined ? [] : inputs.map(({ x }) => [...x.data()]);
    this.outputs = this.#run(inputs.map(({ x }) => x));
    this.floats = this.outputs.flatMap(({ dtype }, o) => (dtype.startsWith("float") ? [o] : []));
  }

  /** A sample in float64, whatever float its tensors are. */
  static of(where: string, op: AnyOp, sample: AnySample, seed: number): Case {
    const inputs = op.inputs.flatMap((name: string, position: number): Input[] => {
      const bare = name.replace("...", "");
      return [sample.inputs[bare] as Tensor].flat().map((x, k) => {
        const free = x.dtype.startsWith("float") && !op.selects[position];
        return { name: bare === name ? name : `${bare}[${k}]`, position, x, free };
      });
    });
    const wide = cast(inputs, "float64");
    return located(where, op, "the kernel", () => {
      return new Case(where, guarded(where, op), sample.attrs, wide, seed);
    });
  }

  /** The same with its float inputs in another dtype. */
  in(dtype: "float32" | "float64"): Case {
    return new Case(this.where, this.op, this.attrs, cast(this.inputs, dtype), this.seed);
  }

  /** The inputs that are differentiated. */
  get free(): readonly Input[] {
    return this.inputs.filter((input) => input.free);
  }

  rule(input: Input, o: number): AnyRule {
    return this.op.rules[input.position]?.[o] as AnyRule;
  }

  /** All outputs, some inputs being replaced. */
  run(given: ReadonlyMap<Input, Tensor>): Tensor[] {
    return this.#run(this.inputs.map((input) => given.get(input) ?? input.x));
  }

  /** The float outputs, all inputs that are differentiated being given. */
  runFree(x: readonly Tensor[]): Tensor[] {
    const outputs = this.run(new Map(this.free.map((input, i) => [input, x[i] as Tensor])));
    return this.floats.map((o) => outputs[o] as Tensor);
  }

  #run(values: readonly Tensor[]): Tensor[] {
    const named: Record<string, Tensor | Tensor[]> = {};
    this.op.inputs.forEach((name: string, i: number) => {
      if (name.startsWith("...")) named[name.slice(3)] = values.slice(i);
      else named[name] = values[i] as Tensor;
    });
    const outputs = applyAll(this.op, named, this.attrs);
    return this.op.outputs.map((name: string) => outputs[name] as Tensor);
  }
}

function cast(inputs: readonly Input[], dtype: "float32" | "float64"): Input[] {
  return inputs.map((input) => {
    const other = input.x.dtype.startsWith("float") && input.x.dtype !== dtype;
    return other ? { ...input, x: input.x.cast(dtype) } : input;
  });
}
