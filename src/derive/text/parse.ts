import { functions, nearest } from "./functions.js";
import { ParseError, type Token, tokenize } from "./tokens.js";

/**
 * The parser of formulas that are typed, in the grammar of matrixcalculus.org with additions:
 *
 *     expr    := term  { ('+' | '-') term }
 *     term    := unary { ('*' | '/' | '.*' | './') unary }
 *     unary   := '-' unary | power
 *     power   := postfix [ ('^' | '.^') { '-' } postfix ]
 *     postfix := primary { "'" }
 *     primary := number | name | name '(' expr {',' expr} ')' | '(' expr ')'
 *
 * It also reads what formulas are printed with: `Xᵀ`, `X⁻¹`, `x²`, `·`, `∘`, `⊘` and `−`.
 */

export { ParseError };

export type Operator = "+" | "-" | "*" | "/" | ".*" | "./" | "^" | ".^";

/** Where a part stands in the text, as offsets: from its first sign to behind its last. */
interface Span {
  readonly at: number;
  readonly end: number;
}

/** An expression as a tree. */
export type Expression = Span &
  (
    | { readonly kind: "number"; readonly value: number }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
    | { readonly kind: "minus"; readonly arg: Expression }
    | { readonly kind: "transpose"; readonly arg: Expression }
    | {
        readonly kind: "binary";
        readonly op: Operator;
        /** Where the operator stands. */
        readonly sign: number;
        readonly left: Expression;
        readonly right: Expression;
      }
  );

/** How deep a tree may be: brackets in brackets, terms in a sum, signs before a number. */
export const deepest = 256;

const operand = "a number, a name or '('";

/**
 * The tree of an expression.
 *
 * @throws ParseError when the text is not of the grammar.
 */
export function parseTree(text: string): Expression {
  return new Parser(text).whole();
}

/** The names of an expression in the order of their first appearance; `eye` is the identity. */
export function namesOf(tree: Expression): string[] {
  const names = new Set<string>();
  walk(tree, (node) => {
    if (node.kind === "name" && node.name !== "eye") names.add(node.name);
  });
  return [...names];
}

/** Visits each part, from left to right, the whole after its parts. */
export function walk(node: Expression, visit: (node: Expression) => void): void {
  for (const part of partsOf(node)) walk(part, visit);
  visit(node);
}

export function partsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "number":
    case "name":
      return [];
    case "minus":
    case "transpose":
      return [node.arg];
    case "call":
      return node.args;
    case "binary":
      return [node.left, node.right];
  }
}

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;
  /** Calls that are under way, and how deep the trees are that they made. */
  private nested = 0;
  private readonly depths = new WeakMap<Expression, number>();

  constructor(private readonly text: string) {
    this.tokens = tokenize(text);
  }

  whole(): Expression {
    if (this.peek().kind === "end") {
      throw new ParseError(
        this.text,
        this.peek().at,
        "the text is empty; an expression was expected",
      );
    }
    const tree = this.expression();
    if (this.peek().kind === "end") return tree;
    if (this.peek().text === ")") this.refuse("there is no '(' for this ')'");
    this.expected("an operator or the end", tree);
  }

  private expression(): Expression {
    return this.chain(() => this.term(), "+", "-");
  }

  private term(): Expression {
    return this.chain(() => this.unary(), "*", "/", ".*", "./");
  }

  private chain(operand: () => Expression, ...signs: readonly Operator[]): Expression {
    let left = operand();
    for (let op = this.take(...signs); op !== null; op = this.take(...signs)) {
      left = this.binary(op, left, operand());
    }
    return left;
  }

  private unary(): Expression {
    if (this.peek().text === "+") {
      this.refuse(`"+", where ${operand} was expected; there is no sign + before an operand`);
    }
    const minus = this.take("-");
    if (minus === null) return this.power();
    const arg = this.inside(minus.at, () => this.unary());
    return this.made({ kind: "minus", arg, at: minus.at, end: arg.end });
  }

  private power(): Expression {
    const base = this.postfix();
    const op = this.take("^", ".^");
    if (op === null) return base;
    const whole = this.binary(op, base, this.exponent());
    const { text, at } = this.peek();
    if (text !== "^" && text !== ".^") return whole;
    const written = this.slice(whole);
    throw new ParseError(
      this.text,
      at,
      `a power of a power is ambiguous; write (${written})${text}… or put the exponent in brackets`,
    );
  }

  /** What stands after ^: with signs, and without a transpose, which would be the whole power's. */
  private exponent(): Expression {
    const minus = this.take("-");
    if (minus !== null) {
      const arg = this.inside(minus.at, () => this.exponent());
      return this.made({ kind: "minus", arg, at: minus.at, end: arg.end });
    }
    const arg = this.primary();
    const { text, kind } = this.peek();
    if (text !== "'" && kind !== "superscript") return arg;
    this.refuse(`${this.shown()} after an exponent is ambiguous; put the power in brackets`);
  }

  private postfix(): Expression {
    let arg = this.primary();
    for (;;) {
      const token = this.peek();
      const { at, end } = token;
      if (token.kind === "superscript") {
        this.next++;
        const right = this.superscript(token);
        arg = this.made({ kind: "binary", op: "^", sign: at, left: arg, right, at: arg.at, end });
      } else if (this.take("'") !== null) {
        arg = this.made({ kind: "transpose", arg, at: arg.at, end });
      } else return arg;
    }
  }

  /** The exponent of `X²` or `X⁻¹`; that of `X⁻ᵀ` is −1, its transpose follows. */
  private superscript({ text, at, end }: Token): Expression {
    const digits = [...text.replace("⁻", "")].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(d)).join("");
    const value = digits === "" ? 1 : Number(digits);
    const number: Expression = { kind: "number", value, at, end };
    return text.startsWith("⁻") ? this.made({ kind: "minus", arg: number, at, end }) : number;
  }

  private primary(): Expression {
    const { kind, text, at, end } = this.peek();
    if (kind === "number") {
      const value = Number(text);
      if (!Number.isFinite(value)) this.refuse(`${text} is larger than numbers can be`);
      this.next++;
      return { kind, value, at, end };
    }
    if (kind === "name") return this.name();
    const open = this.take("(");
    if (open === null) this.expected(operand);
    const inner = this.inside(open.at, () => this.expression());
    if (this.take(")") === null) this.expected("an operator or ')'", inner);
    // With its brackets, as messages quote it.
    const { end: close } = this.tokens[this.next - 1] as Token;
    const whole = { ...inner, at: open.at, end: close };
    this.depths.set(whole, this.depths.get(inner) ?? 0);
    return whole;
  }

  private name(): Expression {
    const token = this.peek();
    const { text: name, at, end } = token;
    this.next++;
    const known = functions.get(name);
    const open = this.peek().text === "(" ? this.peek() : null;
    if (open === null) {
      if (known === undefined) return { kind: "name", name, at, end };
      const call = `${name}(${known.args === 1 ? "…" : "…, …"})`;
      throw new ParseError(this.text, at, `${name} is a function; write ${call}`);
    }
    if (known === undefined) this.unknown(token);
    this.next++;
    const args = this.inside(open.at, () => this.list());
    if (args.length !== known.args) {
      const wanted = known.args === 1 ? "1 argument" : `${known.args} arguments`;
      throw new ParseError(this.text, at, `${name} takes ${wanted}, but ${args.length} came`);
    }
    const { end: close } = this.tokens[this.next - 1] as Token;
    return this.made({ kind: "call", name, args, at, end: close });
  }

  /** Arguments up to the bracket that ends them. */
  private list(): Expression[] {
    if (this.take(")") !== null) return [];
    const args: Expression[] = [];
    do args.push(this.expression());
    while (this.take(",") !== null);
    if (this.take(")") === null) this.expected("an operator, ',' or ')'", args.at(-1));
    return args;
  }

  private unknown({ text: name, at }: Token): never {
    if (name === "eye") {
      const what = "eye takes no arguments; its size follows from what stands around it";
      throw new ParseError(this.text, at, what);
    }
    const meant = nearest(name);
    const hint = meant === null ? `for a product write ${name}*(…)` : `did you mean ${meant}?`;
    throw new ParseError(this.text, at, `there is no function ${name}; ${hint}`);
  }

  private binary(op: Token, left: Expression, right: Expression): Expression {
    const { text, at: sign } = op;
    const { at } = left;
    return this.made({
      kind: "binary",
      op: text as Operator,
      sign,
      left,
      right,
      at,
      end: right.end,
    });
  }

  /** A new node, if the tree is not too deep with it. */
  private made(node: Expression): Expression {
    const depth = 1 + Math.max(...partsOf(node).map((part) => this.depths.get(part) ?? 0));
    if (depth > deepest) this.tooDeep((this.tokens[this.next - 1] as Token).at);
    this.depths.set(node, depth);
    return node;
  }

  /** What stands in brackets or behind a sign, if there are not too many around it. */
  private inside<T>(at: number, body: () => T): T {
    if (++this.nested > deepest) this.tooDeep(at);
    const result = body();
    this.nested--;
    return result;
  }

  private tooDeep(at: number): never {
    const what = `the expression is nested too deeply; at most ${deepest} levels are read`;
    throw new ParseError(this.text, at, `${what} (a long sum has one for each term)`);
  }

  private peek(): Token {
    return this.tokens[this.next] as Token;
  }

  /** The next token, if it is one of these signs. */
  private take(...signs: readonly string[]): Token | null {
    const token = this.peek();
    if (token.kind !== "sign" || !signs.includes(token.text)) return null;
    this.next++;
    return token;
  }

  private slice({ at, end }: Span): string {
    return this.text.slice(at, end);
  }

  private shown(): string {
    const { kind, written } = this.peek();
    return kind === "end" ? "the end" : `"${written}"`;
  }

  private refuse(what: string): never {
    throw new ParseError(this.text, this.peek().at, what);
  }

  /** The error of another token than was expected; `before` is the operand that stands before it. */
  private expected(what: string, before?: Expression): never {
    const { kind, text } = this.peek();
    const starts = kind === "name" || kind === "number" || text === "(";
    const sides = [this.tokens[this.next - 1], this.peek()].map((token) => {
      const { written = "" } = token ?? {};
      return /^[()]$/.test(written) ? "(…)" : token?.text === "'" ? `…${written}` : written;
    });
    const remedy = before && starts ? `; a product is written ${sides.join("*")}` : "";
    this.refuse(`${this.shown()}, where ${what} was expected${remedy}`);
  }
}
