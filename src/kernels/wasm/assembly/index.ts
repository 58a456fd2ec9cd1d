// Everything that a kernel in TypeScript can call. Names end in the element type.
export * from "./memory";
export * from "./fill";
export * from "./unary";
export * from "./binary";
export * from "./compare";
export * from "./where";
export * from "./cast";
export * from "./move";
export * from "./select";
export * from "./reduce";
export * from "./extreme";
export * from "./update";
export * from "./gemm";
export * from "./triangular";
export * from "./lu";
export * from "./inverse";
export * from "./cholesky";
