import fc from "fast-check";
import { functions } from "../../src/derive/text/functions.js";
import type { Expression, Operator } from "../../src/derive/text/parse.js";

/** An expression without the places where its parts stand. */
export type Tree =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Tree[] }
  | { readonly kind: "minus" | "transpose"; readonly arg: Tree }
  | {
      readonly kind: "binary";
      readonly op: Operator;
      readonly left: Tree;
      readonly right: Tree;
    };

export function bare(node: Expression): Tree {
  switch (node.kind) {
    case "number":
      return { kind: node.kind, value: node.value };
    case "name":
      return { kind: node.kind, name: node.name };
    case "call":
      return { kind: node.kind, name: node.name, args: node.args.map(bare) };
    case "minus":
    case "transpose":
      return { kind: node.kind, arg: bare(node.arg) };
    case "binary":
      return { kind: node.kind, op: node.op, left: bare(node.left), right: bare(node.right) };
  }
}

/** The tree as a text with brackets where it needs them. */
export function write(tree: Tree, space = ""): string {
  const words = (node: Tree, least: number): string[] => {
    const [level, own] = spelled(node);
    return level < least ? ["(", ...own, ")"] : own;
  };
  const exponent = (node: Tree): string[] =>
    node.kind === "minus" ? ["-", ...exponent(node.arg)] : words(node, 6);
  /** How tightly it binds, and its words. */
  const spelled = (node: Tree): [level: number, words: string[]] => {
    switch (node.kind) {
      case "number":
        return [6, [String(node.value)]];
      case "name":
        return [6, [node.name]];
      case "call": {
        const args = node.args.flatMap((arg, i) => [...(i > 0 ? [","] : []), ...words(arg, 1)]);
        return [6, [node.name, "(", ...args, ")"]];
      }
      case "minus":
        return [3, ["-", ...words(node.arg, 3)]];
      case "transpose":
        return [5, [...words(node.arg, 5), "'"]];
      case "binary": {
        const { op, left, right } = node;
        if (op === "^" || op === ".^") return [4, [...words(left, 5), op, ...exponent(right)]];
        const level = op === "+" || op === "-" ? 1 : 2;
        return [level, [...words(left, level), op, ...words(right, level + 1)]];
      }
    }
  };
  return words(tree, 1).join(space);
}

const operators: readonly Operator[] = ["+", "-", "*", "*", "*", ".*", "/", "./", "^", ".^"];

/** Random trees, most of them no formula that makes sense. */
export function trees(): fc.Arbitrary<Tree> {
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      fc.constantFrom("x", "y", "a", "b", "X", "A", "W_1", "eye").map((name) => ({
        kind: "name" as const,
        name,
      })),
      fc
        .oneof(fc.nat(3), fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }))
        .map((value) => ({ kind: "number" as const, value: value === 0 ? 0 : value })),
      fc.record({
        kind: fc.constantFrom("minus" as const, "transpose" as const),
        arg: tie("tree"),
      }),
      fc.constantFrom(...functions.keys()).chain((name) =>
        fc
          .array(tie("tree"), {
            minLength: functions.get(name)?.args ?? 1,
            maxLength: functions.get(name)?.args ?? 1,
          })
          .map((args) => ({ kind: "call" as const, name, args })),
      ),
      fc.record({
        kind: fc.constant("binary" as const),
        op: fc.constantFrom(...operators),
        left: tie("tree"),
        right: tie("tree"),
      }),
    ),
  }));
  return tree;
}
