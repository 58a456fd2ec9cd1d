import { describe, expect, it } from "vitest";
import { derive } from "../../src/derive/index.js";
import { init, type Tensor, trace } from "../../src/index.js";

await init();

describe("shapes of arguments", () => {
  const f = (X: Tensor) => trace(X.matmul(X));

  it("a kind beside a shape is an error that names the option", () => {
    expect(() => derive(f, { args: ["n×n symmetric"] })).toThrow(
      'derive: the shape "n×n symmetric" names the kind symmetric; kinds are an option: ' +
        '{ args: ["n×n"], kinds: { X: "symmetric matrix" } }',
    );
    const d = derive(f, { args: ["n×n"], kinds: { X: "symmetric matrix" } });
    expect(String(d.gradient)).toBe("2·X");
  });

  it("what is no shape is an error that shows some", () => {
    expect(() => derive(f, { args: ["n&n"] })).toThrow(
      '"m×n", "m,n", "3x2", "n" and "" are shapes',
    );
  });
});

describe("functions of trees", () => {
  it("are told what they are called with", () => {
    const f = ({ w }: { w: Tensor }) => w.square().sum();
    expect(() => derive(f as never, { args: ["n"] })).toThrow(
      /^derive: the function threw .*; it is called with a tensor for each of args, not with a tree/,
    );
  });
});

describe("shapes on the way", () => {
  const lines = (d: { toString(): string }) => String(d).split("\n");

  it("are said where elements come in another order", () => {
    const d = derive((X: Tensor, c: Tensor) => X.reshape([6]).mul(c).sum(), { args: ["2×3", "6"] });
    expect(lines(d)[0]).toBe("f = sum(reshape(X, [6])∘c)");
    expect(String(d.gradient)).toBe("reshape(c, [2, 3])");
    const turned = derive((X: Tensor, C: Tensor) => X.reshape([3, 2]).mul(C).sum(), {
      args: ["2×3", "3×2"],
    });
    expect(lines(turned)[0]).toBe("f = sum(reshape(X, [3, 2])∘C)"); // which is not Xᵀ
    expect(turned.check().ok).toBe(true);
  });

  it("are said where an axis comes between", () => {
    const d = derive(
      (X: Tensor) => X.expandDims(1).sub(X.expandDims(0)).square().sum({ axis: 2 }).exp().sum(),
      { args: ["n×d"] },
    );
    expect(String(d)).not.toContain("X − X");
    expect(lines(d)[0]).toBe("f = sum(exp(sum₂(S1^∘2)))");
    expect(lines(d)).toContain(
      "  S1 = broadcast(reshape(X, [n, 1, d]), [n, n, d]) − broadcast(reshape(X, [1, n, d]), [n, n, d])",
    );
    expect(d.check().ok).toBe(true);
  });

  it("are not said of vectors as rows and columns", () => {
    const d = derive((x: Tensor, A: Tensor) => x.expandDims(0).matmul(A).square().sum(), {
      args: ["3", "3×4"],
    });
    expect(lines(d)[0]).toBe("f = sum((xᵀ·A)^∘2)");
    expect(String(d)).not.toContain("reshape");
  });
});
