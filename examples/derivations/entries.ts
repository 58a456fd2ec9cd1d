/** Derives what the page shows. */
import { readFileSync } from "node:fs";
import { type Derivation, derive, parse } from "tracegrad/derive";
import { judged } from "./claims.js";
import type { Finding } from "./finding.js";
import { loss } from "./loss.js";
import { Case, type Kind, type Layout, type Source, sources } from "./record.js";
import { type Plan, type Section, sections } from "./sections.js";

/** What a text prints, and what it is worth. */
export interface Quote {
  readonly source: Source;
  readonly finding: Finding;
  /** The record's own derivative, in its letters. */
  readonly derivation: Derivation;
}

/** A derivation beside the main one, with its steps or without, or some code. */
export type Part =
  | {
      readonly words: string;
      readonly derivation: Derivation;
      readonly steps: boolean;
      /** Whether to say what the function is. */
      readonly of?: boolean;
    }
  | { readonly words: string; readonly language: string; readonly code: string };

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly plan: Plan;
  readonly main: Derivation;
  readonly parts: readonly Part[];
  readonly quotes: readonly Quote[];
}

export interface Chapter {
  readonly section: Section;
  readonly entries: readonly Entry[];
}

/** All of the page. */
export function chapters(): Chapter[] {
  const known = new Map(sources.map((source) => [source.id, source]));
  return sections.map((section) => ({
    section,
    entries: section.plans.map((plan, i) => {
      const own = (plan.records ?? []).map((id) => {
        const source = known.get(id);
        if (source === undefined) throw new Error(`there is no record ${id}`);
        return source;
      });
      return entry(`${section.id}-${i + 1}`, plan, own);
    }),
  }));
}

function entry(id: string, plan: Plan, records: readonly Source[]): Entry {
  const { of, wrt, second = false } = plan;
  const first = derivationOf(plan);
  for (const record of records) {
    if (!isAbout(plan, record)) throw new Error(`${record.id} is not about ${of} by ${wrt}`);
  }
  const quotes = records.map((source) => {
    const at = new Case(source);
    return { source, finding: judged(at), derivation: at.derive(source.expr, source.wrt) };
  });
  const title = plan.title ?? `${first.value} by ${wrt}${second ? ", twice" : ""}`;
  const main = second ? first.hessian() : first;
  return { id, title, plan, main, parts: parts(plan, main, quotes), quotes };
}

function derivationOf({ of, wrt, kinds = {} }: Plan, layout?: Layout): Derivation {
  return derive(of, { wrt, kinds, ...(layout === undefined ? {} : { layout }) });
}

function parts(plan: Plan, main: Derivation, quotes: readonly Quote[]): Part[] {
  const { also = [], show = [], inner } = plan;
  const list: Part[] = also.map((wrt) => {
    return { words: `By ${wrt}:`, derivation: derivationOf({ ...plan, wrt }), steps: false };
  });
  if (main.kind === "Jacobian" || main.kind === "derivative") {
    const derivation = derivationOf(plan, "denominator");
    list.push({ words: "In denominator layout:", derivation, steps: false });
    const [quote] = quotes;
    if (quote !== undefined) {
      const words = "With a vector in front, the gradient:";
      list.push({ words, derivation: quote.derivation, steps: false, of: true });
    }
  }
  if (inner !== undefined) {
    for (const layout of ["numerator", "denominator"] as const) {
      const words = `The inner derivative in ${layout} layout:`;
      const derivation = derivationOf({ of: inner, wrt: plan.wrt }, layout);
      list.push({ words, derivation, steps: false, of: true });
    }
  }
  for (const what of show) {
    if (what === "numerator layout") {
      const derivation = derivationOf(plan, "numerator");
      list.push({ words: "In numerator layout:", derivation, steps: false });
    } else if (what === "second derivative") {
      list.push({ words: "Derived once more:", derivation: main.hessian(), steps: true });
    } else if (what === "TypeScript") {
      const code = readFileSync(new URL("loss.ts", import.meta.url), "utf8").trim();
      list.push({ words: "The same function in TypeScript,", language: "ts", code });
      const derivation = derive(loss, { args: ["m×n", "n", "", "m"], wrt: plan.wrt });
      list.push({ words: "derived from its ops:", derivation, steps: true });
    } else {
      const words = 'The gradient as a program, written by `code("numpy")`:';
      list.push({ words, language: "python", code: main.code("numpy").trim() });
    }
  }
  return list;
}

/** Whether a record has the function of a plan, up to the names of the variables. */
function isAbout({ of, wrt, kinds = {}, also = [] }: Plan, record: Source): boolean {
  const wanted = [wrt, ...also].map((name) => canonical(of, name, kinds));
  const own = Object.fromEntries(
    Object.entries(record.variables).map(([name, { kind }]) => [name, kind]),
  );
  const { jacobian, hessian } = record;
  const texts = [record, ...(jacobian === undefined ? [] : [jacobian])].map((one) =>
    canonical("of" in one ? one.of : one.expr, one.wrt, own),
  );
  if (hessian !== undefined) texts.push(canonical(hessian.of, hessian.wrt, own));
  return texts.some((text) => wanted.includes(text));
}

type Tree = ReturnType<typeof parse>["tree"];

/** A function and its variable, with names by their first place and products without parentheses. */
export function canonical(
  text: string,
  wrt: string,
  kinds: Readonly<Record<string, Kind>>,
): string {
  const own = Object.fromEntries(Object.entries(kinds).filter(([name]) => isIn(text, name)));
  const { tree, variables } = parse(text, { kinds: own });
  const names = variables.map(({ name }) => name);
  const write = (node: Tree): string => {
    switch (node.kind) {
      case "number":
        return String(node.value);
      case "name": {
        const at = names.indexOf(node.name);
        const kind = variables[at]?.kind.replace("symmetric ", "");
        return at < 0 ? node.name : `${kind}${at + 1}`;
      }
      case "minus":
      case "transpose":
        return `${node.kind}(${write(node.arg)})`;
      case "call":
        return `${node.name}(${node.args.map(write).join()})`;
      case "binary":
        if (node.op === "*") return `(${factors(node).map(write).join("*")})`;
        return `(${write(node.left)}${node.op}${write(node.right)})`;
    }
  };
  const factors = (node: Tree): Tree[] =>
    node.kind === "binary" && node.op === "*"
      ? [...factors(node.left), ...factors(node.right)]
      : [node];
  return `${write(tree)} by ${names.indexOf(wrt) + 1}`;
}

function isIn(text: string, name: string): boolean {
  return new RegExp(`(?<![\\p{L}\\d_])${name}(?![\\p{L}\\d_])`, "u").test(text);
}
