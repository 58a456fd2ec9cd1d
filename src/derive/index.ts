export { type Check, Derivation, type Step } from "./derivation.js";
export {
  type Argument,
  type DeriveFunctionOptions,
  type DeriveOptions,
  derive,
} from "./derive.js";
export { Formula } from "./formula.js";
export { ParseError } from "./parse.js";
export type { Variable } from "./problem.js";
export { type Program, program as parse } from "./program.js";
