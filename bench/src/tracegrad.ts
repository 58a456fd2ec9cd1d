/** The built package, as a user gets it. */
export * from "../../dist/index.js";
export * from "../../dist/optim/index.js";
