import {
  type ByName,
  type Context,
  type DTypeRule,
  defineOp,
  type Notation,
  type Op,
  type OpSpec,
  type Rule,
  type Sample,
} from "../core/op.js";
import { broadcastAll } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

type RuleOf<In extends string, S extends string, A> = Rule<
  ByName<Extract<In | "Y", S>, Tensor>,
  Context<In | "Y", A>
>;

/** The rule of an input that goes into the output as it is: dY = dX. */
export const passes = {
  d: (_: unknown, dX: Tensor): Tensor => dX,
  adj: (_: unknown, Ybar: Tensor): Tensor => Ybar,
};

/** An op that maps each element by itself. */
export function unary<const S extends "X" | "Y" = never, A = unknown>(spec: {
  readonly name: string;
  readonly saves: readonly S[];
  readonly attrs?: A;
  readonly dtype?: DTypeRule<A>;
  readonly rule: RuleOf<"X", S, A>;
  readonly acts?: NonNullable<OpSpec<"X", "Y", S, A>["acts"]>;
  readonly notation: (names: { readonly X: Notation }, attrs: A) => Notation;
  readonly law?: string;
  readonly samples: () => readonly Sample<"X", A>[];
  readonly kernel?: NonNullable<OpSpec<"X", "Y", S, A>["kernel"]>;
}): Op<"X", "Y", A> {
  return defineOp<"X", "Y", S, A>({
    ...spec,
    inputs: ["X"],
    outputs: ["Y"],
    shape: ({ X }) => X,
    rules: { X: spec.rule },
    maps: 0,
  });
}

/** An op that combines two broadcast inputs element by element. */
export function binary<const S extends "A" | "B" | "Y" = never>(spec: {
  readonly name: string;
  readonly saves: readonly S[];
  readonly dtype?: DTypeRule<unknown>;
  readonly rules: {
    readonly A: RuleOf<"A" | "B", S, unknown>;
    readonly B: RuleOf<"A" | "B", S, unknown>;
  };
  readonly acts?: NonNullable<OpSpec<"A" | "B", "Y", S, unknown>["acts"]>;
  readonly notation: (names: { readonly A: Notation; readonly B: Notation }) => Notation;
  readonly law?: string;
  readonly samples: () => readonly Sample<"A" | "B", unknown>[];
}): Op<"A" | "B", "Y", unknown> {
  return defineOp<"A" | "B", "Y", S, unknown>({
    ...spec,
    inputs: ["A", "B"],
    outputs: ["Y"],
    shape: ({ A, B }) => broadcastAll(spec.name, { A, B }),
    maps: 0,
  });
}
