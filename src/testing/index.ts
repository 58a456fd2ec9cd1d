export { checkOp, type OpReport } from "./check_op.js";
export { CheckError, gradcheck } from "./gradcheck.js";
