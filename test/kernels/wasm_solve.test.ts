import { describe, expect, it } from "vitest";
import { cholesky, logdet, ops, solve, solveTriangular, type Tensor, t } from "../../src/index.js";
import { referenceKernels } from "../../src/kernels/reference/index.js";
import { wasmKernels } from "../../src/kernels/wasm/index.js";
import type { WasmKernel } from "../../src/kernels/wasm/kernel.js";
import { fromData } from "../../src/tensor/create.js";
import { allocate, type DType, dtypeOf, type TypedArray } from "../../src/tensor/dtype.js";
import { generator } from "../../src/tensor/random.js";
import { type Shape, sizeOf } from "../../src/tensor/shape.js";
import { distance } from "../../src/testing/compare.js";
import { onHeap } from "../on_heap.js";
import { said } from "../support/values.js";

interface Input {
  readonly shape: Shape;
  readonly data: TypedArray;
}

const floats = ["float32", "float64"] as const;
const within = { float32: 2e-4, float64: 1e-11 };
/** Those around which the kernels change their ways, and the tails of vectors and panels. */
const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64, 65, 100, 129, 200];

const next = generator(11);

/** Random numbers; `shift` is added on the diagonal. */
function random(dtype: DType, shape: Shape, shift = 0): Input {
  const data = allocate(dtype, sizeOf(shape));
  const n = shape.at(-1) as number;
  for (let i = 0; i < data.length; i++) data[i] = 2 * next() - 1;
  for (let i = 0; shift && i < data.length; i++) {
    if (Math.floor(i / n) % n === i % n) data[i] = (data[i] as number) + shift;
  }
  return { shape, data };
}

const given = (dtype: DType, shape: Shape, ...values: number[]): Input => {
  const data = allocate(dtype, sizeOf(shape));
  data.set(values);
  return { shape, data };
};

/** The outputs of an op by the reference kernel and by ours. */
function both(name: string, inputs: Input[], attrs?: unknown) {
  const op = ops.find((entry) => entry.op.name === name)?.op;
  const dtype = dtypeOf((inputs[0] as Input).data);
  const [A, B] = inputs.map(({ shape }) => shape);
  const found = op?.shape({ X: A, L: A, A, B, Hs: [] } as never, attrs as never) as Shape;
  const shapes = Array.isArray(found[0]) ? (found as unknown as Shape[]) : [found];
  const kernel = wasmKernels[name] as WasmKernel;
  return {
    reference: () => {
      const outputs = shapes.map((shape) => ({ shape, data: allocate(dtype, sizeOf(shape)) }));
      referenceKernels[name]?.(inputs, outputs, attrs as never);
      return outputs.map(({ data }) => data);
    },
    ours: () =>
      onHeap(
        kernel,
        inputs,
        shapes.map((shape) => ({ shape, dtype })),
        attrs,
      ),
  };
}

function agree(name: string, inputs: Input[], attrs?: unknown): void {
  const { reference, ours } = both(name, inputs, attrs);
  const wanted = reference();
  const label = `${name} of ${inputs.map(({ shape }) => `[${shape}]`)}`;
  ours().forEach((found, i) => {
    expect(distance(found, wanted[i] as TypedArray), label).toBeLessThan(
      within[dtypeOf(found) as "float32"],
    );
  });
}

/** An op that ran on tensors gave what the reference gives. */
function same(name: string, found: Tensor, inputs: Input[], attrs?: unknown): void {
  const [wanted] = both(name, inputs, attrs).reference() as [TypedArray];
  const dtype = found.dtype as "float32";
  expect(distance(found.data(), wanted), `${name} of ${inputs[0]?.shape}`).toBeLessThan(
    within[dtype],
  );
}

describe.each(floats)("solvers of %s", (dtype) => {
  const batches: Shape[] = [[], [3], [2, 2], [1, 2, 1, 2, 1]];

  it.each(["inv", "det", "logdet", "slogdet", "adjugate"])("%s", (name) => {
    const shift = name === "logdet" ? 9 : 0;
    for (const n of sizes) {
      if (name !== "adjugate" || n < 50) {
        agree(name, [random(dtype, [n, n], n < 2 ? 3 : shift + n / 16)]);
      }
    }
    for (const lead of [...batches, [0], [0, 2]]) agree(name, [random(dtype, [...lead, 6, 6], 9)]);
  });

  it("exchanges rows", () => {
    for (const n of sizes.filter((n) => n > 1 && n < 40)) {
      const X = random(dtype, [n, n]);
      for (let i = 0; i < n; i++) X.data[i * (n + 1)] = 0;
      for (const name of ["inv", "slogdet"]) agree(name, [X]);
      agree("solve", [X, random(dtype, [n, 3])]);
    }
  });

  it("solve", () => {
    for (const n of sizes) {
      for (const k of [0, 1, 2, 4, 5, 16, 21]) {
        agree("solve", [random(dtype, [n, n], 1 + n / 8), random(dtype, [n, k])]);
      }
    }
    for (const n of [1, 5, 33]) {
      for (const [a, b] of [
        [[3], []],
        [[], [3]],
        [[2, 1], [3]],
        [
          [1, 3],
          [2, 1],
        ],
        [[2], [2]],
      ]) {
        const A = random(dtype, [...(a as number[]), n, n], 1 + n / 8);
        agree("solve", [A, random(dtype, [...(b as number[]), n, 2])]);
      }
    }
  });

  it("solveTriangular", () => {
    for (const lower of [true, false]) {
      for (const unitDiagonal of [true, false]) {
        const attrs = { lower, unitDiagonal };
        for (const n of sizes) {
          const L = random(dtype, [n, n], 2);
          const scale = unitDiagonal ? 4 / (n + 4) : 1;
          for (let i = 0; i < L.data.length; i++) L.data[i] = (L.data[i] as number) * scale;
          for (const k of [0, 1, 3, 4, 16, 23]) {
            agree("solveTriangular", [L, random(dtype, [n, k])], attrs);
          }
        }
        for (const [a, b] of [
          [[3], []],
          [[], [3]],
          [[2, 1], [3]],
          [[0], [1]],
        ]) {
          const L = random(dtype, [...(a as number[]), 5, 5], 4);
          agree("solveTriangular", [L, random(dtype, [...(b as number[]), 5, 2])], attrs);
        }
      }
    }
  });

  it("solveTriangular does not read the other triangle", () => {
    for (const n of [3, 20, 70]) {
      for (const lower of [true, false]) {
        for (const k of [1, 3, 8]) {
          const L = random(dtype, [n, n], 4 + n / 8);
          for (let i = 0; i < n; i++) {
            for (let j = 0; j < i; j++) L.data[lower ? j * n + i : i * n + j] = Number.NaN;
          }
          const B = random(dtype, [n, k]);
          agree("solveTriangular", [L, B], { lower, unitDiagonal: false });
          for (let i = 0; i < n; i++) L.data[i * (n + 1)] = Number.NaN;
          for (let i = 0; i < n * n; i++) L.data[i] = (L.data[i] as number) / n;
          agree("solveTriangular", [L, B], { lower, unitDiagonal: true });
          const turned = solveTriangular(t(fromData(L.data, L.shape)), fromData(B.data, B.shape), {
            lower: !lower,
            unitDiagonal: true,
          });
          expect(Array.from(turned.data()).every(Number.isFinite)).toBe(true);
        }
      }
    }
  });

  it("reads transposes as they lie", () => {
    const turned = ({ shape, data }: Input): Tensor => t(fromData(data, shape));
    const plain = (x: Tensor): Input => ({ shape: x.shape, data: x.data() });
    for (const n of [2, 5, 16, 33, 70]) {
      const X = random(dtype, [2, n, n], 2 * Math.sqrt(n) + 1);
      for (const k of [1, 2, 3, 8, 19, n]) {
        const B = random(dtype, [2, k, n]);
        same("solve", solve(turned(X), turned(B)), [plain(turned(X)), plain(turned(B))]);
        const straight = t(turned(B)).add(0);
        if (k === n) same("solve", solve(turned(X), straight), [plain(turned(X)), plain(straight)]);
        for (const lower of [true, false]) {
          const attrs = { lower, unitDiagonal: false };
          const Y = solveTriangular(turned(X), turned(B), attrs);
          same("solveTriangular", Y, [plain(turned(X)), plain(turned(B))], attrs);
        }
      }
      same("logdet", logdet(turned(X)), [plain(turned(X))]);
      same("cholesky", cholesky(turned(X)), [plain(turned(X))]);
    }
    expect(said(() => solve(turned(given(dtype, [2, 2], 1, 1, 0, 0)), [1, 1]))[1]).toBe(
      "solve: A is singular (pivot 2 is 0)",
    );
  });

  it("cholesky", () => {
    for (const n of [...sizes, 300]) {
      agree("cholesky", [random(dtype, [n, n], 2 * Math.sqrt(n + 1))]);
    }
    for (const lead of batches) agree("cholesky", [random(dtype, [...lead, 6, 6], 9)]);
  });

  it("knows a matrix that comes again, and no other", () => {
    for (const n of [1, 2, 9, 20, 40]) {
      const X = random(dtype, [n, n], n + 1);
      for (let changed = 0; changed < 3; changed++) {
        for (const name of ["slogdet", "inv", "adjugate", "inv", "logdet", "det"]) agree(name, [X]);
        for (const k of [1, 5]) agree("solve", [X, random(dtype, [n, k])]);
        agree("inv", [X]);
        X.data[n * n - 1] = (X.data[n * n - 1] as number) + 1;
      }
    }
    const [X, Y] = [random("float32", [12, 12], 9), random("float64", [12, 12], 9)];
    for (const x of [X, Y, X, { ...X, data: Float64Array.from(X.data) }, X]) agree("inv", [x]);
    // 640 is too large to be kept; a block that was read before must not pass for it.
    for (const n of [640, 640, 3]) {
      const x = random(dtype, [n, n], n);
      agree("inv", [x]);
      agree("solve", [x, random(dtype, [n, 2])]);
    }
  });

  it("throws what the reference throws", () => {
    const singular = given(dtype, [3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9);
    const second = given(dtype, [2, 2, 2], 1, 0, 0, 1, 0, 0, 0, 1);
    const negative = given(dtype, [2, 2], 0, 1, 1, 0);
    const B = random(dtype, [3, 1]);
    const large = random(dtype, [40, 40]);
    large.data.copyWithin(40, 0, 40);
    const none = given(dtype, [0, 3, 1]);
    const cases: [string, Input[]][] = [
      ["inv", [singular]],
      ["inv", [second]],
      ["inv", [large]],
      ["logdet", [singular]],
      ["logdet", [negative]],
      ["logdet", [second]],
      ["solve", [singular, B]],
      ["solve", [singular, none]],
      ["solve", [second, random(dtype, [2, 2])]],
      ["solveTriangular", [second, random(dtype, [2, 2])]],
      ["cholesky", [singular]],
      ["cholesky", [negative]],
      ["cholesky", [random(dtype, [70, 70], 3)]],
    ];
    for (const [name, inputs] of cases) {
      const { reference, ours } = both(name, inputs, { lower: true, unitDiagonal: false });
      const wanted = said(reference);
      expect(wanted[1], name).toContain(name);
      expect(said(ours), name).toEqual(wanted);
    }
  });

  it("of singular matrices, det is 0 and slogdet has sign 0", () => {
    for (const n of [2, 12, 40]) {
      const X = given(dtype, [n, n]);
      for (let i = 0; i < n * n; i++) X.data[i] = (i * i) % 7;
      for (let i = 0; i < n; i++) X.data[i * n + 1] = 0;
      for (const name of ["det", "slogdet"]) {
        const { reference, ours } = both(name, [X]);
        expect(ours()).toEqual(reference());
      }
    }
  });

  it("adjugate of singular matrices and nearly singular ones", () => {
    for (const n of [2, 3, 4, 5, 9, 12]) {
      for (const rank of [n - 2, n - 1]) {
        for (const noise of [0, 1e-10, 1e-5, 1e-3]) {
          const [A, B] = [random(dtype, [n, n]), random(dtype, [n, n])];
          const X = given(dtype, [n, n]);
          for (let i = 0; i < n * n; i++) {
            let x = noise * (next() - 0.5);
            for (let k = 0; k < rank; k++) {
              x +=
                (A.data[Math.floor(i / n) * n + k] as number) * (B.data[k * n + (i % n)] as number);
            }
            X.data[i] = x;
          }
          agree("adjugate", [X]);
        }
      }
    }
  });

  it("passes numbers on that are not finite", () => {
    for (const x of [Number.NaN, Infinity, -Infinity]) {
      for (const n of [1, 2, 5, 20, 40]) {
        const X = random(dtype, [n, n], n);
        X.data[n * n - 1] = x;
        for (const name of ["inv", "det", "slogdet", "cholesky"]) {
          if (name !== "cholesky" || !(x < 0)) agree(name, [X]);
        }
      }
    }
  });

  it("determinants neither overflow nor vanish on the way", () => {
    const big = dtype === "float32" ? 1e30 : 1e200;
    const X = given(dtype, [40, 40]);
    for (let i = 0; i < 40; i++) X.data[i * 41] = i < 20 ? big : 1 / big;
    for (const name of ["det", "logdet", "slogdet"]) {
      const { reference, ours } = both(name, [X]);
      if (name !== "det") agree(name, [X]);
      else expect(distance(ours()[0] as TypedArray, Float64Array.of(1))).toBeLessThan(1e-5);
      expect(reference()).toBeDefined();
    }
  });
});
