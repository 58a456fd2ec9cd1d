import { readme } from "../../test/support/pages.js";
import { agree, promised, withChecks } from "../../test/support/promised.js";
import { demand } from "./run.js";

/** The README's first example. */
export const example = readme.blocks[0]?.code ?? "";

/** Values as JSON, each with what its comment promises. */
type Said = readonly (readonly [json: string, comment: string])[];

/** The example, or its JavaScript, as a program that keeps in `said` what its lines give, and then ends. */
export function recording(code: string, end: string): string {
  const record = "(value, comment) => said.push([JSON.stringify(value), comment])";
  return `const said = [];\nconst check = ${record};\n${withChecks(code)}\n${end}\n`;
}

/** Names in the strings of a JSON text, in the order in which they come: what is left of a minifier's. */
const renamed = (json: string): string =>
  json.replace(/"[^"]*"/g, (text) => {
    const names = [...new Set(text.match(/[A-Za-z_$][\w$]*/g))];
    return text.replace(/[A-Za-z_$][\w$]*/g, (name) => `v${names.indexOf(name)}`);
  });

/**
 * Compares what a program of {@link recording} has said. Formulas are written with the names of the
 * function's parameters, which are others where the program was `minified`.
 */
export function judge(text: string, minified = false): string {
  const said = JSON.parse(text) as Said;
  const lines = withChecks(example).match(/^\s*check\(/gm)?.length ?? 0;
  demand(lines > 0 && said.length === lines, `${said.length} of ${lines} lines gave a value`);
  const same = (json: string, wanted: string): boolean =>
    agree(json, wanted) || (minified && agree(renamed(json), renamed(wanted)));
  const compared = said.filter(([json, comment]) => {
    const wanted = promised(comment);
    demand(wanted === null || same(json, wanted), `wants ${wanted}, gives ${json}`);
    return wanted !== null;
  });
  demand(compared.length > 0, "no line of the README's first example shows a value");
  return `the README's first example gives its ${compared.length} values`;
}
