import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dim } from "../../src/derive/text/dims.js";
import { namesOf, parseTree } from "../../src/derive/text/parse.js";
import { type Program, type ProgramOptions, parse } from "../../src/derive/text/program.js";
import {
  DomainError,
  grad,
  type Nested,
  record,
  SingularError,
  type Tensor,
  TracegradError,
  tensor,
  vmap,
} from "../../src/index.js";
import { trees, write } from "../support/trees.js";
import { normal } from "../support/values.js";

const wide = (values: Nested): Tensor => tensor(values, { dtype: "float64" });

const M = [
  [1, 2],
  [3, 4],
];
const values: ReadonlyMap<string, Tensor> = new Map(
  Object.entries({ c: 2, x: [1, 2, 3], M, v: [5, 6], R: [[1, 2, 3]], C: [[1], [2]] }).map(
    ([name, value]) => [name, wide(value)],
  ),
);

const message = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    expect(error).toBeInstanceOf(TracegradError);
    return (error as Error).message;
  }
  return "nothing was thrown";
};

/** The program of a text whose variables have the shapes of the values. */
function sized(text: string) {
  const shapes = namesOf(parseTree(text)).map((name) => [name, values.get(name)?.shape]);
  return parse(text, { shapes: Object.fromEntries(shapes) });
}

describe("run", () => {
  it.each<[string, Nested]>([
    ["c^3-1", 7],
    ["-c^2", -4],
    ["1+2*3/4-5.^2", -22.5],
    ["0.1*c", 0.2],
    ["x'*x", 14],
    ["M*v", [17, 39]],
    ["v'*M", [[23, 34]]],
    ["(v'*M)'", [23, 34]],
    ["v'*M*v", 319],
    [
      "v*v'",
      [
        [25, 30],
        [30, 36],
      ],
    ],
    [
      "v*x'",
      [
        [5, 10, 15],
        [6, 12, 18],
      ],
    ],
    [
      "M*M'",
      [
        [5, 11],
        [11, 25],
      ],
    ],
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
    ["vector(c).*v", [10, 12]],
    ["vector(1)'*v", 11],
    ["vector(x'*x)-v", [9, 8]],
    [
      "matrix(1)./M'",
      [
        [1, 1 / 3],
        [1 / 2, 1 / 4],
      ],
    ],
    ["v.^2", [25, 36]],
    ["v.^-1", [1 / 5, 1 / 6]],
    [
      "M^2",
      [
        [7, 10],
        [15, 22],
      ],
    ],
    ["M^3*v", [509, 1113]],
    [
      "M^0",
      [
        [1, 0],
        [0, 1],
      ],
    ],
    [
      "M^-1",
      [
        [-2, 1],
        [1.5, -0.5],
      ],
    ],
    [
      "M^(-1)*M",
      [
        [1, 0],
        [0, 1],
      ],
    ],
    ["M⁻¹*v", [-4, 4.5]],
    [
      "diag(v)",
      [
        [5, 0],
        [0, 6],
      ],
    ],
    ["diag(M)", [1, 4]],
    ["diag(c)+1", 3],
    [
      "adj(M)*M",
      [
        [-2, 0],
        [0, -2],
      ],
    ],
    ["adj(c)", 1],
    ["inv(c)+det(c)+logdet(c)", 2.5 + Math.log(2)],
    ["tr(M)+tr(c)", 7],
    ["norm1(-M)", 10],
    ["norm2(v)^2", 61],
    ["det(M)*tr(inv(M))", 5],
    ["kron(v,x)", [5, 10, 15, 6, 12, 18]],
    ["kron(v',x')", [[5, 10, 15, 6, 12, 18]]],
    [
      "kron(v',x)",
      [
        [5, 6],
        [10, 12],
        [15, 18],
      ],
    ],
    ["kron(c,v)+kron(v,c)", [20, 24]],
    ["kron(2,3)", 6],
    ["kron(v',v)*matrix(1)*v", [605, 726]],
    ["softmax(v)'*vector(1)", 1],
    ["softmax(c)", 1],
    ["sqrt(c^4)+cosh(0)+sinh(0)+softplus(0)", 5 + Math.log(2)],
    ["max(x)-logsumexp(vector(1)*c-v)-max(c*x)", -3 - Math.log(Math.exp(-3) + Math.exp(-4))],
    ["arctan(c)-arcsin(1)-arccos(1)", Math.atan(2) - Math.PI / 2],
    // Matrices with one row or column are vectors, those with one of each scalars.
    ["R*x", 14],
    ["R", [[1, 2, 3]]],
    ["R'", [1, 2, 3]],
    ["C+v/5-vector(1)", [1, 2.2]],
    [
      "C*R",
      [
        [1, 2, 3],
        [2, 4, 6],
      ],
    ],
    [
      "R*R'*M",
      [
        [14, 28],
        [42, 56],
      ],
    ],
  ])("%s", (text, want) => {
    const got = sized(text).run(values);
    expect(got.dtype).toBe("float64");
    const wanted = wide(want);
    expect(got.shape).toEqual(wanted.shape);
    const [a, b] = [[...got.data()], [...wanted.data()]];
    a.forEach((value, i) => {
      expect(value).toBeCloseTo(b[i] as number, 12);
    });
  });

  it("takes sizes from the values where the text has none", () => {
    const { run, variables } = parse("sum((M-c*eye)*v + vector(1))");
    expect(variables.map(({ rows }) => rows)).toEqual(["n", 1, "n"]);
    expect(run(values).item()).toBe(36);
    const larger = new Map(values).set(
      "M",
      wide([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ]),
    );
    expect(run(larger.set("v", wide([1, 0, 1]))).item()).toBe(29);
  });

  it("takes factors of Kronecker products from the whole", () => {
    const { run } = parse("kron(vector(1),v)-z");
    const z = wide([1, 2, 3, 4, 5, 6]);
    expect(run(new Map(values).set("z", z)).toArray()).toEqual([4, 4, 2, 2, 0, 0]);
  });

  it("gives constants the dtype of the variables", () => {
    const single = new Map([["v", tensor([1, 2], { dtype: "float32" })]]);
    expect(parse("v+vector(0.1)").run(single).dtype).toBe("float32");
    expect(parse("exp(1)*v").run(single).dtype).toBe("float32");
    expect(parse("1/3").run(new Map()).data()).toEqual(new Float64Array([1 / 3]));
    const whole = new Map([["v", tensor([1, 2], { dtype: "int32" })]]);
    expect(parse("v+vector(0.5)").run(whole).toArray()).toEqual([1.5, 2.5]);
  });

  it("keeps what was written", () => {
    const ops = (text: string, options: ProgramOptions, ...args: Tensor[]): string[] => {
      const { run, variables } = parse(text, options);
      const f = (...xs: Tensor[]) =>
        run(new Map(variables.map(({ name }, i) => [name, xs[i] as Tensor])));
      return record(f, args)
        .tape.entries.map(({ op }) => op.name)
        .filter((op) => op !== "reshape");
    };
    const [A, x, y] = [wide(M), wide([1, 2]), wide([3, 4])];
    expect(ops("x'*y", {}, x, y)).toEqual(["dot"]);
    expect(ops("x*y'", {}, x, y)).toEqual(["outer"]);
    expect(ops("A*x", {}, A, x)).toEqual(["matmul"]);
    expect(ops("A'*A*x", {}, A, x)).toEqual(["t", "matmul", "matmul"]);
    expect(ops("x'*A*x", {}, x, A)).toEqual(["matmul", "dot"]);
    expect(ops("inv(A)*x", {}, A, x)).toEqual(["inv", "matmul"]);
    expect(ops("norm2(x)^2", {}, x)).toEqual(["norm", "square"]);
    expect(ops("x.^3", {}, x)).toEqual(["pow"]);
    expect(ops("0.5*x/7", {}, x)).toEqual(["mul", "div"]);
    expect(ops("A^2", {}, A)).toEqual(["matrixPower"]);
    expect(ops("A^-1", {}, A)).toEqual(["inv"]);
    expect(ops("tr(x'*A*x)", {}, x, A)).toEqual(["matmul", "dot"]);
  });

  it("runs under transforms", () => {
    const { run } = parse("x'*A*x");
    const f = (x: Tensor) =>
      run(
        new Map([
          ["x", x],
          ["A", wide(M)],
        ]),
      );
    expect(grad(f)(wide([1, 2])).toArray()).toEqual([12, 21]);
    expect(
      vmap(f)(
        wide([
          [1, 2],
          [0, 1],
        ]),
      ).toArray(),
    ).toEqual([27, 4]);
    expect(
      vmap(grad(f))(
        wide([
          [1, 2],
          [0, 1],
        ]),
      ).toArray(),
    ).toEqual([
      [12, 21],
      [5, 8],
    ]);
  });

  it.each<[string, Record<string, Nested>, string]>([
    ["M*v", { M }, "run: there is no value for v; the values that came: M"],
    ["M*v", {}, "run: there is no value for M; the values that came: none"],
    ["M*v", { M: [1, 2], v: [1] }, "run: M is [2]; a matrix [m, n] was wanted"],
    ["M*v", { M, v: [[1], [2]] }, "run: v is [2, 1]; a vector [n] was wanted"],
    ["c*v", { c: [1], v: [1] }, "run: c is [1]; a scalar [] was wanted"],
    ["M*v", { M, v: [1, 2, 3] }, "run: v is [3], but in the formula n×1, and n is 2 by M"],
    ["det(M)", { M: [[1, 2]] }, "run: M is [1, 2], but in the formula n×n, and n is 1 by M"],
    [
      "kron(x,y)-z",
      { x: [1, 2], y: [1, 2], z: [1, 2, 3] },
      "run: n·m is 2 times 2, but a value has 3",
    ],
    ["kron(vector(1),y)-z", { y: [1, 2], z: [1, 2, 3] }, "run: m·n is 3, no multiple of 2"],
    [
      "vector(1)'*vector(c)",
      { c: 1 },
      'parse: "vector(1)\'*vector(c)" at column 1: the size n of vector(1) follows from no variable\n' +
        "  vector(1)'*vector(c)\n  ^",
    ],
    [
      "2*eye",
      {},
      'parse: "2*eye" at column 3: the size n of eye follows from no variable\n  2*eye\n    ^',
    ],
  ])("%s of %j is refused", (text, given, want) => {
    const own = new Map(Object.entries(given).map(([name, value]) => [name, wide(value)]));
    expect(message(() => parse(text).run(own))).toBe(want);
  });

  it("asks for sizes that follow from no variable", () => {
    const sizeOf = (name: string) => (name === "n" ? 2 : undefined);
    expect(parse("2*eye", { sizeOf }).run(new Map()).toArray()).toEqual([
      [2, 0],
      [0, 2],
    ]);
  });

  it("refuses values of other shapes than were declared", () => {
    const { run } = parse("M*v", { shapes: { M: [3, 2] } });
    expect(message(() => run(values))).toBe("run: M is [2, 2], but in the formula 3×2");
  });
});

describe("random formulas", () => {
  const numbers = new Map<string, number>();
  /** Each name of a size stands for another number. */
  const sizeOf = (name: string): number => {
    if (!numbers.has(name)) numbers.set(name, numbers.size + 2);
    return numbers.get(name) as number;
  };
  const size = (dim: Dim): number =>
    typeof dim === "number"
      ? dim
      : dim.split("·").reduce((n, factor) => n * (Number(factor) || sizeOf(factor)), 1);

  it("have the sizes that were found", () => {
    let ran = 0;
    fc.assert(
      fc.property(trees(), (tree) => {
        let formula: Program;
        try {
          formula = parse(write(tree), { sizeOf });
        } catch (error) {
          if (error instanceof TracegradError) return;
          throw error;
        }
        const { variables, rows, columns, run } = formula;
        const axes = { scalar: 0, vector: 1, matrix: 2, "symmetric matrix": 2 };
        const own = variables.map(({ name, kind, rows, columns }) => {
          const shape = [size(rows), size(columns)].slice(0, axes[kind]);
          return [name, normal(shape, 1)] as const;
        });
        const [m, n] = [size(rows), size(columns)];
        if (m * n > 1e4) return;
        try {
          const want = n !== 1 ? [m, n] : m !== 1 ? [m] : [];
          expect(run(new Map(own)).shape).toEqual(want);
          ran++;
        } catch (error) {
          if (!(error instanceof DomainError || error instanceof SingularError)) throw error;
        }
      }),
      { seed: 1, numRuns: 3000 },
    );
    expect(ran).toBeGreaterThan(500);
  });
});
