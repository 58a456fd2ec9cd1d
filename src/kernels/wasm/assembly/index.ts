// Everything that a kernel in TypeScript can call. Names end in the element type.
export * from "./memory";
export * from "./fill";
export * from "./move";
export * from "./select";
export * from "./gemm";
