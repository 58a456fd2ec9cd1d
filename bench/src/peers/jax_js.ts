import {
  defaultDevice,
  grad,
  hessian,
  init,
  type Array as JaxArray,
  jit,
  jvp,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import type { Inputs, Numbers, Results, Side, Values } from "../side.js";
import { type Sides, settings } from "../workloads.js";

// A jax-js function takes what it is given; who wants to use an array again hands over `x.ref`.

export async function start(): Promise<void> {
  await init("wasm");
  defaultDevice("wasm");
  // It would share the work among workers of the Web's kind.
  if ("Worker" in globalThis) throw new Error("Node has Worker: jax-js would run on many");
  // Node 20 has no Float16Array, which jax-js asks float64 arrays whether they are.
  if (!("Float16Array" in globalThis)) Object.assign(globalThis, { Float16Array: class {} });
}

export const sides: Sides = {
  mlpSmall: ({ X, y, ...params }) =>
    train(params, { X, y }, adam, (p, data) => {
      const first = np.tanh(np.matmul(data.X, p.W1).add(p.b1));
      const second = np.tanh(np.matmul(first, p.W2).add(p.b2));
      return np.square(np.matmul(second, p.W3).add(p.b3).sub(data.y)).mean();
    }),

  mlpDigits: ({ X, labels, ...params }) =>
    train(params, { X, labels }, adam, (p, data) => {
      const hidden = nn.relu(np.matmul(data.X, p.W1).add(p.b1));
      return crossEntropy(data.labels, np.matmul(hidden, p.W2).add(p.b2));
    }),

  mlpLarge: ({ X, labels, ...params }) =>
    train(params, { X, labels }, adam, (p, data) => {
      const first = nn.relu(np.matmul(data.X, p.W1).add(p.b1));
      const second = nn.relu(np.matmul(first, p.W2).add(p.b2));
      return crossEntropy(data.labels, np.matmul(second, p.W3).add(p.b3));
    }),

  leastSquares: ({ X, y, w }) =>
    train({ w }, { X, y }, descent, (p, data) =>
      np.square(np.matmul(data.X, p.w).sub(data.y)).mean(),
    ),

  logdet16: likelihood,
  logdet128: likelihood,
  logdet512: likelihood,
  logdetDouble16: likelihood,
  logdetDouble128: likelihood,
  logdetDouble512: likelihood,

  ...hessians(jit),

  hvpQuadratic100: (inputs) => product(quadratic, "x", "v", inputs),
  hvpQuadratic500: (inputs) => product(quadratic, "x", "v", inputs),
  hvpLogistic: (inputs) => product(logistic, "w", "v", inputs),
  hvpFactors: (inputs) => product(factors, "U", "W", inputs),
};

/** The Hessians, compiled by `jit` or as they come. */
export function hessians(compile: Compile): Sides {
  return {
    hessianQuadratic100: (inputs) => dense(quadratic, "x", inputs, compile),
    hessianQuadratic500: (inputs) => dense(quadratic, "x", inputs, compile),
    hessianLogistic: (inputs) => dense(logistic, "w", inputs, compile),
    hessianFactors: ({ U, ...inputs }) =>
      dense(factorsByRow, "row", { row: asRow(U), ...inputs }, compile),
  };
}

type Calculation = (arrays: Arrays<string>) => JaxArray;
type Compile = (f: Calculation) => Calculation;

function crossEntropy(labels: JaxArray, logits: JaxArray): JaxArray {
  return labels.mul(nn.logSoftmax(logits)).sum(1).mean().neg();
}

/** Without `jit`, which in 0.1.25 stops at the triangular solves of the gradient. */
function likelihood(inputs: Inputs<"X1" | "X2" | "X3" | "C">): Side {
  const { X1, X2, X3, C } = loadAll(inputs);
  const both = valueAndGrad((X: JaxArray, N: JaxArray) => {
    const [sign, logdet] = np.linalg.slogdet(X.ref);
    sign.dispose();
    return logdet.add(np.trace(np.matmul(np.linalg.inv(X), N)));
  });
  const points = [X1, X2, X3];
  let next = 0;
  const run = (X: JaxArray) => {
    const [value, gradient] = both(X.ref, C.ref);
    finish(value);
    finish(gradient);
    return { value, gradient };
  };
  let results = run(X1);
  return {
    step: () => {
      tree.dispose(results);
      results = run(points[next++ % 3] as JaxArray);
    },
    results: () => read(results),
    close: () => tree.dispose({ X1, X2, X3, C, ...results }),
  };
}

/** A function of one array; the others are data. */
type Loss = (x: JaxArray, data: Arrays<string>) => JaxArray;

const quadratic: Loss = (x, { A }) => np.dot(x.ref, np.matmul(A as JaxArray, x));

const logistic: Loss = (w, { X, y }) => {
  const z = np.matmul(X as JaxArray, w);
  return nn
    .softplus(z.ref)
    .sub((y as JaxArray).mul(z))
    .mean();
};

const factors: Loss = (U, { T, V }) => {
  const product = np.matmul(U, np.transpose(V as JaxArray));
  return np.square((T as JaxArray).sub(product)).sum();
};

/** jax-js's `hessian` takes vectors only. */
const factorsByRow: Loss = (row, { V, ...data }) => {
  return factors(row.reshape((V as JaxArray).shape), { V: V as JaxArray, ...data });
};

function asRow({ data }: Values): Values {
  return { shape: [data.length], data };
}

function dense(f: Loss, at: string, inputs: Inputs, compile: Compile): Side {
  const calculation: Calculation = ({ [at]: x, ...data }) => {
    const result = hessian((x) => f(x, tree.ref(data)))(x as JaxArray);
    if (compile !== jit) tree.dispose(data);
    return result;
  };
  return again("hessian", inputs, calculation, compile);
}

function product(f: Loss, at: string, along: string, inputs: Inputs): Side {
  return again("product", inputs, ({ [at]: x, [along]: v, ...data }) => {
    const gradient = grad((x: JaxArray) => f(x, tree.ref(data)));
    return jvp(gradient, [x as JaxArray], [v as JaxArray])[1];
  });
}

/** Calculates one thing in each step. */
function again(name: string, inputs: Inputs, f: Calculation, compile: Compile = jit): Side {
  const arrays: Arrays<string> = loadAll(inputs);
  const run = compile(f);
  return {
    step: () => {
      const result = run(tree.ref(arrays));
      finish(result);
      result.dispose();
    },
    results: () => read({ [name]: run(tree.ref(arrays)) }),
    close: () => tree.dispose(arrays),
  };
}

type Arrays<K extends string> = Record<K, JaxArray>;

/** An optimizer's state: how many steps there were, and two averages of each parameter. */
type State = { steps: JaxArray; first: Arrays<string>; second: Arrays<string> };
/** Takes the parameters, their gradients and the state; gives new parameters and a new state. */
type Optimizer = (p: Arrays<string>, g: Arrays<string>, state: State) => [Arrays<string>, State];

const adam: Optimizer = (p, g, state) => {
  const { adam: rate, beta1, beta2, epsilon } = settings;
  const next: State = { steps: state.steps.add(1), first: {}, second: {} };
  const sure = (beta: number) => np.subtract(1, np.power(beta, next.steps.ref));
  const [sure1, sure2] = [sure(beta1), sure(beta2)];
  const moved: Arrays<string> = {};
  for (const [name, x] of Object.entries(p)) {
    const slope = g[name] as JaxArray;
    const [m, v] = [state.first[name] as JaxArray, state.second[name] as JaxArray];
    const first = m.mul(beta1).add(slope.ref.mul(1 - beta1));
    const second = v.mul(beta2).add(np.square(slope).mul(1 - beta2));
    const size = np.sqrt(second.ref.div(sure2.ref)).add(epsilon);
    moved[name] = x.sub(first.ref.div(sure1.ref).mul(rate).div(size));
    next.first[name] = first;
    next.second[name] = second;
  }
  tree.dispose([sure1, sure2]);
  return [moved, next];
};

const descent: Optimizer = (p, g, state) => {
  const step = ([name, x]: [string, JaxArray]) => [
    name,
    x.sub((g[name] as JaxArray).mul(settings.descent)),
  ];
  return [Object.fromEntries(Object.entries(p).map(step)), state];
};

/** A training step, compiled as one: value and gradient of the loss, and the optimizer's update. */
function train<P extends string, D extends string>(
  parameters: Inputs<P>,
  data: Inputs<D>,
  optimizer: Optimizer,
  loss: (parameters: Arrays<P>, data: Arrays<D>) => JaxArray,
): Side {
  const fixed: Arrays<string> = loadAll(data);
  const lossOf = loss as (parameters: Arrays<string>, data: Arrays<string>) => JaxArray;
  const update = jit((p: Arrays<string>, state: State, d: Arrays<string>) => {
    const [value, gradient] = valueAndGrad(lossOf)(tree.ref(p), d);
    const [moved, next] = optimizer(p, gradient, state);
    return { value, moved, next };
  });
  const zeros = (): Arrays<string> => mapValues(parameters, ({ shape }) => np.zeros([...shape]));
  const steps = np.array(new Float32Array(1), { shape: [] });
  let state: State = { steps, first: zeros(), second: zeros() };
  let params: Arrays<string> = loadAll(parameters);
  return {
    step: () => {
      const done = update(params, state, tree.ref(fixed));
      ({ moved: params, next: state } = done);
      finish(done.value);
      done.value.dispose();
    },
    results: () => read({ loss: lossOf(tree.ref(params), tree.ref(fixed)), ...params }),
    close: () => tree.dispose([fixed, params, state]),
  };
}

/** An array is calculated, and all that is calculated with it, when it is read. */
function finish(x: JaxArray): void {
  x.ref.dataSync();
}

function loadAll<K extends string>(inputs: Inputs<K>): Arrays<K> {
  return mapValues(inputs, ({ data, shape }) =>
    np.array(data as Float32Array<ArrayBuffer>, { shape: [...shape] }),
  );
}

function read(arrays: Arrays<string>): Results {
  return mapValues(arrays, (x) => x.ref.dataSync() as Numbers);
}

function mapValues<K extends string, A, B>(record: Readonly<Record<K, A>>, f: (value: A) => B) {
  const one = ([name, value]: [string, A]) => [name, f(value)];
  return Object.fromEntries(Object.entries<A>(record).map(one)) as Record<K, B>;
}
