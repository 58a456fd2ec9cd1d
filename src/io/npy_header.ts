import { quoted } from "../checks/said.js";
import { DtypeError, FormatError, type Shape } from "../index.js";
import { isKind, type Kind } from "./elements.js";
import { MAX_RANK } from "./text.js";

/** What the header of a `.npy` file says. */
export interface NpyHeader {
  readonly kind: Kind;
  readonly bigEndian: boolean;
  /** Whether the first axis is the one along which elements are neighbours. */
  readonly fortran: boolean;
  readonly shape: Shape;
}

/**
 * Reads the header, a literal of Python: a dictionary of just three keys, of a text, a truth value and a
 * tuple of whole numbers. Nothing else of Python's is known here.
 *
 * @throws FormatError with the position of what is wrong; DtypeError for elements that are not read.
 */
export function npyHeader(where: string, text: string): NpyHeader {
  let at = 0;

  /** The groups of what comes next, or null; blanks in front are passed over. */
  const accept = (pattern: string): string[] | null => {
    const found = new RegExp(`[ \\t\\n\\r\\f]*(?:${pattern})`, "y");
    found.lastIndex = at;
    const groups = found.exec(text);
    if (groups !== null) at = found.lastIndex;
    return groups?.slice(1) ?? null;
  };

  const expect = (pattern: string, what: string): string[] => {
    const groups = accept(pattern);
    if (groups !== null) return groups;
    const rest = text.slice(at).trim();
    const came = rest === "" ? "it ends early" : `${quoted(rest.slice(0, 20))} came`;
    throw new FormatError(`${where}: ${what} was wanted at character ${at}, but ${came}`);
  };

  const quotedText = `'([^'\\\\]*)'|"([^"\\\\]*)"`;
  const string = (what: string): string => {
    const [single, double] = expect(quotedText, what);
    return single ?? double ?? "";
  };

  /** A tuple of Python: one of a single number has a comma behind it. */
  const tuple = (): number[] => {
    const sizes: number[] = [];
    expect("\\(", "a shape, as (3, 4),");
    while (accept("\\)") === null) {
      // Python 2 has an L behind long numbers.
      const [digits = ""] = expect("(\\d+)L?(?![\\w.])", "a whole number, 0 or more,");
      sizes.push(Number(digits));
      if (accept(",") !== null) continue;
      const isOne = sizes.length === 1;
      expect(isOne ? "," : "\\)", isOne ? '","' : '"," or ")"');
      break;
    }
    return sizes;
  };

  const values: { descr?: string; fortran_order?: boolean; shape?: number[] } = {};
  const read: Readonly<Record<keyof typeof values, () => void>> = {
    descr: () => {
      if (accept("(?=[[(])") !== null) {
        throw new DtypeError(`${where}: the array is one of structures; only numbers are read`);
      }
      values.descr = string("a text that describes the elements");
    },
    fortran_order: () => {
      values.fortran_order = expect("(True|False)\\b", "True or False")[0] === "True";
    },
    shape: () => {
      values.shape = tuple();
    },
  };

  expect("\\{", '"{"');
  while (accept("\\}") === null) {
    const key = string("a key in quotes");
    if (!Object.hasOwn(read, key))
      throw new FormatError(`${where}: the key ${quoted(key)} is unknown`);
    if (Object.hasOwn(values, key)) throw new FormatError(`${where}: ${key} comes twice`);
    expect(":", '":"');
    read[key as keyof typeof values]();
    if (accept(",") === null) {
      expect("\\}", '"," or "}"');
      break;
    }
  }
  expect("$", "the end");

  const { descr, fortran_order: fortran, shape } = values;
  if (descr === undefined) throw new FormatError(`${where}: descr is missing`);
  if (fortran === undefined) throw new FormatError(`${where}: fortran_order is missing`);
  if (shape === undefined) throw new FormatError(`${where}: shape is missing`);
  if (shape.length > MAX_RANK) {
    throw new FormatError(`${where}: the shape has ${shape.length} axes, more than ${MAX_RANK}`);
  }
  return { ...elementType(where, descr), fortran, shape };
}

/** By NumPy's letters: what is no array of numbers that could be read. */
const others: Readonly<Record<string, string>> = {
  O: "Python objects, a pickle, which runs code when it is read",
  c: "complex numbers",
  S: "text",
  a: "text",
  U: "text",
  M: "dates",
  m: "spans of time",
  V: "structures or raw bytes",
};

function elementType(where: string, descr: string): { kind: Kind; bigEndian: boolean } {
  const [, order = "", letter = "", size = ""] = /^([<>=|]?)([a-zA-Z])(\d*)/.exec(descr) ?? [];
  const other = others[letter];
  if (other !== undefined) {
    throw new DtypeError(`${where}: descr is ${quoted(descr)}, ${other}; only numbers are read`);
  }
  const bits = Number(size) * 8;
  const kind = letter === "b" && size === "1" ? "BOOL" : `${letter.toUpperCase()}${bits}`;
  const isWhole = descr === `${order}${letter}${size}` && (order !== "|" || size === "1");
  if (isWhole && /^[fiub]$/.test(letter) && isKind(kind)) return { kind, bigEndian: order === ">" };
  if (isWhole && letter === "f") {
    throw new DtypeError(
      `${where}: descr is ${quoted(descr)}, floats of ${bits} bits; 16, 32 and 64 are read`,
    );
  }
  throw new FormatError(`${where}: descr is ${quoted(descr)}, which describes no numbers`);
}
