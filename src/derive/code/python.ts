import { UsageError } from "../../tensor/errors.js";
import type { Shape } from "../../tensor/shape.js";
import type { Node } from "./lowering.js";
import type { Lengths } from "./names.js";
import { helpers } from "./python_helpers.js";
import { type Dialect, Level, type Text } from "./writer.js";

/** What a step is written from. */
interface Step {
  readonly node: Node;
  readonly args: readonly Text[];
  readonly python: Python;
}

type Write = (step: Step) => Text;

const atom = (code: string): Text => ({ code, level: Level.atom });

/** An argument of a sign; parentheses where it would be misread. */
function operand(x: Text, level: number, sign: string, right: boolean): string {
  const other = x.level === Level.product && (x.sign === "@") !== (sign === "@");
  const loose = x.level < level || (x.level === level && (right || other));
  return loose ? `(${x.code})` : x.code;
}

function infix(sign: string, level: number): Write {
  return ({ args: [a, b] }) => {
    const [x, y] = [a as Text, b as Text];
    const code = `${operand(x, level, sign, false)} ${sign} ${operand(y, level, sign, true)}`;
    return { code, level, sign };
  };
}

/** `a**b` */
function power(a: Text, b: string): Text {
  return { code: `${inner(a)}**${b}`, level: Level.power };
}

/** Before a dot, a bracket or a power. */
function inner({ code, level }: Text): string {
  return level < Level.atom ? `(${code})` : code;
}

/** A function of numpy or jax.numpy. */
function of(f: string): Write {
  return ({ args, python }) => python.call(f, args);
}

/** A function that the two have in other places, or that is written out. */
function either(numpy: string, jax: string): Write {
  return ({ args, python }) => atom(`${python.pick(numpy, jax)}(${list(args)})`);
}

const list = (args: readonly Text[]): string => args.map(({ code }) => code).join(", ");

/** A function along axes. */
function along(numpy: string, jax: string): Write {
  return ({ args, node, python }) => {
    const { axis, keepDims } = node.attrs as { axis?: number | number[]; keepDims?: boolean };
    const options = [
      ...(axis === undefined ? [] : [`axis=${typeof axis === "number" ? axis : tuple(axis)}`]),
      ...(keepDims ? ["keepdims=True"] : []),
    ];
    const inside = [list(args), ...options].join(", ");
    return atom(`${python.pick(numpy, jax)}(${inside})`);
  };
}

export function tuple(parts: readonly (string | number)[]): string {
  return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(", ")})`;
}

const rankOf = (node: Node): number => (node.args[0] as Node).shape.length;

/** Only for matrices, where the language has none for many. */
function single(write: Write): Write {
  return (step) => {
    if (step.node.args.every((arg) => arg.shape.length < 3)) return write(step);
    throw step.python.lacks(`${step.node.op} of more than one matrix at once`);
  };
}

const unary = "exp expm1 log log1p sin cos tan sinh cosh tanh sqrt abs sign".split(" ");

/** How each op is written; what is not here, Python does not have. */
const writes: Readonly<Record<string, Write>> = {
  ...Object.fromEntries(unary.map((f) => [f, of(f)])),
  asin: of("arcsin"),
  acos: of("arccos"),
  atan: of("arctan"),
  erf: either("scipy.special.erf", "jax.scipy.special.erf"),
  sigmoid: either("sigmoid", "jax.nn.sigmoid"),
  softplus: ({ args: [x], python }) =>
    atom(`${python.pick("np.logaddexp", "jnp.logaddexp")}(0, ${x?.code})`),
  relu: ({ args: [x], python }) =>
    atom(python.jax ? `jax.nn.relu(${x?.code})` : `np.maximum(${x?.code}, 0)`),
  leakyRelu: ({ args, node, python }) =>
    atom(
      `${python.pick("leaky_relu", "jax.nn.leaky_relu")}(${list(args)}, ${number(node.attrs.slope)})`,
    ),
  elu: either("elu", "jax.nn.elu"),
  gelu: ({ args, python }) =>
    atom(python.jax ? `jax.nn.gelu(${list(args)}, approximate=False)` : python.own("gelu", args)),
  add: infix("+", Level.sum),
  sub: infix("-", Level.sum),
  mul: infix("*", Level.product),
  div: infix("/", Level.product),
  matmul: infix("@", Level.product),
  dot: infix("@", Level.product),
  neg: ({ args: [x] }) => ({
    code: `-${operand(x as Text, Level.power, "-", false)}`,
    level: Level.minus,
  }),
  square: ({ args: [x] }) => power(x as Text, "2"),
  reciprocal: ({ args: [x] }) => ({
    code: `1 / ${operand(x as Text, Level.product, "/", true)}`,
    level: Level.product,
    sign: "/",
  }),
  pow: ({ args: [x, p] }) => power(x as Text, operand(p as Text, Level.power, "**", false)),
  overNorm: ({ args, python }) => atom(python.own("over_norm", args)),
  maximum: of("maximum"),
  minimum: of("minimum"),
  clip: ({ args, node, python }) =>
    python.call("clip", [...args, number(node.attrs.low), number(node.attrs.high)].map(textOf)),
  equal: infix("==", Level.compare),
  notEqual: infix("!=", Level.compare),
  less: infix("<", Level.compare),
  lessEqual: infix("<=", Level.compare),
  greater: infix(">", Level.compare),
  greaterEqual: infix(">=", Level.compare),
  where: of("where"),
  cast: ({ args: [x], node, python }) => {
    const { dtype } = node.attrs;
    if (dtype === "int32") return python.call("trunc", [x as Text]);
    return dtype === "bool" ? python.call("where", [x as Text, textOf(1), textOf(0)]) : (x as Text);
  },
  sum: along("np.sum", "jnp.sum"),
  mean: along("np.mean", "jnp.mean"),
  prod: along("np.prod", "jnp.prod"),
  max: along("np.max", "jnp.max"),
  min: along("np.min", "jnp.min"),
  argmax: along("np.argmax", "jnp.argmax"),
  cumsum: along("np.cumsum", "jnp.cumsum"),
  logsumexp: along("logsumexp", "jax.scipy.special.logsumexp"),
  softmax: along("softmax", "jax.nn.softmax"),
  logSoftmax: along("log_softmax", "jax.nn.log_softmax"),
  norm: (step) => {
    const { axis } = step.node.attrs;
    const plain = axis === undefined ? rankOf(step.node) < 3 : typeof axis === "number";
    if (plain) return along("np.linalg.norm", "jnp.linalg.norm")(step);
    const squares = power(step.args[0] as Text, "2");
    const total = along("np.sum", "jnp.sum")({ ...step, args: [squares] });
    return step.python.call("sqrt", [total]);
  },
  flip: along("np.flip", "jnp.flip"),
  t: ({ args: [x], node }) => {
    const X = inner(x as Text);
    return atom(rankOf(node) === 2 ? `${X}.T` : `${X}.swapaxes(-1, -2)`);
  },
  transpose: ({ args: [x], node, python }) => {
    const { perm } = node.attrs as { perm?: number[] };
    const order = perm === undefined ? [] : [textOf(tuple(perm))];
    return python.call("transpose", [x as Text, ...order]);
  },
  column: ({ args: [x] }) => atom(`${inner(x as Text)}[:, None]`),
  reshape: ({ args: [x], node, python }) =>
    python.call("reshape", [x as Text, textOf(python.shape(node.shape))]),
  broadcastTo: ({ args: [x], node, python }) =>
    python.call("broadcast_to", [x as Text, textOf(python.shape(node.shape))]),
  outer: of("outer"),
  kron: single(of("kron")),
  trace: ({ args, node, python }) =>
    python.call("trace", rankOf(node) === 2 ? args : [...args, ...lastAxes()]),
  diag: ({ args: [x], node, python }) =>
    rankOf(node) === 1
      ? python.call("diag", [x as Text])
      : {
          code: `${inner(x as Text)}[..., None] * ${python.eye(node.shape)}`,
          level: Level.product,
          sign: "*",
        },
  diagPart: ({ args, node, python }) =>
    rankOf(node) === 2
      ? python.call("diag", args)
      : python.call("diagonal", [...args, ...lastAxes()]),
  tril: ({ args, node, python }) => python.call("tril", [...args, ...shift(node)]),
  triu: ({ args, node, python }) => python.call("triu", [...args, ...shift(node)]),
  det: of("linalg.det"),
  inv: of("linalg.inv"),
  solve: of("linalg.solve"),
  matrixPower: ({ args, node, python }) =>
    python.call("linalg.matrix_power", [...args, number(node.attrs.k)].map(textOf)),
  logdet: ({ args, python }) => atom(python.own("logdet", args)),
  slogdet: of("linalg.slogdet"),
  adjugate: ({ args, python }) => {
    if (args.length > 2) throw python.lacks("second derivatives of the adjugate");
    return atom(python.own(args.length === 1 ? "adjugate" : "adjugate_along", args));
  },
  expm: ({ args, node, python }) => {
    const f = (name: string): string => python.pick(`scipy.${name}`, `jax.scipy.${name}`);
    if (args.length === 1) return atom(`${f("linalg.expm")}(${list(args)})`);
    if (args.length > 2) throw python.lacks("second derivatives of expm");
    if (node.shape.length > 2) throw python.lacks("derivatives of expm of more than one matrix");
    return atom(`${f("linalg.expm_frechet")}(${list(args)}, compute_expm=False)`);
  },
  cholesky: ({ args, python }) => atom(python.own("cholesky", args)),
  eigh: ({ args, python }) => atom(python.own("eigh", args)),
  svd: ({ args, python }) => atom(python.own("svd", args)),
  qr: ({ args, python }) => atom(python.own("qr", args)),
  lu: single(({ args, python }) => {
    if (!python.jax) throw python.lacks("lu");
    return atom(`${python.pick("", "jax.scipy.linalg.lu")}(${list(args)})`);
  }),
  solveTriangular: ({ args, node, python }) => {
    const { lower, unitDiagonal } = node.attrs;
    const options = [lower ? "True" : "False", unitDiagonal ? "True" : "False"].map(textOf);
    return atom(python.own("solve_triangular", [...args, ...options]));
  },
  pinv: ({ args, node, python }) => {
    const { rcond } = node.attrs;
    return rcond === null
      ? atom(python.own("pinv", args))
      : python.call("linalg.pinv", [...args, number(rcond)].map(textOf));
  },
  lstsq: single(({ args, node, python }) => {
    const { rcond } = node.attrs;
    const tolerance = textOf(`rcond=${rcond === null ? "None" : number(rcond)}`);
    return atom(`${python.call("linalg.lstsq", [...args, tolerance]).code}[0]`);
  }),
  output: ({ args: [x], node }) => atom(`${inner(x as Text)}[${node.attrs.output}]`),
  // They look at values, and give their matrix as it is.
  distinct: ({ args: [x] }) => x as Text,
  regular: ({ args: [x] }) => x as Text,
  overGaps: ({ args, node, python }) => {
    const square = textOf(node.attrs.gaps === "zeros" ? "False" : "True");
    return atom(python.own("over_gaps", [...args, square]));
  },
  concat: ({ args, node, python }) =>
    python.call("concatenate", [textOf(`[${list(args)}]`), textOf(`axis=${node.attrs.axis}`)]),
  pad: ({ args, node, python }) => {
    const { paddings, value } = node.attrs as { paddings: number[][]; value: number };
    const widths = tuple(paddings.map((pair) => tuple(pair.map((n) => python.lengths.text(n)))));
    const fill = value === 0 ? [] : [textOf(`constant_values=${number(value)}`)];
    return paddings.length === 0
      ? (args[0] as Text)
      : python.call("pad", [...args, textOf(widths), ...fill]);
  },
  slice: ({ args: [x], node, python }) => {
    const { begin = [], size = [] } = node.attrs as { begin?: number[]; size?: number[] };
    const text = (n: number): string => python.lengths.text(n);
    const parts = Array.from({ length: Math.max(begin.length, size.length) }, (_, i) => {
      const [b, n] = [begin[i] ?? 0, size[i] ?? -1];
      const from = b === 0 ? "" : text(b);
      if (n === -1 || (b < 0 && b + n === 0)) return `${from}:`;
      return b === 0 ? `:${text(n)}` : `${from}:${from} + ${text(n)}`;
    });
    return parts.length === 0 ? (x as Text) : atom(`${inner(x as Text)}[${parts.join(", ")}]`);
  },
  take: ({ args: [x, at], node, python }) =>
    python.call("take", [x as Text, indices(at as Text), textOf(`axis=${node.attrs.axis}`)]),
  scatterAdd: ({ args: [x, at], node, python }) => {
    const [X, index] = node.args as [Node, Node];
    const free = X.shape.length - index.shape.length + 1;
    const axis = node.attrs.axis as number;
    const shape = python.shape(node.shape);
    const at0 = axis < 0 ? axis + free : axis;
    const place = tuple([...Array<string>(at0).fill(":"), indices(at as Text).code]);
    if (python.jax) return atom(`jnp.zeros(${shape}).at[${place.slice(1, -1)}].add(${x?.code})`);
    const more = [shape, at0].map(textOf);
    return atom(python.own("scatter_add", [x as Text, indices(at as Text), ...more]));
  },
  oneHot: ({ args: [at], node, python }) =>
    atom(`${python.eye([node.attrs.depth as number])}[${indices(at as Text).code}]`),
  commutation: ({ node, python }) => {
    const [m, n] = (node.attrs.of as [number, number]).map((k) => python.lengths.text(k));
    const order = python.call("arange", [textOf(python.lengths.text(node.shape[0] as number))]);
    return atom(`${python.eye(node.shape)}[${order.code}.reshape(${m}, ${n}).T.ravel()]`);
  },
  eye: ({ node, python }) => atom(python.eye(node.shape)),
  full: ({ node, python }) => {
    const { value } = node.attrs;
    const [n] = node.shape as [number];
    const shape = node.shape.length === 1 ? python.lengths.text(n) : python.shape(node.shape);
    if (value === 0 || value === 1)
      return python.call(value === 0 ? "zeros" : "ones", [textOf(shape)]);
    return python.call("full", [shape, `float(${number(value)})`].map(textOf));
  },
  size: ({ node, python }) => textOf(python.lengths.text(node.attrs.n as number)),
  number: ({ node }) => textOf(number(node.attrs.value)),
  variable: ({ node, python }) => atom(python.variable(node)),
};

const lastAxes = (): Text[] => ["axis1=-2", "axis2=-1"].map(textOf);

const shift = ({ attrs }: Node): Text[] => (attrs.k ? [textOf(String(attrs.k))] : []);

const indices = (x: Text): Text => (/^-?\d+$/.test(x.code) ? x : atom(`${inner(x)}.astype(int)`));

/** A number or a length as an expression. */
function textOf(x: string | number | Text): Text {
  if (typeof x === "object") return x;
  const code = String(x);
  if (/ [+-] /.test(code)) return { code, level: Level.sum };
  if (code.includes(" * ")) return { code, level: Level.product, sign: "*" };
  return { code, level: code.startsWith("-") ? Level.minus : Level.atom };
}

function number(x: unknown): string {
  const n = x as number;
  if (Number.isNaN(n)) return "float('nan')";
  if (!Number.isFinite(n)) return n > 0 ? "float('inf')" : "-float('inf')";
  return String(n);
}

/** The dialects of NumPy and of JAX. */
export class Python implements Dialect {
  /** The functions of its own that the program needs. */
  readonly helpers = new Set<string>();
  /** What it imports beside numpy. */
  readonly imports = new Set<string>();

  constructor(
    readonly jax: boolean,
    readonly lengths: Lengths,
    readonly variable: (node: Node) => string,
  ) {}

  text(node: Node, args: readonly Text[]): Text {
    const write = Object.hasOwn(writes, node.op) ? writes[node.op] : undefined;
    if (write === undefined) throw this.lacks(node.op);
    return write({ node, args, python: this });
  }

  assign(name: string, code: string): string {
    return `${name} = ${code}`;
  }

  constant({ code }: Text, { shape }: Node): string {
    if (shape.length > 0) return code;
    return this.jax ? `jnp.asarray(${code}, dtype=float)` : `float(${code})`;
  }

  lacks(what: string): UsageError {
    const language = this.jax ? "jax" : "numpy";
    return new UsageError(`code: ${language} has no ${what}`);
  }

  call(f: string, args: readonly Text[]): Text {
    return atom(`${this.jax ? "jnp" : "np"}.${f}(${list(args)})`);
  }

  shape(shape: Shape): string {
    return tuple(shape.map((n) => this.lengths.text(n)));
  }

  eye(shape: Shape): string {
    return this.call("eye", [textOf(this.lengths.text(shape.at(-1) as number))]).code;
  }

  /** A function that is written out in the program. */
  own(name: string, args: readonly Text[]): string {
    return `${this.pick(name, name)}(${list(args)})`;
  }

  pick(numpy: string, jax: string): string {
    const f = this.jax ? jax : numpy;
    const helper = helpers[f];
    if (helper !== undefined) {
      this.helpers.add(f);
      for (const other of helper.uses ?? []) this.pick(other, other);
    }
    const [, module] = /^(scipy\.\w+|jax\.scipy\.\w+)\./.exec(f) ?? [];
    if (module !== undefined) this.imports.add(module);
    return f;
  }
}
