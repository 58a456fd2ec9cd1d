import { DomainError } from "./errors.js";
import { format } from "./shape.js";
import { storageOf, type Tensor } from "./tensor.js";

/** Anomaly mode: names the first op that makes a value that is not finite. */
export function requireFinite(what: string, values: readonly Tensor[]): void {
  for (const value of values) {
    const data = storageOf(value).read();
    const at = data.findIndex((x) => !Number.isFinite(x));
    if (at >= 0) {
      throw new DomainError(
        `${what}: made ${data[at]} (element ${at % value.size} of a result of shape ${format(value.shape)}); ` +
          "this is the first value on the tape that is not finite",
      );
    }
  }
}
