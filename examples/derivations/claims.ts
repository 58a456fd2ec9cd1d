/**
 * What the texts print where the records have no formula for it, in the grammar, literally, mistakes
 * included; and what is said about the mistakes.
 */
import { ShapeError } from "tracegrad";
import { derive } from "tracegrad/derive";
import {
  compared,
  evaluated,
  type Finding,
  finding,
  found,
  gradientIs,
  indexSum,
  misprinted,
  unreadable,
} from "./finding.js";
import { entry, isSameSize, type Matrix, matrix, sizeOf, times } from "./matrix.js";
import type { Case, Layout } from "./record.js";

type Claim = (at: Case) => Finding;

/** A gradient, of a function that is printed other than the record has it. */
const of =
  (text: string): Claim =>
  (at) =>
    gradientIs(at, at.source.printed?.expr ?? at.source.closed_form, text);

/** What cannot be read as it is printed. */
const literally =
  (text: string): Claim =>
  (at) =>
    misprinted(unreadable(at, text), found(at));

const claims: Readonly<Record<string, Claim>> = {
  // The sum over j of C_ii, and that over j and i of A_ji·B_ji.
  "s0-05": (at) => {
    const [A, B, C] = [at.value("A"), at.value("B"), at.value("A'*B")];
    const { rows: m, columns: n } = A;
    const first = indexSum({ over: [["j", 1, n]], factors: [["C", C, "i", "i"]] });
    const second = indexSum({
      over: [
        ["j", 1, m],
        ["i", 1, n],
      ],
      factors: [
        ["A", A, "j", "i"],
        ["B", B, "j", "i"],
      ],
    });
    return misprinted(typeof first === "string" ? first : null, sumIs(at, second));
  },
  "s0-14": literally("sigmoid(x).*(matrix(1)-sigmoid(x)).*dX"),
  "s0-22": of("X'*A*X"),
  "s0-23": of("norm2(X*w-b-y)"),
  "s0-23c": of("norm2(X*w-b*vector(1)-y)"),
  "s1-04": (at) => {
    const [A, B] = [at.value("A"), at.value("B")];
    const { rows: m, columns: n } = A;
    const sum = indexSum({
      over: [
        ["i", 0, n],
        ["j", 0, m],
      ],
      factors: [
        ["A", A, "i", "j"],
        ["B", B, "i", "j"],
      ],
    });
    return misprinted(typeof sum === "string" ? sum : null, found(at));
  },
  "s1-10": literally("tr(A'*(B.*C)"),
  "s1-12": (at) => misprinted(contradiction(at, "x"), found(at)),
  // The row, in the section on denominator layout.
  "s2-06": (at) => {
    const want = at.jacobian("p'*sin(x)", "x", "denominator");
    const what = "the derivative";
    const { rtol } = at.source;
    return compared(evaluated(at, "(p.*cos(x))'", want), want, {
      rtol,
      what,
      stated: "denominator",
    });
  },
  "s2-08": sizesAreSwapped,
  "s2-21": literally("((-inv(X)*dX*inv(X))*X+inv(X)*dX"),
  "s3-01": of("X'"),
  "s3-02": of("X"),
  "s3-03": of("X'*A"),
  "s3-04": of("A*X"),
  "s3-05": of("A*X"),
  "s3-06": of("X*A"),
  "s3-07": of("X'*X"),
  "s3-08": of("X'*A*X"),
  "s3-09": secondDerivative,
  "s3-12": outerProduct,
  "s3-13m": of("(X*U-V)'*(X*U-V)"),
  "s3-14m": of("U'*X*V"),
  "s3-15m": of("U'*X'*X*U"),
  // ∂f₁/∂x₁ … ∂fₘ/∂x₁ above, ∂fₘ/∂xₙ … ∂fₘ/∂xₙ below.
  "s3-18": (at) => {
    const want = at.jacobian("A*(y.*y)", "y", "denominator");
    const { rows, columns } = want;
    const numbers = want.numbers.with((rows - 1) * columns, entry(want, rows - 1, columns - 1));
    const { rtol } = at.source;
    return compared({ ...want, numbers }, want, {
      rtol,
      what: "the matrix of partial derivatives",
    });
  },
  "s3-20": chainRule,
};

/** What a printed formula is worth. */
export function judged(at: Case): Finding {
  return (claims[at.source.id] ?? found)(at);
}

function sumIs(at: Case, sum: number | string): Finding {
  const got = typeof sum === "string" ? sum : { rows: 1, columns: 1, numbers: [sum] };
  const { expr, rtol } = at.source;
  return compared(got, at.value(expr), { rtol, what: "the value" });
}

/** A vector that is called a scalar. */
function contradiction({ source }: Case, name: string): string | null {
  const shape = source.variables[name]?.shape ?? [];
  try {
    derive(source.expr, { wrt: name, kinds: { [name]: "scalar" }, shapes: { [name]: shape } });
    return null;
  } catch (error) {
    if (error instanceof ShapeError)
      return `${name} has ${shape[0]} elements and is called a scalar`;
    throw error;
  }
}

/** ∂y/∂X is said to be as large as Y, and ∂Y/∂x as Xᵀ, or as X in the other layout. */
function sizesAreSwapped(at: Case): Finding {
  const derivative = (text: string, wrt: string): Matrix => {
    const found = at.derive(text, wrt, "numerator");
    return matrix(found.toFunction()(...at.valuesOf(found)));
  };
  const of = (text: string): Matrix => at.value(text);
  const pairs = [
    ["∂Y/∂x", derivative("exp(c*X)", "c"), of("c")],
    ["∂y/∂X", derivative("sum(W.*exp(c*X))", "X"), of("sum(W.*exp(c*X))")],
  ] as const;
  const wrong = pairs.filter(([, own, said]) => !isSameSize(own, said));
  if (wrong.length === 0) return finding("right", "the sizes are these", "0");
  const words = wrong.map(
    ([name, own, said]) => `${name} is ${sizeOf(own)} here, and said to be ${sizeOf(said)}`,
  );
  const sizes = wrong.map(([, own, said]) => `${sizeOf(said)} for ${sizeOf(own)}`);
  return finding("wrong", words.join("; "), sizes.join(", "));
}

/** AᵀA + A is the second derivative for a vector x; for a matrix X it has more entries. */
function secondDerivative(at: Case): Finding {
  const { rtol } = at.source;
  const what = "the second derivative";
  const own = at.hessian("x'*A*x", "x");
  const got = compared(evaluated(at, "A'+A", own), own, { rtol, what });
  if (got.verdict !== "right") return got;
  const more = at.with("X", at.value("x*vector(1)'", { rows: own.rows, columns: 2 }));
  const want = more.hessian("tr(X'*A*X)", "X");
  const matrices = compared(evaluated(more, "A'+A", want), want, { rtol, what });
  if (matrices.verdict === "right") return got;
  const why = `${got.why} for a vector; for a matrix of two columns ${matrices.why}`;
  return finding("right for a vector only", why, matrices.difference);
}

/** d(uvᵀ) by a scalar; by a vector x the products in the printed sum do not exist. */
function outerProduct(at: Case): Finding {
  const scalar = found(at);
  if (scalar.verdict !== "right") return scalar;
  // u = Wx and v = x, with ∂u/∂x = W and ∂v/∂x = I.
  const { rtol } = at.source;
  const want = at.with("x", at.value("q")).jacobian("(W*x)*x'", "x");
  const vectors = compared(evaluated(at, "W*q'+(W*q)*eye", want), want, {
    rtol,
    what: "the derivative",
  });
  if (vectors.verdict === "right") return scalar;
  const why = `${scalar.why} for a scalar; for a vector ${vectors.why}`;
  return finding("right for a scalar only", why, vectors.difference);
}

/** ∂f/∂u = ∂y/∂u · ∂f/∂y, with both factors in one layout and then in the other. */
function chainRule(at: Case): Finding {
  const y = at.with("y", at.value("A*tanh(u)"));
  const inLayout = (layout: Layout): Finding => {
    const inner = at.jacobian("A*tanh(u)", "u", layout);
    const outer = y.jacobian("sum(log(vector(1)+y.^2))", "y", layout);
    const want = at.jacobian(at.source.expr, "u", layout);
    const product = times(inner, outer);
    const got = product ?? `${inner.columns} and ${outer.rows} do not fit`;
    return compared(got, want, { rtol: at.source.rtol, what: "the gradient", stated: layout });
  };
  const [denominator, numerator] = [inLayout("denominator"), inLayout("numerator")];
  if (denominator.verdict !== "right") return denominator;
  if (numerator.verdict === "right") return denominator;
  const why = `in denominator layout ${denominator.why}; in numerator layout ${numerator.why}`;
  return finding("right in denominator layout only", why, numerator.difference);
}
