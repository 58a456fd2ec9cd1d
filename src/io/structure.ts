import { quoted, said } from "../checks/said.js";
import { FormatError, Tensor, UsageError } from "../index.js";
import { strictJson } from "./json.js";
import { isRecord, requireTensor } from "./text.js";

// A value as JSON and tensors. In the JSON stand objects, arrays, strings, truth values, null and most
// numbers as they are; the rest as an object of one key: {"$tensor": name}, {"$number": "NaN"} and
// {"$undefined": null}. Keys of the value that begin with $ get another $ in front.

/** How deep a value may be nested. */
const DEPTH = 500;
const VERSION = 1;

/** The numbers that JSON does not have. */
const numbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "-0": -0,
};

/** What stands in the JSON as it is, wherever in the value it stands. */
function isPlain(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === "string" || typeof value === "boolean";
}

/** What a key of an object or an index of an array adds to a path. */
function pathTo(path: string, key: string | number): string {
  const isPlain = typeof key === "number" || /^[\p{L}\p{N}_$-]+$/u.test(key);
  if (!isPlain || (path === "" && key === "__metadata__")) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? String(key) : `${path}.${key}`;
}

/** A place in the value as messages name it. */
function at(where: string, path: string): string {
  if (path === "") return `${where}: the value`;
  return `${where}: ${path.length > 200 ? `${path.slice(0, 200)}…` : path}`;
}

/** The name of the tensor at a path: `params.0.W`, with `["a key"]` where a key is no plain word. */
const nameOf = (path: string): string => (path === "" ? "value" : path);

/**
 * The tensors of a value, by their paths, and the JSON of all else.
 *
 * @throws UsageError that names the path of what cannot be saved.
 */
export function takeApart(
  where: string,
  value: unknown,
): { readonly structure: string; readonly tensors: Record<string, Tensor> } {
  const tensors: [string, Tensor][] = [];
  const around = new Set<object>();

  const part = (value: unknown, path: string): unknown => {
    if (value instanceof Tensor) {
      requireTensor(at(where, path), value);
      tensors.push([nameOf(path), value]);
      return { $tensor: nameOf(path) };
    }
    if (isPlain(value)) return value;
    if (typeof value === "number") return { $number: value === 0 ? "-0" : String(value) };
    if (value === undefined) return { $undefined: null };
    if (!Array.isArray(value) && !isRecord(value)) throw refusal(at(where, path), value);
    if (around.has(value)) {
      throw new UsageError(`${at(where, path)} stands within itself; no file can hold a cycle`);
    }
    if (around.size === DEPTH) {
      throw new UsageError(`${at(where, path)} is nested deeper than ${DEPTH}`);
    }
    around.add(value);
    const out = Array.isArray(value) ? list(value, path) : record(value, path);
    around.delete(value);
    return out;
  };

  const list = (values: readonly unknown[], path: string): unknown[] => {
    if (Object.keys(values).length !== values.length) {
      throw new UsageError(
        `${at(where, path)} is an array with holes, or with keys; neither can be saved`,
      );
    }
    return values.map((value, i) => (isPlain(value) ? value : part(value, pathTo(path, i))));
  };

  const record = (values: Record<string, unknown>, path: string): object => {
    const symbol = Object.getOwnPropertySymbols(values)[0];
    if (symbol !== undefined) {
      throw new UsageError(
        `${at(where, path)} has the key ${String(symbol)}; only text can be saved as key`,
      );
    }
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key.startsWith("$") ? `$${key}` : key,
        part(value, pathTo(path, key)),
      ]),
    );
  };

  const whole = part(value, "");
  try {
    const structure = JSON.stringify({ version: VERSION, value: whole });
    return { structure, tensors: Object.fromEntries(tensors) };
  } catch (error) {
    throw new UsageError(`${where}: there is too much text in it for a file`, { cause: error });
  }
}

function refusal(place: string, value: unknown): UsageError {
  const remedy = ArrayBuffer.isView(value)
    ? "make a tensor of it"
    : "tensors, numbers, text, truth values, null and undefined, in plain objects and arrays, can be saved";
  return new UsageError(`${place} is ${said(value)}; ${remedy}`);
}

/**
 * The value that was taken apart.
 *
 * @throws FormatError where structure and tensors do not belong together.
 */
export function putTogether(
  where: string,
  structure: string,
  tensors: Readonly<Record<string, Tensor>>,
): unknown {
  const left = new Map(Object.entries(tensors));
  const wrong = (path: string, what: string): never => {
    throw new FormatError(`${at(where, path)} ${what}`);
  };

  const part = (node: unknown, path: string): unknown => {
    if (Array.isArray(node)) {
      return node.map((one, i) => (isPlain(one) ? one : part(one, pathTo(path, i))));
    }
    if (!isRecord(node)) return node;
    const entries = Object.entries(node);
    const [[key, content] = [""]] = entries;
    if (entries.length === 1 && /^\$(?!\$)/.test(key)) return special(key, content, path);
    return Object.fromEntries(
      entries.map(([key, one]) => {
        if (/^\$(?!\$)/.test(key)) wrong(path, `has the key ${quoted(key)} beside others`);
        const own = key.startsWith("$") ? key.slice(1) : key;
        return [own, part(one, pathTo(path, own))];
      }),
    );
  };

  const special = (key: string, content: unknown, path: string): unknown => {
    if (key === "$undefined" && content === null) return undefined;
    if (key === "$number" && typeof content === "string" && Object.hasOwn(numbers, content)) {
      return numbers[content];
    }
    if (key !== "$tensor") return wrong(path, `is ${quoted(key)} of ${said(content)}`);
    const name = nameOf(path);
    if (content !== name) return wrong(path, `is said to be the tensor ${said(content)}`);
    const tensor = left.get(name);
    if (tensor === undefined) return wrong(path, "is said to be a tensor, but the file lacks it");
    left.delete(name);
    return tensor;
  };

  const depth = DEPTH + 2; // with what is around the value, and what tells a tensor
  const all = strictJson(`${where}: structure`, structure, { depth });
  if (!isRecord(all) || !Object.hasOwn(all, "value")) return wrong("", "is missing");
  if (all.version !== VERSION) {
    const version = said(all.version);
    return wrong("", `was written in version ${version} of the format; this reads ${VERSION}`);
  }
  const value = part(all.value, "");
  const [extra] = left.keys();
  if (extra === undefined) return value;
  return wrong("", `has no place for the tensor ${quoted(extra)}`);
}
