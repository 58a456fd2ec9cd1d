import { describe, expect, it } from "vitest";
import { type Expression, parse } from "../../src/derive/parse.js";

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
});
