import { InvalidArgumentError } from "commander";
import type { DeriveOptions } from "../derive/index.js";

export type Kinds = NonNullable<DeriveOptions["kinds"]>;
export type Shapes = NonNullable<DeriveOptions["shapes"]>;

/** The options of both commands, as commander leaves them. */
export interface Flags {
  readonly wrt?: string;
  readonly layout?: "numerator" | "denominator";
  readonly kind?: Kinds;
  readonly shape?: Shapes;
  readonly json?: boolean;
}

const kinds: Readonly<Record<string, Kinds[string]>> = {
  scalar: "scalar",
  vector: "vector",
  matrix: "matrix",
  symmetric: "symmetric matrix",
  "symmetric matrix": "symmetric matrix",
};

/** Adds `A=symmetric` to the kinds; several may be listed with commas. */
export function collectKinds(text: string, before: Kinds = {}): Kinds {
  const added = entries(text, "A=symmetric").map(([name, said]) => {
    const kind = kinds[said];
    if (kind !== undefined) return [name, kind] as const;
    throw new InvalidArgumentError("Kinds are scalar, vector, matrix and symmetric.");
  });
  return { ...before, ...Object.fromEntries(added) };
}

/** Adds `X=3x2` to the shapes; several may be listed with commas. */
export function collectShapes(text: string, before: Shapes = {}): Shapes {
  const added = entries(text, "X=3x2").map(([name, said]) => {
    if (/^[1-9]\d*([x×][1-9]\d*)?$/.test(said)) return [name, said.split(/[x×]/).map(Number)];
    throw new InvalidArgumentError("Shapes are written X=3x2 for a matrix and w=2 for a vector.");
  });
  return { ...before, ...Object.fromEntries(added) };
}

function entries(text: string, example: string): [name: string, said: string][] {
  return text.split(",").map((entry) => {
    const [, name, said] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/u.exec(entry) ?? [];
    if (name !== undefined && said !== undefined) return [name, said];
    throw new InvalidArgumentError(`It is written ${example}.`);
  });
}

/** What the options say of the variables, as the library takes it. */
export function declarations({ kind = {}, shape = {} }: Flags): { kinds: Kinds; shapes: Shapes } {
  return { kinds: kind, shapes: shape };
}
