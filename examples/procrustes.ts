/**
 * Orthogonal Procrustes: how a protein must be turned to lie on its other shape.
 *
 * Two shapes of one protein, as rows of A and B (n×3) with their centres at the origin, differ by
 * how it was laid into its crystal and by how it moved. The orthogonal Q of the best fit solves
 *
 *     minimize f(Q) = 1/(2n) ‖AQ − B‖²   subject to   QᵀQ = I.
 *
 * Since ‖AQ‖ = ‖A‖, f = ½/n (‖A‖² + ‖B‖²) − tr(QᵀM) with M = 1/n AᵀB. Its Lagrangian,
 *
 *     L(Q, Λ) = −tr(QᵀM) + ½ tr(Λ(QᵀQ − I))   with Λ symmetric,   has   ∂L/∂Q = QΛ − M.
 *
 * Zero is M = QΛ, a polar decomposition: with the singular values M = UΣVᵀ the best fit is Q = UVᵀ,
 * with the multipliers Λ = VΣVᵀ. Signs may be chosen, Λ = VDΣVᵀ and Q = UDVᵀ with D = diag(±1), but
 * tr(QᵀM) = tr Λ is largest when no eigenvalue of Λ is negative.
 *
 * Steps along −∂f/∂Q leave the constraint. With G = ∂f/∂Q the matrix Ω = GQᵀ − QGᵀ is skew, Cayley's
 * transform of it a rotation, and the step Q ← (I + η/2 Ω)⁻¹(I − η/2 Ω)Q keeps QᵀQ = I whatever its
 * length; f falls by η/2 ‖Ω‖² to first order, for df = tr(GᵀdQ) with dQ = −ηΩQ. It keeps the sign of
 * det Q, too: rotations and reflections do not mix (Wen and Yin, Mathematical Programming 2013).
 *
 * The data: the α-carbons of adenylate kinase from E. coli by X-ray crystallography, open (4AKE) and
 * closed around an inhibitor (1AKE), Müller and others 1996, Müller and Schulz 1992. The core is laid
 * on the core; the two lids, residues 30 to 67 and 118 to 160, then show how they close.
 */
import { SingularValueDecomposition } from "ml-matrix";
import { det, diag, eigh, eye, grad, init, solve, svd, type Tensor, tensor } from "tracegrad";
import { readCsv } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { draw } from "./pictures/procrustes.js";
import { checkGradient, compare, entry, type Row, size } from "./shared/compare.js";
import { matrixOf } from "./shared/eigen.js";
import { check, heading } from "./shared/print.js";

const float64 = { dtype: "float64" } as const;

await init();
heading("Orthogonal Procrustes: one protein in two shapes");

const file = new URL("data/adenylate_kinase.csv", import.meta.url);
const x = { open_x: "number", open_y: "number", open_z: "number" } as const;
const y = { closed_x: "number", closed_y: "number", closed_z: "number" } as const;
const atoms = await readCsv(file, { columns: { residue: "number", ...x, ...y } });
const open = atoms.tensor(["open_x", "open_y", "open_z"], float64);
const closed = atoms.tensor(["closed_x", "closed_y", "closed_z"], float64);
const isLid = (residue: number): boolean =>
  (residue >= 30 && residue <= 67) || (residue >= 118 && residue <= 160);
const core = atoms.column("residue").flatMap((residue, i) => (isLid(residue) ? [] : [i]));
const n = core.length;
const centred = (X: Tensor): Tensor => X.sub(X.take(core).mean({ axis: 0 }));
const A = centred(open).take(core);
const B = centred(closed).take(core);
const M = A.T.matmul(B).div(n);
const I = eye(3, float64);

// Near the solution a step takes η(σᵢ + σⱼ) of what is left, σ the singular values of M; the sum of
// two is at most √2 ‖M‖.
const f = (Q: Tensor, A: Tensor, B: Tensor): Tensor =>
  A.matmul(Q).sub(B).square().sum({ axis: 1 }).mean().div(2);
const slopeOf = grad(f);
const rate = 1 / (Math.SQRT2 * M.norm().item());
const { gradient } = derive(f, { args: ["3×3", "n×3", "n×3"], names: ["Q", "A", "B"] });
console.log(`${atoms.length} α-carbons, ${n} of them in the core\n∂f/∂Q = ${gradient}`);

checkGradient("∂f/∂Q", slopeOf(I, A, B), A.T.matmul(A.sub(B)).div(n));

const apart = (Q: Tensor): number => Math.sqrt(2 * f(Q, A, B).item());

/** Follows the gradient through the orthogonal matrices from Q on, and finds the multipliers. */
function descend(name: string, start: Tensor): { Q: Tensor; Lambda: Tensor } {
  let Q = start;
  let steps = 0;
  for (let slope = Number.POSITIVE_INFINITY; slope > 1e-12 && steps < 2000; steps++) {
    const G = slopeOf(Q, A, B);
    const Omega = G.matmul(Q.T).sub(Q.matmul(G.T));
    const half = Omega.mul(rate / 2);
    Q = solve(I.add(half), I.sub(half).matmul(Q));
    slope = size(Omega);
  }
  const Lambda = Q.T.matmul(M);
  console.log(`${name}: ${steps} steps of ${rate.toFixed(4)}, det Q = ${det(Q).item().toFixed(8)}`);
  check("∂L/∂Q vanishes (1e-10): Λ = QᵀM is symmetric", size(Lambda.sub(Lambda.T)) <= 1e-10);
  check("∂L/∂Λ vanishes (1e-12): Q is orthogonal", size(Q.T.matmul(Q).sub(I)) <= 1e-12);
  return { Q, Lambda };
}

const flip = diag(tensor([1, 1, -1], float64));
const turned = descend("rotations, from no turn", I);
const mirrored = descend("reflections, from a mirror", flip);

// The closed form, and the same by ml-matrix. The best reflection, too, where the best of all is a
// rotation: it has the sign that belongs to the smallest singular value changed.
const { U, s, Vt } = svd(M);
const best = U.matmul(Vt);
const outside = new SingularValueDecomposition(matrixOf(M));
const other = outside.leftSingularVectors.mmul(outside.rightSingularVectors.transpose());
const reflection = U.matmul(flip).matmul(Vt);
check("the best of all is a rotation", det(best).item() > 0);

const places = [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => [i, j] as const));
const inQ = compare(
  "Q, row by row",
  ["gradient", "UVᵀ", "UVᵀ by ml-matrix"],
  places.map(([i, j]) => {
    const place = `row ${i + 1}, column ${j + 1}`;
    return [place, entry(turned.Q, i, j), entry(best, i, j), other.get(i, j)];
  }),
);
const spectrum = (Lambda: Tensor): number[] => [...eigh(Lambda).w.data()].reverse();
const [ofTurned, ofMirrored] = [spectrum(turned.Lambda), spectrum(mirrored.Lambda)];
const inLambda = compare(
  "the multipliers: eigenvalues of Λ next to singular values of M",
  ["gradient", "DΣ"],
  [...s.data()].flatMap((sigma, i): Row[] => [
    [`rotation ${i + 1}`, ofTurned[i] ?? Number.NaN, sigma],
    [`reflection ${i + 1}`, ofMirrored[i] ?? Number.NaN, i === 2 ? -sigma : sigma],
  ]),
);
const inFit = compare(
  "the distance of the cores, in ångström (root mean square)",
  ["gradient", "closed form"],
  [
    ["best rotation", apart(turned.Q), apart(best)],
    ["best reflection", apart(mirrored.Q), apart(reflection)],
  ],
);
const degrees = (Math.acos((turned.Q.trace().item() - 1) / 2) * 180) / Math.PI;
console.log(`\nnot turned: ${apart(I).toFixed(4)} Å; the best turn is by ${degrees.toFixed(2)}°`);

await draw(centred(open), centred(open).matmul(turned.Q), centred(closed));
const worst = Math.max(inQ, inLambda, inFit);
check(`largest difference ${worst.toExponential(1)}, promised 1e-8`, worst <= 1e-8);
