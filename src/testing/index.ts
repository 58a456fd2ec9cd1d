export { checkOp, checkPairing32, inFloat32, type OpReport } from "./check_op.js";
export { distance } from "./compare.js";
export { CheckError, gradcheck } from "./gradcheck.js";
