import { occurrences } from "./names.js";

/** A claim with one change, and what was wrong if that makes it right. */
export interface Edit {
  readonly code: string;
  readonly what: string;
  readonly text: string;
}

/** More changes than these are not tried. */
const most = 100;

/** What may stand between two operands of a product. */
const times = /\.?[*·∘]/gu;

/** All claims that differ from one in a sign, a transpose, or the order or kind of a product. */
export function edits(claim: string): readonly Edit[] {
  return [...signs(claim), ...transposes(claim), ...products(claim)].slice(0, most);
}

function replaced(text: string, from: number, to: number, by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}

function signs(claim: string): Edit[] {
  // Not those of exponents, as in 1e-3. Before an operand a minus is left out, as + is no sign there.
  return [...claim.matchAll(/(?<![\d.][eE])[-+−]/gu)].map(({ 0: sign, index }) => {
    const leads = /(^|[-(,+−*/^·∘⊘])\s*$/u.test(claim.slice(0, index));
    const other = sign === "+" ? "-" : leads ? "" : "+";
    return {
      code: "sign of a part",
      what: "a sign is wrong",
      text: replaced(claim, index, index + 1, other),
    };
  });
}

/** With a transpose more or less behind a name or a bracket. */
function transposes(claim: string): Edit[] {
  const brackets = [...claim.matchAll(/\)/g)].map(({ index }) => index + 1);
  const ends = [...occurrences(claim).map(({ end }) => end), ...brackets];
  return ends.map((end) =>
    /^['’′ᵀ]/u.test(claim.slice(end))
      ? {
          code: "transpose",
          what: "there is a transpose too many",
          text: replaced(claim, end, end + 1, ""),
        }
      : {
          code: "transpose",
          what: "a transpose is missing",
          text: replaced(claim, end, end, "'"),
        },
  );
}

/** With the operands of a product exchanged, or the product of matrices and that of entries. */
function products(claim: string): Edit[] {
  return [...claim.matchAll(times)].flatMap(({ 0: sign, index }) => {
    const end = index + sign.length;
    const left = before(claim, index);
    const right = behind(claim, end);
    const [X, Y] = [claim.slice(left, index).trim(), claim.slice(end, right).trim()];
    const entrywise = sign.startsWith(".") || sign === "∘";
    const exchanged = {
      code: "order",
      what: "the order of a product is wrong",
      text: replaced(claim, left, right, `${Y}${sign}${X}`),
    };
    const other = {
      code: "product",
      what: entrywise ? "a product is not entrywise" : "a product is entrywise",
      text: replaced(claim, index, end, entrywise ? "*" : ".*"),
    };
    return X === "" || Y === "" || entrywise ? [other] : [exchanged, other];
  });
}

/** Where the operand begins that ends at an offset: a name, a number, a call or a bracket. */
function before(text: string, end: number): number {
  let at = text.slice(0, end).replace(/[\s'’′ᵀ]+$/u, "").length;
  if (text[at - 1] === ")") {
    let depth = 0;
    do {
      at--;
      depth += text[at] === ")" ? 1 : text[at] === "(" ? -1 : 0;
    } while (depth > 0 && at > 0);
  }
  return at - (/[\p{Lu}\p{Ll}\p{Lo}\p{N}_.]*$/u.exec(text.slice(0, at))?.[0].length ?? 0);
}

/** Where the operand ends that begins at an offset. */
function behind(text: string, start: number): number {
  let at = start + (/^\s*[\p{Lu}\p{Ll}\p{Lo}\p{N}_.]*/u.exec(text.slice(start))?.[0].length ?? 0);
  if (text[at] === "(") {
    let depth = 0;
    do {
      depth += text[at] === "(" ? 1 : text[at] === ")" ? -1 : 0;
      at++;
    } while (depth > 0 && at < text.length);
  }
  return at + (/^['’′ᵀ]*/u.exec(text.slice(at))?.[0].length ?? 0);
}
