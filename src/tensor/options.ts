import { UsageError } from "./errors.js";
import { describe } from "./tree.js";

/**
 * The options, unless a number, text or list came for them, as other libraries take axes and dtypes, or
 * one that there is not, as their names for it. No compiler looks where plain JavaScript calls.
 */
export function requireOptions<T>(name: string, options: T, known: readonly string[]): T {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) {
    for (const key in options) {
      if (known.includes(key)) continue;
      const list = known.length === 1 ? `option is ${known[0]}` : `options are ${known.join(", ")}`;
      throw new UsageError(`${name}: there is no option ${key}; the ${list}`);
    }
    return options;
  }
  throw new UsageError(
    `${name}: the options are ${describe(options)}; an object was wanted, such as { ${known[0]}: … }`,
  );
}
