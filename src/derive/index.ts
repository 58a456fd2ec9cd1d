export type { Language } from "./code.js";
export { type Check, Derivation, type Step } from "./derivation.js";
export { derive } from "./derive.js";
export { Formula } from "./formula.js";
export type { Variable } from "./problem.js";
export type { Argument, DeriveFunctionOptions, DeriveOptions } from "./source.js";
export { ParseError } from "./text/parse.js";
export { type Program, type ProgramOptions, parse } from "./text/program.js";
export { SizeError } from "./text/sizes.js";
