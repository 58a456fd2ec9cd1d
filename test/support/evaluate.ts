import {
  abs,
  acos,
  add,
  adjugate,
  asin,
  atan,
  broadcastTo,
  cos,
  det,
  diag,
  diagPart,
  div,
  exp,
  eye,
  inv,
  kron,
  log,
  logdet,
  logsumexp,
  matmul,
  max,
  mul,
  neg,
  norm,
  pow,
  relu,
  reshape,
  scalar,
  sigmoid,
  sign,
  sin,
  softmax,
  softplus,
  sub,
  sum,
  type Tensor,
  t,
  tan,
  tanh,
  trace,
} from "../../src/index.js";
import type { Expression } from "./expression.js";
import type { Sized } from "./sizes.js";

/** The variables by name, each a tensor of its own shape: `[]`, `[n]` or `[m, n]`. */
export type Variables = ReadonlyMap<string, Tensor>;

type Unary = (X: Tensor) => Tensor;

const entrywise: Readonly<Record<string, Unary>> = {
  exp,
  log,
  sin,
  cos,
  tan,
  tanh,
  abs,
  sign,
  relu,
  sigmoid,
  softplus,
  arcsin: asin,
  arccos: acos,
  arctan: atan,
};

const toScalar: Readonly<Record<string, Unary>> = {
  sum: (X) => sum(X),
  norm1: (X) => sum(abs(X)),
  norm2: (X) => norm(X),
  logsumexp: (X) => logsumexp(X),
  max: (X) => max(X),
};

/** Functions of square matrices, a scalar counting as 1 × 1. */
const ofSquare: Readonly<Record<string, Unary>> = { tr: trace, det, logdet, inv, adj: adjugate };

/**
 * The value of an expression by public ops alone; scalars have the shape `[]`, all else is
 * `[rows, columns]`. Constants take the dtype of the variables.
 */
export function evaluate(sized: Sized, variables: Variables): Tensor {
  const dtype = [...variables.values()][0]?.dtype ?? "float64";

  const visit = (node: Expression): Tensor => {
    switch (node.kind) {
      case "number":
        return scalar(node.value, { dtype });
      case "name":
        return name(node);
      case "minus":
        return neg(visit(node.arg));
      case "transpose": {
        const X = visit(node.arg);
        return X.rank === 0 ? X : t(X);
      }
      case "binary":
        return binary(node.op, visit(node.left), visit(node.right));
      case "call":
        return call(node, node.name, node.args.map(visit));
    }
  };

  const name = (node: Expression & { readonly kind: "name" }): Tensor => {
    const X = variables.get(node.name);
    if (X === undefined) return asScalar(eye(sized.sizeOf(node)[0], { dtype }));
    return asScalar(X.rank === 1 ? reshape(X, [X.size, 1]) : X);
  };

  const call = (node: Expression, f: string, args: readonly Tensor[]): Tensor => {
    const [X, Y] = args as [Tensor, Tensor];
    const unary = entrywise[f] ?? toScalar[f];
    if (unary !== undefined) return unary(X);
    const square = ofSquare[f];
    if (square !== undefined) return asScalar(square(asMatrix(X)));
    switch (f) {
      case "kron":
        return asScalar(kron(asMatrix(X), asMatrix(Y)));
      case "softmax":
        return reshape(softmax(reshape(X, [X.size])), X.shape);
      case "diag":
        if (X.rank === 0) return X;
        if (X.shape[1] === 1) return diag(reshape(X, [X.size]));
        return reshape(diagPart(X), [X.shape[0] as number, 1]);
      default: // vector and matrix; `Sized` knows no other
        return asScalar(broadcastTo(X, sized.sizeOf(node)));
    }
  };

  return visit(sized.tree);
}

function binary(op: string, X: Tensor, Y: Tensor): Tensor {
  switch (op) {
    case "+":
      return add(X, Y);
    case "-":
      return sub(X, Y);
    case "*":
      return X.rank === 0 || Y.rank === 0 ? mul(X, Y) : asScalar(matmul(X, Y));
    case ".*":
      return mul(X, Y);
    case "/":
    case "./":
      return div(X, Y);
    default: // ^ and .^
      return pow(X, Y);
  }
}

function asScalar(X: Tensor): Tensor {
  return X.size === 1 && X.rank > 0 ? reshape(X, []) : X;
}

function asMatrix(X: Tensor): Tensor {
  return X.rank === 0 ? reshape(X, [1, 1]) : X;
}
