/** A function that a program in Python brings along, `np` standing for numpy or jax.numpy. */
interface Helper {
  readonly source: string;
  /** What it calls of the others. */
  readonly uses?: readonly string[];
}

/** By name. */
export const helpers: Readonly<Record<string, Helper>> = {
  sigmoid: {
    source: `
def sigmoid(x):
    """1 / (1 + exp(-x)) without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)`,
  },
  leaky_relu: {
    source: `
def leaky_relu(x, slope):
    return np.where(x > 0, x, slope * x)`,
  },
  elu: {
    source: `
def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))`,
  },
  gelu: {
    uses: ["scipy.special.erf"],
    source: `
def gelu(x):
    return 0.5 * x * (1 + scipy.special.erf(x / np.sqrt(2)))`,
  },
  logsumexp: {
    source: `
def logsumexp(x, axis=None, keepdims=False):
    """log(sum(exp(x))) without overflow."""
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    whole = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return whole if keepdims else np.squeeze(whole, axis=axis)`,
  },
  softmax: {
    source: `
def softmax(x, axis=-1):
    """exp(x) / sum(exp(x)) without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)`,
  },
  log_softmax: {
    source: `
def log_softmax(x, axis=-1):
    """The logarithm of softmax(x), without overflow."""
    y = x - np.max(x, axis=axis, keepdims=True)
    return y - np.log(np.sum(np.exp(y), axis=axis, keepdims=True))`,
  },
  over_norm: {
    source: `
def over_norm(norm):
    """1 / norm; 0 where the norm is 0, for 0 is a subgradient there."""
    return np.where(norm == 0, 0.0, 1 / np.where(norm == 0, 1.0, norm))`,
  },
  logdet: {
    source: `
def logdet(X):
    """log(det(X)), for a positive determinant; else nan."""
    sign, log = np.linalg.slogdet(X)
    return np.where(sign > 0, log, np.nan)`,
  },
  adjugate: {
    source: `
def adjugate(X):
    """The matrix with adjugate(X) @ X = det(X) I, for singular X too."""
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    others = np.where(np.eye(s.shape[-1], dtype=bool), 1.0, s[..., None, :]).prod(axis=-1)
    sign = np.linalg.det(U) * np.linalg.det(Vt)
    V = Vt.swapaxes(-1, -2)
    return sign[..., None, None] * (V * others[..., None, :]) @ U.swapaxes(-1, -2)`,
  },
  adjugate_along: {
    source: `
def adjugate_along(X, H):
    """The derivative of the adjugate at X along H, for singular X too."""
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    M = U.swapaxes(-1, -2) @ H @ Vt.swapaxes(-1, -2)
    # Of diagonal matrices, by products of all singular values but two.
    I = np.eye(s.shape[-1], dtype=bool)
    P = np.where(I[:, None] | I, 1.0, s[..., None, None, :]).prod(axis=-1) * ~I
    sums = P @ np.diagonal(M, axis1=-2, axis2=-1)[..., None]
    sign = np.linalg.det(U) * np.linalg.det(Vt)
    D = sign[..., None, None] * (sums * I - P * M)
    return Vt.swapaxes(-1, -2) @ D @ U.swapaxes(-1, -2)`,
  },
  cholesky: {
    source: `
def cholesky(A):
    """The Cholesky factor of the symmetric part of A."""
    return np.linalg.cholesky((A + A.swapaxes(-1, -2)) / 2)`,
  },
  signs: {
    source: `
def signs(V):
    """Of each column: that of its first component which is nearly as large as the largest."""
    sizes = np.abs(V)
    large = sizes >= 0.9 * np.max(sizes, axis=-2, keepdims=True)
    first = np.argmax(large, axis=-2)[..., None, :]
    return np.where(np.take_along_axis(V, first, axis=-2) < 0, -1.0, 1.0)`,
  },
  eigh: {
    uses: ["signs"],
    source: `
def eigh(A):
    """Eigenvalues and eigenvectors of the symmetric part of A."""
    w, V = np.linalg.eigh((A + A.swapaxes(-1, -2)) / 2)
    return w, V * signs(V)`,
  },
  svd: {
    uses: ["signs"],
    source: `
def svd(X):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    sign = signs(U)
    return U * sign, s, Vt * sign.swapaxes(-1, -2)`,
  },
  qr: {
    source: `
def qr(X):
    """The factors with a diagonal of R that is not negative."""
    Q, R = np.linalg.qr(X)
    sign = np.where(np.diagonal(R, axis1=-2, axis2=-1) < 0, -1.0, 1.0)
    return Q * sign[..., None, :], R * sign[..., :, None]`,
  },
  solve_triangular: {
    source: `
def solve_triangular(L, B, lower, unit_diagonal):
    beside = 1 if unit_diagonal else 0
    T = np.tril(L, -beside) if lower else np.triu(L, beside)
    return np.linalg.solve(T + beside * np.eye(T.shape[-1]), B)`,
  },
  pinv: {
    source: `
def pinv(X):
    return np.linalg.pinv(X, max(X.shape[-2:]) * np.finfo(float).eps)`,
  },
  over_gaps: {
    source: `
def over_gaps(M, a, b, square):
    """M[i, j] / (b[j] - a[i]); on the diagonal 0 for square kinds, and where M is 0."""
    gaps = b[..., None, :] - a[..., :, None]
    zero = (M == 0) | (np.eye(*M.shape[-2:], dtype=bool) & square)
    return np.where(zero, 0.0, M / np.where(zero, 1.0, gaps))`,
  },
  scatter_add: {
    source: `
def scatter_add(x, indices, shape, axis):
    """0 of a shape, to which the parts of x are added at indices along an axis."""
    result = np.zeros(shape)
    np.add.at(result, (slice(None),) * axis + (indices,), x)
    return result`,
  },
};
