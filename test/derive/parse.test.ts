import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { functions } from "../../src/derive/text/functions.js";
import {
  type Expression,
  namesOf,
  ParseError,
  parseTree,
  walk,
} from "../../src/derive/text/parse.js";
import { parse } from "../../src/derive/text/program.js";
import { SizeError } from "../../src/derive/text/sizes.js";
import { TracegradError, UsageError } from "../../src/index.js";
import { cpuTime } from "../cpu_time.js";
import { bare, type Tree, trees, write } from "../support/trees.js";

/** The tree with every parenthesis written. */
function spell(node: Tree): string {
  switch (node.kind) {
    case "number":
      return String(node.value);
    case "name":
      return node.name;
    case "call":
      return `${node.name}(${node.args.map(spell).join(",")})`;
    case "minus":
      return `(-${spell(node.arg)})`;
    case "transpose":
      return `${spell(node.arg)}'`;
    case "binary":
      return `(${spell(node.left)}${node.op}${spell(node.right)})`;
  }
}

function thrown(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}

describe("parse", () => {
  it.each([
    ["a+b-c", "((a+b)-c)"],
    ["a-b*c", "(a-(b*c))"],
    ["a*b*c", "((a*b)*c)"],
    ["a/b*c", "((a/b)*c)"],
    ["a.*b./c", "((a.*b)./c)"],
    ["2*x^2", "(2*(x^2))"],
    ["X.^2.*Y", "((X.^2).*Y)"],
    ["(a+b)*c", "((a+b)*c)"],
    ["x'*A*x", "((x'*A)*x)"],
    ["X''", "X''"],
    ["(A*B)'", "(A*B)'"],
    ["inv(X)'*W", "(inv(X)'*W)"],
    ["X'^2", "(X'^2)"],
    ["-a*b", "((-a)*b)"],
    ["-x^2", "(-(x^2))"],
    ["--a", "(-(-a))"],
    ["a*-b", "(a*(-b))"],
    ["-a'", "(-a')"],
    ["X.^(-1)", "(X.^(-1))"],
    ["a^-b", "(a^(-b))"],
    ["x.^-2*y", "((x.^(-2))*y)"],
    ["a^(b^c)", "(a^(b^c))"],
    ["2.*X", "(2.*X)"],
    ["1./x", "(1./x)"],
    ["0.5*1.5e-3*2E2*.5", "(((0.5*0.0015)*200)*0.5)"],
    ["kron(A, X + Y)", "kron(A,(X+Y))"],
    [" sum ( x ) ", "sum(x)"],
    ["vector(1)-y.*(X*w1)", "(vector(1)-(y.*(X*w1)))"],
    ["W_1*x_2 + λ", "((W_1*x_2)+λ)"],
  ])("%s is %s", (text, want) => {
    expect(spell(parseTree(text))).toBe(want);
  });

  it.each([
    ["Xᵀ·y − z", "X'*y - z"],
    ["x ∘ y ⊘ z", "x .* y ./ z"],
    ["A⁻¹*b", "A^(-1)*b"],
    ["X⁻ᵀ", "(X^(-1))'"],
    ["x²+y³⁰", "x^2+y^30"],
    ["Xᵀ²", "X'^2"],
    ["X’*y′", "X'*y'"],
  ])("reads what is printed: %s as %s", (text, same) => {
    expect(bare(parseTree(text))).toEqual(bare(parseTree(same)));
  });

  it("knows where each part stands, brackets included", () => {
    const text = "-(a + b)' * sum(x.^2)";
    const parts: string[] = [];
    walk(parseTree(text), ({ at, end }) => parts.push(text.slice(at, end)));
    expect(parts).toEqual([
      "a", // the brackets belong to what stands in them
      "b",
      "(a + b)",
      "(a + b)'",
      "-(a + b)'",
      "x",
      "2",
      "x.^2",
      "sum(x.^2)",
      "-(a + b)' * sum(x.^2)",
    ]);
    const tree = parseTree("a .* b");
    expect(tree.kind === "binary" && tree.sign).toBe(2);
  });

  it("lists names in order, without eye", () => {
    expect(namesOf(parseTree("b*a'*X + b*eye*X"))).toEqual(["b", "a", "X"]);
  });
});

describe("what is no formula", () => {
  const operand = "a number, a name or '(' was expected";
  it.each([
    ["a+", 3, `the end, where ${operand}`],
    ["a+*b", 3, `"*", where ${operand}`],
    ["'a", 1, `"'", where ${operand}`],
    ["f + ()", 6, `")", where ${operand}`],
    ["+x", 1, `"+", where ${operand}; there is no sign + before an operand`],
    ["sum(x,", 7, `the end, where ${operand}`],
    ["sum(x,)", 7, `")", where ${operand}`],
    ["tr(A*X", 7, "the end, where an operator, ',' or ')' was expected"],
    ["(a+b", 5, "the end, where an operator or ')' was expected"],
    ["a)", 2, "there is no '(' for this ')'"],
    ["a,b", 2, '",", where an operator or the end was expected'],
    ["2X", 2, '"X", where an operator or the end was expected; a product is written 2*X'],
    ["sum(x y)", 7, "\"y\", where an operator, ',' or ')' was expected; a product is written x*y"],
    ["(a)(b)", 4, '"(", where an operator or the end was expected; a product is written (…)*(…)'],
    ["X' 3", 4, '"3", where an operator or the end was expected; a product is written …\'*3'],
    ["a^b^c", 4, "a power of a power is ambiguous; write (a^b)^… or put the exponent in brackets"],
    ["X^2'", 4, '"\'" after an exponent is ambiguous; put the power in brackets'],
    ["x.^y²", 5, '"²" after an exponent is ambiguous; put the power in brackets'],
    ["1e999", 1, "1e999 is larger than numbers can be"],
    ["sum(x, y)", 1, "sum takes 1 argument, but 2 came"],
    ["2*kron(A)", 3, "kron takes 2 arguments, but 1 came"],
    ["det()", 1, "det takes 1 argument, but 0 came"],
    ["2*sin", 3, "sin is a function; write sin(…)"],
    ["kron*A", 1, "kron is a function; write kron(…, …)"],
    ["eye(3)", 1, "eye takes no arguments; its size follows from what stands around it"],
    ["2*trace(X)", 3, "there is no function trace; did you mean tr?"],
    ["tarce(X)", 1, "there is no function tarce; did you mean tr?"],
    ["sigmiod(x)", 1, "there is no function sigmiod; did you mean sigmoid?"],
    ["norm(x)", 1, "there is no function norm; did you mean norm2 (or norm1)?"],
    ["transpose(X)", 1, "there is no function transpose; did you mean X'?"],
    ["foo(x)", 1, "there is no function foo; for a product write foo*(…)"],
    ["x(a+b)", 1, "there is no function x; for a product write x*(…)"],
    ["x**2", 2, "** is not of the grammar; a power is written ^, entrywise .^"],
    ["X.T*y", 2, ".T is not of the grammar; a transpose is written X'"],
    ["X.'", 2, ".' is not of the grammar; a transpose is written X'"],
    ["X.inv()", 2, "there are no methods; write f(X) for X.f()"],
    ["3.", 2, "a point belongs to a number, or to one of .* ./ .^"],
    ["A@B", 2, "@ is not of the grammar; the matrix product is written *"],
    ["A\\b", 2, "\\ is not of the grammar; A\\b is written inv(A)*b"],
    ["x[1]", 2, "there are only round brackets, and no indices or lists"],
    ["f = x", 3, "an expression has no =; write one side"],
    ["‖x‖", 1, "norms are written norm2(x) or norm1(x)"],
    ["|x|", 1, "write abs(x) for absolute values, det(X) for a determinant, norm2(x) for a norm"],
    ["x×y", 2, "× could mean two products; write * for the matrix product, .* entrywise"],
    ["A⊗B", 2, "⊗ is not of the grammar; the Kronecker product is written kron(A, B)"],
    ["∑x", 1, "∑ is not of the grammar; write sum(x)"],
    ["√x", 1, "√ is not of the grammar; write sqrt(x)"],
    ["a  % b", 4, 'unknown sign "%"'],
    ["𝐀*x?y", 4, 'unknown sign "?"'],
  ])("%s", (text, column, what) => {
    const error = thrown(() => parseTree(text));
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toBeInstanceOf(UsageError);
    const caret = `${" ".repeat(column - 1)}^`;
    expect(error.message).toBe(
      `parse: "${text}" at column ${column}: ${what}\n  ${text}\n  ${caret}`,
    );
  });

  it("shows the place as the issue asks", () => {
    expect(thrown(() => parseTree("tr(A*X")).message).toBe(
      "parse: \"tr(A*X\" at column 7: the end, where an operator, ',' or ')' was expected\n" +
        "  tr(A*X\n" +
        "        ^",
    );
  });

  it("says that a text is empty", () => {
    for (const text of ["", "  "]) {
      const what = "the text is empty; an expression was expected";
      expect(thrown(() => parseTree(text)).message).toBe(`parse: "${text}" at column 1: ${what}`);
    }
  });

  it("shows of a long text what is around, and line breaks as spaces", () => {
    const sum = Array.from({ length: 100 }, (_, i) => `x${i}`).join("+");
    const around = "…2+x93+x94+x95+x96+x97+x98+x99+?+x0+x1+x2+x3+x4+x5+x6+x7+x8+x…";
    expect(thrown(() => parseTree(`${sum}+?+${sum}`)).message).toBe(
      `parse: "${around}" at column 391: unknown sign "?"\n` +
        `  ${around}\n` +
        `  ${" ".repeat(31)}^`,
    );
    expect(thrown(() => parseTree("a\n+\tb)")).message).toContain('"a + b)" at column 6');
  });

  it.each([
    ["brackets", `${"(".repeat(1e5)}x`],
    ["closed brackets", `${"(".repeat(9999)}x${")".repeat(9999)}`],
    ["calls", `${"sin(".repeat(4000)}x${")".repeat(4000)}`],
    ["signs", `${"-".repeat(19_000)}x`],
    ["transposes", `x${"'".repeat(19_000)}`],
    ["terms", `x${"+x".repeat(9000)}`],
    ["factors", `x${"*x'".repeat(6000)}`],
    ["exponents", `x^${"-".repeat(19_000)}1`],
    ["powers", `${"(x^".repeat(5000)}2${")".repeat(5000)}`],
  ])("refuses too many %s by name", (_, text) => {
    const error = thrown(() => parseTree(text));
    expect(error).toBeInstanceOf(ParseError);
    expect(error.message).toMatch(/nested too deeply|at most 20000 are read/);
    expect(error.message.length).toBeLessThan(400);
  });

  it("reads what is long or deep within reason", () => {
    expect(
      namesOf(parseTree(`x0${Array.from({ length: 250 }, (_, i) => `+x${i}`).join("")}`)),
    ).toHaveLength(250);
    expect(bare(parseTree(`${"(".repeat(200)}x${")".repeat(200)}`))).toEqual({
      kind: "name",
      name: "x",
    });
  });
});

describe("any text", () => {
  it("gives its tree back when it was written from one", () => {
    fc.assert(
      fc.property(trees(), fc.constantFrom("", " ", "  "), (tree, space) => {
        const text = write(tree, space);
        expect(bare(parseTree(text))).toEqual(tree);
        const outer = parseTree(`(${text})`);
        expect([outer.at, outer.end]).toEqual([0, text.length + 2]);
        expect(bare(outer)).toEqual(tree);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  const pieces = fc.constantFrom(
    ..."+ - * / .* ./ ^ .^ ' ( ) , 1 2.5 1e3 x y a b A X eye ᵀ ⁻¹ ² . \\ # é \n".split(" "),
    ...[...functions.keys()].flatMap((name) => [name, `${name}(`]),
  );
  const garbage = fc.oneof(
    fc.array(pieces, { maxLength: 60 }).map((list) => list.join("")),
    fc.array(pieces, { maxLength: 60 }).map((list) => list.join(" ")),
    fc.string({ unit: "binary", maxLength: 100 }),
  );

  it("is a formula, or an error that says where it is none, soon", () => {
    let read = 0;
    fc.assert(
      fc.property(garbage, (text) => {
        const start = cpuTime();
        let tree: Expression;
        try {
          tree = parseTree(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
          expect((error as Error).message).toMatch(/^parse: ".*" at column \d+: /u);
          return;
        } finally {
          expect(cpuTime() - start).toBeLessThan(500);
        }
        read++;
        expect(tree.at).toBeGreaterThanOrEqual(0);
      }),
      { seed: 1, numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(0);
  });

  it("has sizes that fit or an error that names the operator, soon", () => {
    let fits = 0;
    let fails = 0;
    fc.assert(
      fc.property(trees(), (tree) => {
        const start = cpuTime();
        try {
          parse(write(tree));
          fits++;
        } catch (error) {
          expect(error).toBeInstanceOf(SizeError);
          expect(error).toBeInstanceOf(TracegradError);
          expect((error as Error).message).toMatch(/^parse: ".*" at column \d+: /u);
          fails++;
        } finally {
          expect(cpuTime() - start).toBeLessThan(2000);
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
    expect(fits).toBeGreaterThan(100);
    expect(fails).toBeGreaterThan(100);
  });
});
