/**
 * The parser of the grammar in `test/golden/README.md` (that of matrixcalculus.org):
 *
 *     expr    := term  { ('+' | '-') term }
 *     term    := unary { ('*' | '/' | '.*' | './') unary }
 *     unary   := '-' unary | power
 *     power   := postfix [ ('^' | '.^') postfix ]
 *     postfix := primary { ' }
 *     primary := number | name | name '(' expr {',' expr} ')' | '(' expr ')'
 */

export type Operator = "+" | "-" | "*" | "/" | ".*" | "./" | "^" | ".^";

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "minus"; readonly arg: Expression }
  | { readonly kind: "transpose"; readonly arg: Expression }
  | {
      readonly kind: "binary";
      readonly op: Operator;
      readonly left: Expression;
      readonly right: Expression;
    };

/** The text is no expression of the grammar; the message shows where. */
export class ParseError extends Error {
  override name = "ParseError";
}

interface Token {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

// `2.*X` is 2 times entrywise X: a point belongs to a number only when a digit follows it.
const pattern =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][A-Za-z_0-9]*)|(\.[*/^]|[-+*/^'(),]))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  pattern.lastIndex = 0;
  while (pattern.lastIndex < end) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      const at = from + (text.slice(from).length - text.slice(from).trimStart().length);
      throw new ParseError(`"${text}", position ${at}: unknown sign "${text[at]}"`);
    }
    const [whole, number, name, sign] = match;
    const own = (number ?? name ?? sign) as string;
    const at = from + whole.length - own.length;
    const kind = number !== undefined ? "number" : name !== undefined ? "name" : "sign";
    tokens.push({ kind, text: own, at });
  }
  tokens.push({ kind: "end", text: "the end", at: end });
  return tokens;
}

/**
 * The tree of an expression.
 *
 * @throws ParseError when the text is not of the grammar.
 */
export function parse(text: string): Expression {
  const tokens = tokenize(text);
  let next = 0;

  const peek = (): Token => tokens[next] as Token;
  const fail = (wanted: string): never => {
    const { kind, text: found, at } = peek();
    const shown = kind === "end" ? found : `"${found}"`;
    throw new ParseError(`"${text}", position ${at}: ${shown} where ${wanted} was wanted`);
  };
  /** The next sign, if it is one of these. */
  const take = <S extends string>(...signs: readonly S[]): S | null => {
    const { kind, text: found } = peek();
    if (kind !== "sign" || !(signs as readonly string[]).includes(found)) return null;
    next++;
    return found as S;
  };
  const chain = (operand: () => Expression, ...signs: Operator[]): Expression => {
    let left = operand();
    for (let op = take(...signs); op !== null; op = take(...signs)) {
      left = { kind: "binary", op, left, right: operand() };
    }
    return left;
  };

  const expression = (): Expression => chain(term, "+", "-");
  const term = (): Expression => chain(unary, "*", "/", ".*", "./");
  const unary = (): Expression => (take("-") === null ? power() : { kind: "minus", arg: unary() });
  const power = (): Expression => {
    const base = postfix();
    const op = take("^", ".^");
    return op === null ? base : { kind: "binary", op, left: base, right: postfix() };
  };
  const postfix = (): Expression => {
    let arg = primary();
    while (take("'") !== null) arg = { kind: "transpose", arg };
    return arg;
  };
  const primary = (): Expression => {
    const { kind, text: found } = peek();
    if (kind === "number") {
      next++;
      return { kind: "number", value: Number(found) };
    }
    if (kind === "name") {
      next++;
      return take("(") === null ? { kind: "name", name: found } : call(found);
    }
    if (take("(") === null) fail("a number, a name or (");
    const inner = expression();
    if (take(")") === null) fail(")");
    return inner;
  };
  const call = (name: string): Expression => {
    const args = [expression()];
    while (take(",") !== null) args.push(expression());
    if (take(")") === null) fail(", or )");
    return { kind: "call", name, args };
  };

  const tree = expression();
  if (peek().kind !== "end") fail("an operator or the end");
  return tree;
}
