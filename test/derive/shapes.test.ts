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
