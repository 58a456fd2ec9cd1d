import { UsageError } from "../../tensor/errors.js";
import { type Shape, sameShape } from "../../tensor/shape.js";
import type { Node } from "./lowering.js";
import type { Lengths } from "./names.js";
import { helpers } from "./typescript_helpers.js";
import { type Dialect, Level, type Text } from "./writer.js";

/** What a step is written from. */
interface Step {
  readonly node: Node;
  readonly args: readonly Text[];
  readonly ts: TypeScript;
}

type Write = (step: Step) => Text;

const atom = (code: string): Text => ({ code, level: Level.atom });

const list = (args: readonly Text[]): string => args.map(({ code }) => code).join(", ");

/** A function of the library. */
function of(f: string): Write {
  return ({ args, ts }) => ts.call(f, args);
}

/** A sign between numbers; a method between tensors, or a function where a number comes first. */
function infix(f: string, sign: string, level: number, commutes: boolean): Write {
  return ({ args: [a, b], ts }) => {
    const [x, y] = [a as Text, b as Text];
    if (x.number && y.number) {
      const left = x.level < level ? `(${x.code})` : x.code;
      const right = y.level <= level ? `(${y.code})` : y.code;
      return { code: `${left} ${sign} ${right}`, level, number: true };
    }
    if (!x.number) return method(f, x, y);
    if (commutes) return method(f, y, x);
    if (f === "div" && x.code === "1") return ts.call("reciprocal", [y]);
    return ts.call(f, [x, y]);
  };
}

/** `X.f(Y)` */
function method(f: string, { code }: Text, ...args: readonly Text[]): Text {
  return atom(`${code}.${f}(${list(args)})`);
}

/** A method of two tensors, or a function where the first is a number. */
function methodOf(f: string): Write {
  return ({ args: [x, ...rest], ts }) =>
    x?.number ? ts.call(f, [x, ...rest]) : method(f, x as Text, ...rest);
}

/** A function with its attributes as options. */
function withOptions(f: string, ...names: readonly string[]): Write {
  return ({ args, node, ts }) => {
    const entries = names.flatMap((name) => {
      const x = node.attrs[name];
      return x === undefined || x === null ? [] : [`${name}: ${literal(x)}`];
    });
    const options = entries.length === 0 ? [] : [atom(`{ ${entries.join(", ")} }`)];
    return ts.call(f, [...args, ...options]);
  };
}

/** The derivative of a function along one direction. */
function alongOne(f: string): Write {
  return ({ args, node, ts }) => {
    if (args.length === 1) return ts.call(f, args);
    if (args.length > 2) throw ts.lacks(`second derivative of ${f} by directions`);
    ts.imports.add(f);
    const [x, dx] = args.map((arg, i) => {
      const same = sameShape((node.args[i] as Node).shape, node.shape);
      const whole = same ? arg : ts.call("broadcastTo", [arg, atom(ts.shape(node.shape))]);
      return atom(`[${whole.code}]`);
    }) as [Text, Text];
    return atom(`${ts.call("jvp", [atom(f), x, dx]).code}[1]`);
  };
}

const functions = (
  "exp expm1 log log1p sin cos tan asin acos atan sinh cosh tanh erf sqrt square abs sign sigmoid " +
  "relu elu gelu softplus reciprocal det logdet slogdet trace diag diagPart inv outer kron norm " +
  "cholesky eigh svd qr lu"
).split(" ");

const reductions = "sum mean prod max min logsumexp norm".split(" ");

/** How each op is written. */
const writes: Readonly<Record<string, Write>> = {
  ...Object.fromEntries(functions.map((f) => [f, of(f)])),
  ...Object.fromEntries(reductions.map((f) => [f, withOptions(f, "axis", "keepDims")])),
  add: infix("add", "+", Level.sum, true),
  sub: infix("sub", "-", Level.sum, false),
  mul: infix("mul", "*", Level.product, true),
  div: infix("div", "/", Level.product, false),
  neg: ({ args: [x] }) =>
    x?.number
      ? {
          code: `-${x.level < Level.atom ? `(${x.code})` : x.code}`,
          level: Level.minus,
          number: true,
        }
      : method("neg", x as Text),
  pow: (step) => {
    const [x, p] = step.args;
    if (!x?.number || !p?.number) return methodOf("pow")(step);
    const base = x.level < Level.atom ? `(${x.code})` : x.code;
    return {
      code: `${base} ** ${p.level < Level.atom ? `(${p.code})` : p.code}`,
      level: Level.power,
      number: true,
    };
  },
  sqrt: ({ args: [x], ts }) =>
    x?.number ? { ...atom(`Math.sqrt(${x.code})`), number: true } : ts.call("sqrt", [x as Text]),
  square: ({ args: [x], ts }) =>
    x?.number
      ? { ...atom(`(${x.code}) ** 2`), level: Level.power, number: true }
      : ts.call("square", [x as Text]),
  overNorm: ({ args, ts }) => ts.own("overNorm", args),
  matmul: methodOf("matmul"),
  dot: methodOf("dot"),
  solve: of("solve"),
  maximum: of("maximum"),
  minimum: of("minimum"),
  clip: ({ args, node, ts }) =>
    ts.call("clip", [...args, atom(literal(node.attrs.low)), atom(literal(node.attrs.high))]),
  equal: methodOf("equal"),
  notEqual: methodOf("notEqual"),
  less: methodOf("less"),
  lessEqual: methodOf("lessEqual"),
  greater: methodOf("greater"),
  greaterEqual: methodOf("greaterEqual"),
  where: of("where"),
  cast: ({ args, node, ts }) => {
    const { dtype } = node.attrs;
    const cut =
      dtype === "int32" || dtype === "bool"
        ? [ts.call("cast", [...args, atom(literal(dtype))])]
        : args;
    return ts.call("cast", [...cut, atom(ts.dtype())]);
  },
  leakyRelu: withOptions("leakyRelu", "slope"),
  argmax: (step) =>
    step.ts.call("cast", [withOptions("argmax", "axis")(step), atom(step.ts.dtype())]),
  cumsum: withOptions("cumsum", "axis"),
  softmax: withOptions("softmax", "axis"),
  logSoftmax: withOptions("logSoftmax", "axis"),
  pinv: withOptions("pinv", "rcond"),
  lstsq: withOptions("lstsq", "rcond"),
  solveTriangular: withOptions("solveTriangular", "lower", "unitDiagonal"),
  flip: ({ args, node, ts }) => {
    const { axis } = node.attrs;
    return ts.call("flip", axis === undefined ? args : [...args, atom(literal(axis))]);
  },
  t: ({ args: [x] }) => atom(`${x?.code}.T`),
  transpose: ({ args, node, ts }) => {
    const { perm } = node.attrs;
    return ts.call("transpose", perm === undefined ? args : [...args, atom(literal(perm))]);
  },
  reshape: ({ args, node, ts }) => ts.call("reshape", [...args, atom(ts.shape(node.shape))]),
  column: ({ args, ts }) => ts.call("expandDims", [...args, atom("1")]),
  broadcastTo: ({ args, node, ts }) =>
    ts.call("broadcastTo", [...args, atom(ts.shape(node.shape))]),
  tril: ({ args, node, ts }) => ts.call("tril", [...args, ...shift(node)]),
  triu: ({ args, node, ts }) => ts.call("triu", [...args, ...shift(node)]),
  matrixPower: ({ args, node, ts }) =>
    ts.call("matrixPower", [...args, atom(literal(node.attrs.k))]),
  adjugate: alongOne("adjugate"),
  expm: alongOne("expm"),
  output: ({ args: [x], node }) => atom(`${x?.code}.${node.attrs.name}`),
  // They look at values, and give their matrix as it is.
  distinct: ({ args: [x] }) => x as Text,
  regular: ({ args: [x] }) => x as Text,
  overGaps: ({ args, node, ts }) =>
    ts.own("overGaps", [...args, atom(node.attrs.gaps === "zeros" ? "false" : "true")]),
  concat: ({ args, node, ts }) =>
    ts.call("concat", [atom(`[${list(args)}]`), atom(`{ axis: ${node.attrs.axis} }`)]),
  pad: ({ args, node, ts }) => {
    const { paddings, value } = node.attrs as { paddings: number[][]; value: number };
    const widths = `[${paddings.map((pair) => ts.shape(pair)).join(", ")}]`;
    const fill = value === 0 ? [] : [atom(`{ value: ${literal(value)} }`)];
    return ts.call("pad", [...args, atom(widths), ...fill]);
  },
  slice: ({ args, node, ts }) => {
    const { begin, size = [] } = node.attrs as { begin: number[]; size?: number[] };
    return ts.call("slice", [...args, atom(ts.shape(begin)), atom(ts.shape(size))]);
  },
  take: ({ args: [x, at], node, ts }) =>
    ts.call("take", [x as Text, ts.indices(at as Text), atom(`{ axis: ${node.attrs.axis} }`)]),
  scatterAdd: ({ args: [x, at], node, ts }) => {
    const { size, axis } = node.attrs as { size: number; axis: number };
    const more = [atom(ts.lengths.text(size)), atom(`{ axis: ${axis} }`)];
    return ts.call("scatterAdd", [x as Text, ts.indices(at as Text), ...more]);
  },
  oneHot: ({ args: [at], node, ts }) => {
    const depth = atom(ts.lengths.text(node.attrs.depth as number));
    return ts.call("oneHot", [ts.indices(at as Text), depth, atom(ts.options())]);
  },
  commutation: ({ node, ts }) => {
    const [m, n] = (node.attrs.of as [number, number]).map((k) => ts.lengths.text(k));
    const size = atom(ts.lengths.text(node.shape[0] as number));
    const rows = ts.call("reshape", [ts.call("arange", [size]), atom(`[${m}, ${n}]`)]);
    const order = ts.call("reshape", [atom(`${rows.code}.T`), atom(`[${size.code}]`)]);
    return ts.call("take", [ts.eye(node.shape), ts.indices(order)]);
  },
  eye: ({ node, ts }) => ts.eye(node.shape),
  full: ({ node, ts }) => {
    const { value } = node.attrs;
    const [shape, options] = [atom(ts.shape(node.shape)), atom(ts.options())];
    if (value === 0 || value === 1)
      return ts.call(value === 0 ? "zeros" : "ones", [shape, options]);
    return ts.call("full", [shape, atom(literal(value)), options]);
  },
  size: ({ node, ts }) => numberOf(ts.lengths.text(node.attrs.n as number)),
  number: ({ node }) => numberOf(literal(node.attrs.value)),
  variable: ({ node, ts }) => atom(ts.variable(node)),
};

/** What numbers alone make a number. */
const arithmetic = new Set(["add", "sub", "mul", "div", "pow", "neg", "sqrt", "square"]);

/** What variables must not hide. */
export const functionsUsed: readonly string[] = [
  ...Object.keys(writes),
  ..."abs arange expandDims eye jvp max ones random scalar tensor zeros".split(" "),
];

const shift = ({ attrs }: Node): Text[] => (attrs.k ? [atom(String(attrs.k))] : []);

/** A JavaScript number. */
function numberOf(code: string): Text {
  const level = / [+-] /.test(code) ? Level.sum : code.includes(" * ") ? Level.product : Level.atom;
  return { code, level: code.startsWith("-") ? Level.minus : level, number: true };
}

function literal(x: unknown): string {
  return typeof x === "number" ? String(x) : JSON.stringify(x).replaceAll(",", ", ");
}

/** The dialect of tracegrad itself. */
export class TypeScript implements Dialect {
  /** The functions of its own that the program needs. */
  readonly helpers = new Set<string>();
  /** What it imports of the library. */
  readonly imports = new Set<string>();
  usesDtype = false;

  /**
   * @param variable the name of a variable or constant
   * @param imported the name under which a function of the library is imported
   */
  constructor(
    readonly lengths: Lengths,
    readonly variable: (node: Node) => string,
    private readonly dtypeName: string,
  ) {}

  text(node: Node, args: readonly Text[]): Text {
    const write = Object.hasOwn(writes, node.op) ? writes[node.op] : undefined;
    if (write === undefined) throw this.lacks(`public function ${node.op}`);
    return write({
      node,
      args: arithmetic.has(node.op) ? args : this.#typed(node, args),
      ts: this,
    });
  }

  /** Numbers alone would make a tensor of the default dtype. */
  #typed({ op }: Node, args: readonly Text[]): readonly Text[] {
    const from = op === "where" ? 1 : 0;
    const values = args.slice(from);
    if (values.length === 0 || !values.every((x) => x.number)) return args;
    return args.with(from, this.call("scalar", [values[0] as Text, atom(this.options())]));
  }

  assign(name: string, code: string): string {
    return `const ${name} = ${code};`;
  }

  constant(text: Text): string {
    return text.number ? this.call("scalar", [text, atom(this.options())]).code : text.code;
  }

  lacks(what: string): UsageError {
    return new UsageError(`code: typescript has no ${what}`);
  }

  call(f: string, args: readonly Text[]): Text {
    this.imports.add(f);
    return atom(`${f}(${list(args)})`);
  }

  shape(shape: Shape): string {
    return `[${shape.map((n) => this.lengths.text(n)).join(", ")}]`;
  }

  dtype(): string {
    this.usesDtype = true;
    return this.dtypeName;
  }

  options(): string {
    const name = this.dtype();
    return name === "dtype" ? "{ dtype }" : `{ dtype: ${name} }`;
  }

  eye(shape: Shape): Text {
    return this.call("eye", [
      atom(this.lengths.text(shape.at(-1) as number)),
      atom(this.options()),
    ]);
  }

  indices(x: Text): Text {
    return this.call("cast", [x, atom('"int32"')]);
  }

  /** A function that is written out in the program. */
  own(name: string, args: readonly Text[]): Text {
    this.helpers.add(name);
    for (const f of helpers[name]?.uses ?? []) this.imports.add(f);
    return atom(`${name}(${list(args)})`);
  }
}
