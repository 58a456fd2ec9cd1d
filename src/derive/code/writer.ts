import type { Node } from "./lowering.js";
import type { Names } from "./names.js";

/** An expression of a language, and how tightly its outermost sign binds. */
export interface Text {
  readonly code: string;
  readonly level: number;
  /** The outermost sign, where another of its level would be misread. */
  readonly sign?: string;
  /** In TypeScript, a number and not a tensor. */
  readonly number?: boolean;
}

/** Levels of expressions: what binds more tightly is higher. */
export const Level = { compare: 0, sum: 1, product: 2, minus: 3, power: 4, atom: 5 } as const;

/** How a language writes steps. */
export interface Dialect {
  text(node: Node, args: readonly Text[]): Text;
  assign(name: string, code: string): string;
  /** A result that depends on no variable, as an array. */
  constant(text: Text, node: Node): string;
}

/** An expression that is longer than this is taken apart. */
const WIDTH = 76;
/** What is shorter than this is not. */
const SHORT = 12;

/** Writes steps as statements: what is used twice has a name, and so has what would be too long. */
export class Writer {
  readonly lines: string[] = [];
  readonly #uses = new Map<Node, number>();
  readonly #texts = new Map<Node, Text>();

  constructor(
    private readonly dialect: Dialect,
    private readonly names: Names,
    roots: readonly Node[],
  ) {
    for (const root of roots) this.#count(root);
  }

  #count(node: Node): void {
    const before = this.#uses.get(node) ?? 0;
    this.#uses.set(node, before + 1);
    if (before === 0) for (const arg of node.args) this.#count(arg);
  }

  /** The statement that gives a result its name, after those that it needs. */
  result(name: string, node: Node): void {
    const known = this.#texts.get(node);
    const text = known ?? this.#text(node);
    const alone = !hasVariable(node);
    this.lines.push(
      this.dialect.assign(name, alone ? this.dialect.constant(text, node) : text.code),
    );
    if (known === undefined && !alone) this.#texts.set(node, { code: name, level: Level.atom });
  }

  /** The expression of a step, after the statements that it needs. */
  #of(node: Node): Text {
    const known = this.#texts.get(node);
    if (known !== undefined) return known;
    const text = this.#text(node);
    if ((this.#uses.get(node) as number) > 1 && !isCheap(node)) return this.#named(node, text);
    this.#texts.set(node, text);
    return text;
  }

  #text(node: Node): Text {
    const args = node.args.map((arg) => this.#of(arg));
    let text = this.dialect.text(node, args);
    while (text.code.length > WIDTH) {
      const sizes = args.map(({ code }) => code.length);
      const longest = sizes.indexOf(Math.max(...sizes));
      if (longest < 0 || (sizes[longest] as number) < SHORT) break;
      args[longest] = this.#named(node.args[longest] as Node, args[longest] as Text);
      text = this.dialect.text(node, args);
    }
    return text;
  }

  #named(node: Node, { code, number = false }: Text): Text {
    const name = this.names.next();
    this.lines.push(this.dialect.assign(name, code));
    const text: Text = { code: name, level: Level.atom, number };
    this.#texts.set(node, text);
    return text;
  }
}

function hasVariable({ op, args }: Node): boolean {
  return op === "variable" || args.some(hasVariable);
}

/** What costs nothing to write twice. */
function isCheap({ op, args }: Node): boolean {
  if (op === "t" || op === "output" || op === "column") return true;
  return op === "variable" || (args.every(isNumber) && (op === "number" || op === "size"));
}

function isNumber({ op, args }: Node): boolean {
  return op === "number" || op === "size" || (args.length > 0 && args.every(isNumber));
}
