import type { AnyOp } from "../core/op.js";
import * as activation from "./activation.js";
import * as arithmetic from "./arithmetic.js";
import * as compare from "./compare.js";
import * as determinant from "./determinant.js";
import * as diagonal from "./diagonal.js";
import * as eigen from "./eigen.js";
import * as elementwise from "./elementwise.js";
import * as factor from "./factor.js";
import * as join from "./join.js";
import * as lstsq from "./lstsq.js";
import * as lu from "./lu.js";
import * as power from "./power.js";
import * as product from "./product.js";
import * as qr from "./qr.js";
import * as reduce from "./reduce.js";
import * as reshape from "./reshape.js";
import * as select from "./select.js";
import * as softmax from "./softmax.js";
import * as solve from "./solve.js";
import * as svd from "./svd.js";
import * as update from "./update.js";

/** The modules whose exports are ops (`expOp`) and the public functions that apply them (`exp`). */
export const families = {
  arithmetic,
  compare,
  elementwise,
  activation,
  reshape,
  join,
  select,
  reduce,
  softmax,
  diagonal,
  product,
  solve,
  determinant,
  factor,
  eigen,
  svd,
  lstsq,
  lu,
  qr,
  power,
  update,
};

const isOp = (value: unknown): value is AnyOp =>
  typeof value === "object" && value !== null && "rules" in value && "samples" in value;

/** All ops, with the family each belongs to; read by tests, docs and generators. */
export const ops: readonly { readonly family: string; readonly op: AnyOp }[] = Object.entries(
  families,
).flatMap(([family, module]) =>
  Object.values<unknown>(module)
    .filter(isOp)
    .map((op) => ({ family, op })),
);
