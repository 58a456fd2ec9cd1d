import {
  type DType,
  eye,
  grad,
  inv,
  ones,
  random,
  ShapeError,
  SingularError,
  scalar,
  solve,
  type Tensor,
  TracegradError,
  valueAndGrad,
  zeros,
} from "../../src/index.js";
import { adam } from "../../src/optim/index.js";

/** Something that a program does over and over; `i` counts the steps. */
type Work = (i: number) => void;

/** Says what went wrong and stops: numbers are checked on the way, for memory can be lost or mixed. */
export function insist(holds: boolean, what: string): void {
  if (!holds) throw new Error(`soak: ${what}`);
}

/** A small network trained with Adam on batches of changing size. */
function network(dtype: DType): Work {
  const X = random.normal([512, 8], { seed: 1, dtype });
  const y = X.square().sum({ axis: 1, keepDims: true });
  const layer = (m: number, n: number): Tensor =>
    random.normal([m, n], { seed: m, dtype }).div(Math.sqrt(m));
  let params = {
    W1: layer(8, 16),
    b1: zeros([16], { dtype }),
    W2: layer(16, 16),
    b2: zeros([16], { dtype }),
    w3: layer(16, 1),
  };
  const optimizer = adam({ learningRate: 1e-3 });
  let state = optimizer.init(params);
  const lossAndGrad = valueAndGrad(
    ({ W1, b1, W2, b2, w3 }: typeof params, x: Tensor, wanted: Tensor) =>
      x.matmul(W1).add(b1).relu().matmul(W2).add(b2).tanh().matmul(w3).sub(wanted).square().mean(),
  );
  return (i) => {
    const batch = 1 + (i % 64);
    const first = (i * 37) % (512 - batch);
    const part = (M: Tensor, n: number): Tensor => M.slice([first, 0], [batch, n]);
    const [loss, gradient] = lossAndGrad(params, part(X, 8), part(y, 1));
    [params, state] = optimizer.update(params, gradient, state);
    if (i % 100 === 0) insist(Number.isFinite(loss.item()), `the loss is ${loss.item()}`);
  };
}

/** An inverse and a system of growing and shrinking size, outside every scope. */
function algebra(dtype: DType): Work {
  return (i) => {
    const n = 1 + (i % 24);
    const A = random.normal([n, n], { dtype }).mul(0.1).add(eye(n, { dtype }));
    const b = random.normal([n], { dtype });
    const x = solve(A, b);
    const error = inv(A).matmul(b).sub(x).abs().max().div(x.abs().max()).item();
    insist(error < (dtype === "float64" ? 1e-8 : 1e-2), `inv and solve differ by ${error}`);
  };
}

/** Values of 1 element to 1 MB outside every scope. Some stay for a while and are read again later. */
function values(): Work {
  const kept = new Array<{ x: Tensor; i: number } | undefined>(64);
  return (i) => {
    const dtype = i % 3 === 0 ? "float64" : "float32";
    const most = dtype === "float64" ? 17 : 18; // 2¹⁷ of 8 bytes, 2¹⁸ of 4
    const n = Math.floor(2 ** ((most * ((i * 61) % 101)) / 100));
    const x = ones([n], { dtype })
      .mul(i % 1000)
      .add(1);
    const place = (i >> 2) % kept.length;
    const old = kept[place];
    if (i % 2 === 0 && old) {
      const want = (old.i % 1000) + 1;
      insist(
        old.x.max().item() === want,
        `a value kept from step ${old.i} has changed on the heap`,
      );
      const data = old.x.data();
      insist(data[data.length >> 1] === want, `a value kept from step ${old.i} has changed`);
    }
    if (i % 4 === 0) kept[place] = { x, i };
  };
}

/** Mistakes in the middle of transforms, caught. */
function mistakes(): Work {
  const x = random.normal([40, 40], { seed: 3 });
  const singular = ones([3, 3]);
  const kinds: [(x: Tensor) => Tensor, new () => Error][] = [
    [
      (x) =>
        x
          .exp()
          .matmul(x.slice([0, 0], [3, 3]))
          .sum(),
      ShapeError as new () => Error,
    ],
    [(x) => x.exp().sum().mul(inv(singular).sum()), SingularError as new () => Error],
    [
      (x) => {
        const inner = grad((y: Tensor) => {
          if (y.mul(x).sum().rank === 0) throw new RangeError("mine");
          return scalar(0);
        });
        return inner(x.sin()).sum();
      },
      RangeError,
    ],
  ];
  return (i) => {
    const [f, wanted] = kinds[i % kinds.length] as (typeof kinds)[number];
    let error: unknown = null;
    try {
      grad(f)(x);
    } catch (caught) {
      error = caught;
    }
    insist(error instanceof wanted, `${wanted.name} was wanted, ${String(error)} came`);
    insist(error instanceof TracegradError || wanted === RangeError, "of no class of ours");
  };
}

/** One step of everything, each kind as often as its share of the time allows. */
export function startWork(): Work {
  const narrow = network("float32");
  const wide = network("float64");
  const kinds: Work[] = [narrow, algebra("float32"), narrow, values(), wide, algebra("float64")];
  const wrong = mistakes();
  return (i) => {
    const round = Math.floor(i / kinds.length);
    (kinds[i % kinds.length] as Work)(round);
    if (i % 997 === 0) wrong(round);
  };
}
