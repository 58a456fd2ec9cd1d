import { UsageError } from "./errors.js";
import { Tensor } from "./tensor.js";
import { describe } from "./tree.js";
import { meant } from "./words.js";

/**
 * The options, unless a number, text or list came for them, as other libraries take axes and dtypes, or
 * one that there is not, as their names for it. No compiler looks where plain JavaScript calls.
 */
export function requireOptions<T>(name: string, options: T, known: readonly string[]): T {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw noOptions(name, options, known);
  }
  for (const key in options) {
    if (known.includes(key)) continue;
    const isData = options instanceof Tensor || ArrayBuffer.isView(options);
    throw isData ? noOptions(name, options, known) : unknownOption(name, key, known);
  }
  return options;
}

function noOptions(name: string, options: unknown, known: readonly string[]): UsageError {
  return new UsageError(
    `${name}: the options are ${describe(options)}; an object was wanted, such as { ${known[0]}: … }`,
  );
}

/** That there is no option of a name, and which there are. */
export function unknownOption(name: string, key: string, known: readonly string[]): UsageError {
  const list = known.length === 1 ? `option is ${known[0]}` : `options are ${known.join(", ")}`;
  return new UsageError(`${name}: there is no option ${key}; ${meant(key, known)}the ${list}`);
}
