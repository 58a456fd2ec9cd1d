import fc from "fast-check";
import { expect, it } from "vitest";
import {
  concat,
  grad,
  hessian,
  hvp,
  inv,
  jacobian,
  jvp,
  type LinearOperator,
  leaves,
  linearize,
  SingularError,
  stack,
  type Tensor,
  tensor,
  transpose,
  vmap,
  zeros,
} from "../src/index.js";
import { distance, numbers } from "../src/testing/compare.js";
import { type Program, programs } from "./support/programs.js";
import { normal } from "./support/values.js";

// What must hold for every function: the ways to one derivative agree. Programs are random, but the
// same in every run; other seeds and longer runs are a matter of two variables:
// PROPERTY_SEED=7 PROPERTY_RUNS=10000 npx vitest run test/properties.test.ts

const { PROPERTY_SEED = "1", PROPERTY_RUNS } = process.env;
let seed = Number(PROPERTY_SEED);
const operator = { form: "operator" } as const;

/** Holds for so many programs; one that fails is made as small as can be, and shown. */
function holds(
  name: string,
  usual: number,
  kind: Parameters<typeof programs>[0],
  property: (program: Program, wrt: number | readonly number[], choice: number) => void,
): void {
  const numRuns = Number(PROPERTY_RUNS ?? usual);
  const check = fc.property(programs(kind), fc.nat(59), (program, choice) => {
    const every = program.args.map((_, i) => i);
    const chosen = [...every, every][choice % (every.length + 1)] as number | number[];
    property(program, chosen, choice);
  });
  const parameters = { seed: seed++, numRuns };
  it(name, { timeout: 60_000 + 200 * numRuns }, () => fc.assert(check, parameters));
}

/** Of the same shapes, and apart by no more than rounding errors beside the largest. */
function agree(what: string, got: unknown, want: unknown, tolerance = 1e-9): void {
  const [a, b] = [leaves(got), leaves(want)];
  expect(
    a.map((x) => x.shape),
    what,
  ).toEqual(b.map((x) => x.shape));
  const off = distance(a.flatMap(list), b.flatMap(list));
  if (off > tolerance) expect(a.map(list), `${what} is off by ${off}`).toEqual(b.map(list));
}

const list = (x: Tensor): number[] => Array.from(numbers(x));
const flat = (x: Tensor): Tensor => x.reshape([x.size]);

type Several = Tensor | Tensor[];

/** Columns under one another, and so the tensors of a list. */
const vec = (x: Several): Tensor => concat(leaves(x).map((one) => flat(transpose(one))));

/** The tensors of several arguments as `wrt` asks for them. */
function pick(all: readonly Tensor[], wrt: number | readonly number[]): Several {
  return typeof wrt === "number" ? (all[wrt] as Tensor) : wrt.map((i) => all[i] as Tensor);
}

/** A direction for each argument, 0 where `wrt` does not name it. */
function directions(args: readonly Tensor[], wrt: number | readonly number[]): Tensor[] {
  return args.map((x, i) =>
    [wrt].flat().includes(i) ? normal([...x.shape], 50 + i) : zeros(x.shape, { dtype: x.dtype }),
  );
}

/** Column by column, `[...y.shape, ...x.shape]` for argument `i`: the definition. */
function byColumns({ f, args }: Program, i: number): Tensor {
  const [y, push] = linearize(f, ...args);
  const x = args[i] as Tensor;
  if (x.size === 0) return zeros([...y.shape, ...x.shape], { dtype: "float64" });
  const columns = Array.from({ length: x.size }, (_, j) => {
    const unit = new Float64Array(x.size);
    unit[j] = 1;
    return flat(push(...directions(args, []).with(i, tensor(unit).reshape(x.shape))));
  });
  return stack(columns, { axis: 1 }).reshape([...y.shape, ...x.shape]);
}

/** A block of a Jacobian with the axes of x first. */
function swapped(J: Tensor, rank: number): Tensor {
  const axes = J.shape.map((_, i) => i);
  return transpose(J, [...axes.slice(rank), ...axes.slice(0, rank)]);
}

/** Where a map is far from singular, or so much of the identity is added, `solve` undoes `apply`. */
function undone(map: LinearOperator<Several, Several, unknown>, V: Several): void {
  const M = map.matrix();
  if (M.size === 0 || M.shape[0] !== M.shape[1]) return;
  const image = map.apply(V);
  if (condition(M) < 1e3) agree("solve", map.solve(image), V, 1e-8);
  const [dx, dy] = [leaves(V), leaves(image)];
  if (shapes(dx) !== shapes(dy)) return;
  const shift = 1 + 2 * M.size * largest(M);
  const G = dy.map((y, i) => y.add((dx[i] as Tensor).mul(shift)));
  agree("solve, shifted", map.solve(Array.isArray(image) ? G : (G[0] as Tensor), { shift }), V);
}

const shapes = (all: readonly Tensor[]): string => JSON.stringify(all.map((x) => x.shape));

const largest = (x: Tensor): number => Math.max(0, ...list(x).map(Math.abs));

/** By how much solving can make errors larger; infinite where a matrix is singular. */
function condition(M: Tensor): number {
  try {
    return M.size * Math.max(1, largest(M)) * largest(inv(M));
  } catch (error) {
    if (error instanceof SingularError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

holds("Jacobians are the same however they are found", 400, {}, (program, wrt) => {
  const { f, args, names } = program;
  const y = f(...args);
  const want = [wrt].flat().map((i) => byColumns(program, i));
  for (const mode of ["forward", "reverse"] as const) {
    agree(mode, jacobian(f, { wrt, mode })(...args), want);
    agree(`${mode}, in chunks`, jacobian(f, { wrt, mode, chunk: 2 })(...args), want);
  }
  agree("by structure", jacobian(f, { wrt })(...args), want);
  const turned = want.map((J) => swapped(J, y.rank));
  const layout = "denominator" as const;
  agree("denominator layout", jacobian(f, { wrt, layout })(...args), turned);
  agree("and forward", jacobian(f, { wrt, layout, mode: "forward" })(...args), turned);

  const J = jacobian(f, { wrt, names, ...operator })(...args);
  agree("dense", J.dense(), want);
  const dense = jacobian(f, { wrt, layout, ...operator })(...args).dense();
  agree("dense, denominator layout", dense, turned);
  const rows = want.map((block) => block.reshape([y.size, block.size / Math.max(1, y.size)]));
  if (y.size > 0) agree("matrix", J.matrix({ order: "row" }), concat(rows, { axis: 1 }));
  const V = directions(args, wrt);
  const [, dy] = jvp(f, [...args], V);
  agree("apply", J.apply(pick(V, wrt)), dy);
  agree("matrix, by columns", J.matrix().matmul(vec(pick(V, wrt))), vec(dy));
  undone(J, pick(V, wrt));
});

holds("Hessians are the same however they are found", 250, { isScalar: true }, (program, wrt) => {
  const { f, args, names } = program;
  const gradient = grad(f, { wrt });
  const want = jacobian(gradient, { wrt, mode: "forward" })(...args);
  agree("reverse", jacobian(gradient, { wrt, mode: "reverse" })(...args), want);
  agree("by structure", hessian(f, { wrt })(...args), want);
  agree("in chunks", hessian(f, { wrt, chunk: 2 })(...args), want);

  const H = hessian(f, { wrt, names, ...operator })(...args);
  agree("dense", H.dense(), want);
  agree("value", H.value, f(...args));
  agree("gradient", H.gradient, gradient(...args));
  const M = H.matrix();
  agree("transposed", M.T, M, 1e-12);

  const V = directions(args, wrt);
  const every = args.map((_, i) => i);
  const swept = hvp(f, [...args], V);
  agree("apply", H.apply(pick(V, wrt)), pick(swept, wrt));
  agree("matrix", M.matmul(vec(pick(V, wrt))), vec(pick(swept, wrt)));
  const all = grad(f, { wrt: every });
  agree("forward over reverse", jvp(all, [...args], V)[1], swept);
  const slope = (...own: Tensor[]) => jvp(f, own, V)[1];
  agree("reverse over forward", grad(slope, { wrt: every })(...args), swept);
  const inner = (...own: Tensor[]) => sumOf(all(...own).map((G, i) => G.mul(V[i] as Tensor).sum()));
  agree("reverse over reverse", grad(inner, { wrt: every })(...args), swept);

  undone(H, pick(V, wrt));
});

/** Any function of the arguments of a program, to a tensor or a list of such. */
type Transformed = (...args: Tensor[]) => unknown;

const sumOf = (all: readonly Tensor[]): Tensor => all.reduce((a, b) => a.add(b));

/** The gradients of what `g` gives, each of its tensors with weights of its own. */
function through(g: Transformed, args: readonly Tensor[]): Tensor[] {
  const weighed = (...own: Tensor[]) =>
    sumOf(leaves(g(...own)).map((y, i) => y.mul(normal([...y.shape], 70 + i)).sum()));
  return grad(weighed, { wrt: args.map((_, i) => i) })(...args);
}

holds("gradients go through Jacobians", 150, {}, ({ f, args, names }, wrt) => {
  const want = through(jacobian(f, { wrt, mode: "forward" }), args);
  agree("reverse", through(jacobian(f, { wrt, mode: "reverse" }), args), want);
  agree("by structure", through(jacobian(f, { wrt }), args), want);
  const J = jacobian(f, { wrt, names, ...operator });
  agree(
    "dense",
    through((...own) => J(...own).dense(), args),
    want,
  );
  const V = directions(args, wrt);
  const along: Transformed = (...own) => jvp(f, own, V)[1];
  const applied: Transformed = (...own) => J(...own).apply(pick(V, wrt));
  agree("apply", through(applied, args), through(along, args));
});

holds("gradients go through Hessians", 150, { isScalar: true }, ({ f, args, names }, wrt) => {
  const want = through(jacobian(grad(f, { wrt }), { wrt, mode: "forward" }), args);
  agree("by structure", through(hessian(f, { wrt }), args), want);
  const H = hessian(f, { wrt, names, ...operator });
  agree(
    "dense",
    through((...own) => H(...own).dense(), args),
    want,
  );
  const V = directions(args, wrt);
  const along: Transformed = (...own) => pick(hvp(f, own, V), wrt);
  const applied: Transformed = (...own) => H(...own).apply(pick(V, wrt));
  agree("apply", through(applied, args), through(along, args));
});

/** Three entries near the arguments of a program, all of them or the first alone along an axis. */
function entriesOf(args: readonly Tensor[], choice: number) {
  const inAxes = args.map((x, i) =>
    i === 0 || choice % 2 === 0 ? (choice + i) % (x.rank + 1) : null,
  );
  const moved = (x: Tensor, entry: number): Tensor =>
    entry === 0 ? x : x.add(normal([...x.shape], 80 + entry).mul(0.1));
  const calls = [0, 1, 2].map((entry) =>
    args.map((x, i) => (inAxes[i] === null ? x : moved(x, entry))),
  );
  const whole = args.map((x, i) => {
    const axis = inAxes[i] ?? null;
    return axis === null
      ? x
      : stack(
          calls.map((own) => own[i] as Tensor),
          { axis },
        );
  });
  /** What a function gives for one entry after the other, and for all. */
  const same = (what: string, g: Transformed): void => {
    const each = calls.map((own) => leaves(g(...own)));
    const want = leaves(each[0]).map((_, k) => stack(each.map((one) => one[k] as Tensor)));
    agree(what, vmap(g, { inAxes })(...whole), want);
  };
  return { inAxes, whole, same };
}

holds("vmap is a loop", 150, {}, ({ f, args }, wrt, choice) => {
  const { same } = entriesOf(args, choice);
  same("f", f);
  same("jacobian", jacobian(f, { wrt }));
  same("jacobian, forward", jacobian(f, { wrt, mode: "forward", chunk: 2 }));
  same("jacobian, reverse", jacobian(f, { wrt, mode: "reverse" }));
});

holds("vmap of Hessians is a loop", 150, { isScalar: true }, ({ f, args }, wrt, choice) => {
  const { inAxes, whole, same } = entriesOf(args, choice);
  same("gradient", grad(f, { wrt }));
  same("hessian", hessian(f, { wrt }));
  const V = pick(directions(args, wrt), wrt);
  same("apply", (...own) => hessian(f, { wrt, ...operator })(...own).apply(V));
  const summed = (...own: Tensor[]) =>
    vmap(f, { inAxes })(...own)
      .sin()
      .sum();
  const want = jacobian(grad(summed, { wrt }), { wrt, mode: "forward" })(...whole);
  agree("hessian of vmap", hessian(summed, { wrt })(...whole), want);
});

holds("operators print in short", 200, {}, ({ f, args, names }, wrt) => {
  const squared = (...own: Tensor[]) =>
    f(...own)
      .square()
      .sum();
  for (const options of [
    { wrt, names, ...operator },
    { wrt, ...operator },
  ]) {
    const J = String(jacobian(f, options)(...args));
    const H = String(hessian(squared, options)(...args));
    expect(J).toMatch(/^Jacobian, numerator layout\n./);
    expect(H).toMatch(/^Hessian, numerator layout\n./);
    for (const text of [J, H]) {
      expect(text.length).toBeLessThan(20_000);
      expect(text).not.toMatch(/undefined|NaN|object/);
    }
  }
});
