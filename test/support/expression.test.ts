import { describe, expect, it } from "vitest";
import { tensor } from "../../src/index.js";
import { evaluate } from "./evaluate.js";
import { type Expression, ParseError, parse } from "./expression.js";
import { Sized, SizeError } from "./sizes.js";

/** The tree with every parenthesis written. */
function spell(node: Expression): string {
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

const message = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
};

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
    ["2.*X", "(2.*X)"],
    ["1./x", "(1./x)"],
    ["0.5*1.5e-3*2E2", "((0.5*0.0015)*200)"],
    ["kron(A, X + Y)", "kron(A,(X+Y))"],
    [" sum ( x ) ", "sum(x)"],
    ["vector(1)-y.*(X*w1)", "(vector(1)-(y.*(X*w1)))"],
  ])("%s is %s", (text, want) => {
    expect(spell(parse(text))).toBe(want);
  });

  it.each([
    ["", '"", position 0: the end where a number, a name or ( was wanted'],
    ["a+", '"a+", position 2: the end where a number, a name or ( was wanted'],
    ["a b", '"a b", position 2: "b" where an operator or the end was wanted'],
    ["(a+b", '"(a+b", position 4: the end where ) was wanted'],
    ["a)", '"a)", position 1: ")" where an operator or the end was wanted'],
    ["f(a,)", '"f(a,)", position 4: ")" where a number, a name or ( was wanted'],
    ["f(a b)", '"f(a b)", position 4: "b" where , or ) was wanted'],
    ["f()", '"f()", position 2: ")" where a number, a name or ( was wanted'],
    ["a^b^c", '"a^b^c", position 3: "^" where an operator or the end was wanted'],
    ["a^-b", '"a^-b", position 2: "-" where a number, a name or ( was wanted'],
    ["a  % b", '"a  % b", position 3: unknown sign "%"'],
    ["'a", '"\'a", position 0: "\'" where a number, a name or ( was wanted'],
  ])("%s is refused", (text, want) => {
    expect(() => parse(text)).toThrow(ParseError);
    expect(message(() => parse(text))).toBe(want);
  });
});

const shapes = new Map<string, number[]>([
  ["c", []],
  ["x", [3]],
  ["y", [4]],
  ["X", [3, 4]],
  ["S", [3, 3]],
]);
const sized = (text: string): Sized => new Sized(parse(text), shapes);

describe("Sized", () => {
  it.each([
    ["c", [1, 1]],
    ["x", [3, 1]],
    ["x'*X", [1, 4]],
    ["x'*X*y", [1, 1]],
    ["(x'*x)*X", [3, 4]],
    ["x*(y'*y)", [3, 1]],
    ["x*vector(1)'+X", [3, 4]],
    ["S+c*eye", [3, 3]],
    ["x-vector(c)", [3, 1]],
    ["X.*matrix(1)", [3, 4]],
    ["X*vector(1)", [3, 1]],
    ["exp(X)./(exp(X)*matrix(1))", [3, 4]],
    ["diag(x)", [3, 3]],
    ["diag(S)", [3, 1]],
    ["kron(x,X)", [9, 4]],
    ["X/norm2(X)", [3, 4]],
    ["x.^c", [3, 1]],
    ["inv(S)*x", [3, 1]],
  ] as const)("%s is %j", (text, want) => {
    expect(sized(text).sizeOf()).toEqual(want);
  });

  it("takes open sizes from the whole", () => {
    expect(sized("eye").expect([5, 5]).sizeOf()).toEqual([5, 5]);
    expect(sized("-matrix(0)").expect([2, 3]).sizeOf()).toEqual([2, 3]);
    expect(sized("vector(1)").expect([2]).sizeOf()).toEqual([2, 1]);
    const whole = sized("kron(S,matrix(1))").expect([6, 9]);
    const { tree } = whole;
    expect(tree.kind === "call" && whole.sizeOf(tree.args[1])).toEqual([2, 3]);
  });

  it.each([
    ["X*x", "*: 4 vs 3"],
    ["x+y", "+: 3 vs 4"],
    ["x+1", "+: 3 vs 1"],
    ["det(X)", "det: 3 vs 4"],
    ["X^2", "the base of ^: 3 vs 1"],
    ["x/y", "the divisor of /: 4 vs 1"],
    ["z", "z is not among the variables"],
    ["foo(x)", "foo is not a function of the grammar"],
    ["kron(x)", "kron takes 2 argument(s), 1 came"],
    ["sum(x,y)", "sum takes 1 argument(s), 2 came"],
    ["vector(x)", "the argument of vector: 3 vs 1"],
  ])("%s does not fit", (text, want) => {
    expect(() => sized(text)).toThrow(SizeError);
    expect(message(() => sized(text))).toBe(want);
  });

  it("says which size does not follow", () => {
    expect(message(() => sized("eye").sizeOf())).toBe(
      "the size of eye does not follow from its context",
    );
    expect(message(() => sized("X").expect([4, 3]))).toBe("the whole: 3x4 vs 4x3");
    expect(message(() => sized("eye").expect([4, 3]))).toBe("the whole: 4 vs 3");
    expect(message(() => sized("kron(X,matrix(1))").expect([4, 4]))).toBe(
      "kron: 4 is no multiple of 3",
    );
  });
});

describe("evaluate", () => {
  const variables = new Map(
    Object.entries({
      c: 2,
      x: [1, 2, 3],
      M: [
        [1, 2],
        [3, 4],
      ],
      v: [5, 6],
    }).map(([k, values]) => [k, tensor(values, { dtype: "float64" })]),
  );
  const own = new Map([...variables].map(([k, x]) => [k, x.shape]));

  it.each([
    ["c^3-1", 7],
    ["-c^2", -4],
    ["x'*x", 14],
    ["M*v", [[17], [39]]],
    ["v'*M", [[23, 34]]],
    [
      "(v'*v)*M/61",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      "M-c*eye",
      [
        [-1, 2],
        [3, 2],
      ],
    ],
    ["vector(c).*v", [[10], [12]]],
    [
      "matrix(1)./M'",
      [
        [1, 1 / 3],
        [1 / 2, 1 / 4],
      ],
    ],
    ["v.^2", [[25], [36]]],
    [
      "diag(v)",
      [
        [5, 0],
        [0, 6],
      ],
    ],
    ["diag(M)", [[1], [4]]],
    [
      "adj(M)*M",
      [
        [-2, 0],
        [0, -2],
      ],
    ],
    ["tr(M)+tr(c)", 7],
    ["norm1(-M)", 10],
    ["norm2(v)^2", 61],
    ["det(M)*tr(inv(M))", 5],
    ["kron(v',v)*matrix(1)*v", [[605], [726]]],
    ["max(x)-logsumexp(vector(1)*c-v)-max(c*x)", -3 - Math.log(Math.exp(-3) + Math.exp(-4))],
    ["arctan(c)-arcsin(1)-arccos(1)", Math.atan(2) - Math.PI / 2],
  ])("%s", (text, want) => {
    const whole = new Sized(parse(text), own);
    const got = evaluate(whole, variables).toArray();
    expect([got].flat(2)).toHaveLength([want].flat(2).length);
    [want].flat(2).forEach((x, i) => {
      expect([got].flat(2)[i]).toBeCloseTo(x, 12);
    });
  });
});
