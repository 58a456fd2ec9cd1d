/** What the declarations of the package promise; it is compiled, not run. */
import {
  grad,
  hessian,
  type InitOptions,
  type leaves,
  type Tensor,
  tensor,
  valueAndGrad,
  type vmap,
} from "tracegrad";
import { parseCsv } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { mlp } from "tracegrad/nn";
import { adam } from "tracegrad/optim";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only where two types are the same, and neither is `any`. */
const same = <A, B>(..._: Same<A, B> extends true ? [] : [never]): void => {};

const X = tensor([
  [1, 2],
  [3, 4],
]);
same<typeof X, Tensor>();
const product = X.matmul(X.T).add(1).sum();
same<typeof product, Tensor>();
const number = product.item();
same<typeof number, number>();
// @ts-expect-error: there is no such method
X.nonsense();
// @ts-expect-error: a string is no tensor
X.matmul("X");

// Trees of parameters keep their form.
const params = { layers: [{ W: X, b: tensor([0, 0]) }], scale: tensor(1) };
const loss = (p: typeof params): Tensor => p.scale.mul(X).sum();
const gradient = grad(loss)(params);
same<typeof gradient, typeof params>();
const [value, gradients] = valueAndGrad(loss)(params);
same<typeof value, Tensor>();
same<typeof gradients.layers, { W: Tensor; b: Tensor }[]>();
// @ts-expect-error: the tree has no such part
gradient.shift;
// @ts-expect-error: another form than the function's argument
grad(loss)({ scale: X });
same<ReturnType<typeof leaves>, Tensor[]>();
const H = hessian((x: Tensor) => x.square().sum())(X);
same<typeof H, Tensor>();
same<ReturnType<ReturnType<typeof vmap<[Tensor], Tensor>>>, Tensor>();

// The entries.
const [moved] = adam().update(params, gradients, adam().init(params));
same<typeof moved, typeof params>();
const first = mlp([2, 1]).init();
same<(typeof first)[number]["W"], Tensor>();
const table = parseCsv("a,b\n1,x", { columns: { a: "number", b: "string" } });
const a = table.column("a");
same<typeof a, number[]>();
const b = table.column("b");
same<typeof b, (string | null)[]>();
const formula = String(derive("tr(A*X)", { wrt: "X" }).gradient);
same<typeof formula, string>();

// Where the binary is.
const url = "/tfjs-backend-wasm-simd.wasm";
const options: InitOptions[] = [{}, { wasmPaths: "/assets/" }];
options.push({ wasmPaths: { "tfjs-backend-wasm-simd.wasm": url } });
// @ts-expect-error: not this one of tfjs's binaries
options.push({ wasmPaths: { "tfjs-backend-wasm.wasm": url } });

export { a, b, formula, H, number, options, value };
