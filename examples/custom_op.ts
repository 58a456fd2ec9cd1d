/**
 * Ops of one's own: a function that tracegrad does not have, with its rules.
 *
 * An op is its value (the kernel), its differential and the adjoint of that. Everything else comes
 * from these: gradients, tangents, and derivatives of any order. Two examples:
 *
 *     softsign   σ(x) = x / (1 + |x|), entrywise: one slope, σ′(x) = 1 / (1 + |x|)²;
 *     square root of a matrix   S = √A, S·S = A, with the eigenvalues of S to the right of 0.
 *
 * The second is known by an equation, and so is its differential: S·S = A gives
 *
 *     S·dS + dS·S = dA,
 *
 * a Sylvester equation, linear in dS. With L(X) = S·X + X·S it says dS = L⁻¹(dA), and
 *
 *     ⟨S̄, L⁻¹(dA)⟩ = ⟨L⁻ᵀ(S̄), dA⟩,   Lᵀ(X) = Sᵀ·X + X·Sᵀ,
 *
 * so that the adjoint Ā = L⁻ᵀ(S̄) is the same equation with Sᵀ in the place of S.
 */
import { inverse, Matrix } from "ml-matrix";
import {
  type AnyOp,
  apply,
  defineOp,
  eye,
  grad,
  init,
  inv,
  jvp,
  kron,
  ShapeError,
  solve,
  type Tensor,
  type TensorLike,
  tensor,
  trace,
} from "tracegrad";
import { CheckError, checkOp } from "tracegrad/testing";
import { check, heading, printTable } from "./shared/print.js";

const float64 = { dtype: "float64" } as const;

/** A square matrix, row by row. */
function square(...elements: number[]): Tensor {
  const n = Math.sqrt(elements.length);
  return tensor(new Float64Array(elements), { shape: [n, n] });
}

const softsignOp = defineOp({
  name: "softsign",
  inputs: ["X"],
  outputs: ["Y"],
  saves: ["Y"],
  shape: ({ X }) => X,
  // 1 − |y| = 1 / (1 + |x|), so that the slope is (1 − |y|)²: the result is all that must be kept.
  rules: { X: { slope: ({ Y }) => Y.abs().neg().add(1).square() } },
  notation: ({ X }) => ({ kind: "call", text: "softsign", parts: [X] }),
  samples: () => [
    { inputs: { X: tensor([0.5, -2, 3], float64) } },
    { inputs: { X: tensor([[0.1, -0.2]], float64) } },
  ],
  kernel: ([X], [Y]) => Y?.data.set(X?.data.map((x) => x / (1 + Math.abs(x))) ?? []),
});

/** `x / (1 + |x|)`, entrywise. */
function softsign(X: TensorLike): Tensor {
  return apply(softsignOp, { X });
}

/** The X of `S·X + X·S = C`: its rows one after another solve `(S ⊗ I + I ⊗ Sᵀ)·vec X = vec C`. */
function sylvester(S: Tensor, C: Tensor): Tensor {
  const I = eye(S.shape[0] ?? 0, { dtype: S.dtype });
  const L = kron(S, I).add(kron(I, S.T));
  return solve(L, C.reshape([C.size])).reshape(C.shape);
}

type Rule = (saved: { readonly S: Tensor }, given: Tensor) => Tensor;

/** The op √A. Its adjoint is an argument, to see what happens where it is wrong. */
const squareRoot = (adj: Rule) =>
  defineOp({
    name: "squareRoot",
    inputs: ["A"],
    outputs: ["S"],
    saves: ["S"],
    shape: ({ A }) => {
      if (A.length === 2 && A[0] === A[1]) return A;
      throw new ShapeError(`squareRoot: A is [${A.join(", ")}]; a square matrix was wanted`);
    },
    // S·S = A  ⇒  S·dS + dS·S = dA;   ⟨S̄, L⁻¹(dA)⟩ = ⟨L⁻ᵀ(S̄), dA⟩
    rules: { A: { d: ({ S }, dA) => sylvester(S, dA), adj } },
    notation: ({ A }) => ({ kind: "call", text: "√", parts: [A] }),
    samples: () => [
      { inputs: { A: square(9) } },
      { inputs: { A: square(4, 1, -2, 3) } },
      { inputs: { A: square(5, 1, 0, -1, 4, 2, 0.5, -0.5, 3) } },
      {
        inputs: { A: tensor([[1, 2, 3]], float64) },
        error: "squareRoot: A is [1, 3]; a square matrix was wanted",
      },
    ],
    // Denman and Beavers 1976: Y ← (Y + Z⁻¹)/2, Z ← (Z + Y⁻¹)/2 from Y = A, Z = I; Y becomes √A.
    kernel: ([A], [S]) => {
      const n = A?.shape[0] ?? 0;
      let Y = Matrix.from1DArray(n, n, A?.data ?? []);
      let Z = Matrix.eye(n);
      for (let change = 1, steps = 0; change > 1e-14 && steps < 50; steps++) {
        const next = Matrix.add(Y, inverse(Z)).mul(0.5);
        Z = Matrix.add(Z, inverse(Y)).mul(0.5);
        change = Matrix.sub(next, Y).norm() / next.norm();
        Y = next;
      }
      S?.data.set(Y.to1DArray());
    },
  });

const squareRootOp = squareRoot(({ S }, Sbar) => sylvester(S.T, Sbar));

/** The square root of a matrix none of whose eigenvalues is 0 or negative. */
function sqrtm(A: TensorLike): Tensor {
  return apply(squareRootOp, { A });
}

await init();
heading("Ops of one's own");

// The whole check table, from the samples of the ops.
const mine: readonly AnyOp[] = [softsignOp, squareRootOp];
const rows = mine.map((op) => {
  const { samples, differences, pairing, second } = checkOp(op);
  const offs = [differences, pairing, second].map((off) => off.toExponential(0));
  return [op.name, String(samples), ...offs];
});
printTable(["checked, off by at most", "samples", "differences", "pairing", "second order"], rows);

// A rule that is wrong is named: here the transpose is forgotten.
let said = "";
try {
  checkOp(squareRoot(({ S }, Sbar) => sylvester(S, Sbar)));
} catch (error) {
  if (error instanceof CheckError) said = error.message;
}
console.log(`\nwith S for Sᵀ in the adjoint:\n  ${said}`);
check("the forgotten transpose is found", said.includes("rules.A.adj"));

/** Says how far two tensors are apart, and that it is no more than rounding. */
function compare(what: string, got: Tensor, closed: Tensor): void {
  const off = got.sub(closed).abs().max().item();
  check(`${what}: ${off.toExponential(0)} from the closed form`, off <= 1e-12);
}

// Entrywise, the derivatives are σ′ = (1 + |x|)⁻², σ″ = −2 sign(x) (1 + |x|)⁻³, σ‴ = 6 (1 + |x|)⁻⁴.
console.log("\nsoftsign");
const x = tensor([-3, -0.5, 0.25, 2], float64);
const dx = tensor([1, 2, -1, 0.5], float64);
const size = x.abs().add(1);
const first = grad((x: Tensor) => softsign(x).sum());
const second = grad((x: Tensor) => first(x).sum());
const third = grad((x: Tensor) => second(x).sum());
compare("gradient", first(x), size.pow(-2));
compare("tangent", jvp(softsign, [x], [dx])[1], size.pow(-2).mul(dx));
compare("second derivative", second(x), x.sign().mul(-2).mul(size.pow(-3)));
compare("third derivative", third(x), size.pow(-4).mul(6));

// f(A) = tr √A has the gradient G = ½ (√A)⁻ᵀ. And √(cA) = √c √A, so that along A itself (Euler)
// d√A = ½ √A and dG = −½ G, and the gradient of ⟨G(A), A⟩ = ½ f(A) is ½ G.
console.log("\nsquare root of a matrix");
const A = square(6, 1, 0, 2, -1, 5, 2, 0, 1, 0, 4, -1, 0, -2, 1, 7);
const S = sqrtm(A);
const f = (A: Tensor): Tensor => trace(sqrtm(A));
const G = inv(S).T.div(2);
compare("S·S = A", S.matmul(S), A);
compare("gradient of tr √A", grad(f)(A), G);
compare("tangent along A", jvp(sqrtm, [A], [A])[1], S.div(2));
compare("tangent of the gradient", jvp(grad(f), [A], [A])[1], G.div(-2));
compare("gradient of the gradient", grad((A: Tensor) => grad(f)(A).mul(A).sum())(A), G.div(2));
