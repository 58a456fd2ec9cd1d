/** The page as Markdown for GitHub: docs/decisions/008 says how formulas stand in it. */
import type { Chapter, Entry, Part, Quote } from "./entries.js";
import { aligned, linesOf, pieces, sizes } from "./lines.js";
import * as page from "./page.js";

const inline = (formula: string): string => `$\`${formula.replaceAll("\n", " ")}\`$`;
const display = (formula: string): string => `\`\`\`math\n${formula}\n\`\`\``;

/** The whole page. */
export function markdown(chapters: readonly Chapter[]): string {
  const quotes = page.quotesOf(chapters);
  const contents = [
    ...chapters.map(({ section }) => `- [${section.title}](#${section.id})`),
    "- [Misprints found](#misprints)",
  ];
  const blocks = [
    `# ${page.title}`,
    ...page.introduction,
    page.counted(quotes),
    contents.join("\n"),
    ...chapters.flatMap(chapter),
    ...misprints(quotes),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function chapter({ section, entries }: Chapter): string[] {
  return [
    `<a id="${section.id}"></a>`,
    `## ${section.title}`,
    section.words,
    ...entries.flatMap(entry),
  ];
}

function entry({ title, plan, main, parts, quotes }: Entry): string[] {
  const { value, steps, result, legend } = linesOf(main);
  return [
    `### ${title}`,
    ...(plan.words === undefined ? [] : [plan.words]),
    display(aligned([value, ...steps, { ...result, law: "" }, ...legend])),
    `${inline(sizes(main))}; ${result.law}.`,
    ...parts.flatMap(part),
    ...(quotes.length === 0 ? [] : [quotes.map(quote).join("\n")]),
  ];
}

function part(one: Part): string[] {
  if ("code" in one) return [one.words, `\`\`\`${one.language}\n${one.code}\n\`\`\``];
  if (!one.steps) return [`${one.words} ${inline(page.resultOf(one))}`];
  const { value, steps, result, legend } = linesOf(one.derivation);
  const lines = [value, ...steps, { ...result, law: "" }, ...legend];
  return [one.words, display(aligned(lines)), `${inline(sizes(one.derivation))}; ${result.law}.`];
}

function quote({ source, finding }: Quote): string {
  const verdict = `**${finding.verdict}**`;
  const why = finding.verdict === "right" ? "" : `: ${finding.why}`;
  return `- \`${source.id}\` ${quoted(source.quote)} — ${verdict}${why}`;
}

function quoted(text: string): string {
  const shown = pieces(text).map(({ kind, text }) => {
    if (kind === "math") return inline(text);
    return kind === "source" ? `\`${text}\`` : text;
  });
  return shown.join("");
}

function misprints(quotes: readonly Quote[]): string[] {
  const rows = page.misprints(quotes).map(({ quote: { source, finding }, right, words }) => {
    const cells = [
      `\`${source.id}\``,
      cell(quoted(source.quote)),
      cell(inline(right)),
      finding.difference,
      `**${finding.verdict}.** ${words}`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const slips = page.slipsOf(quotes).map(({ id, words }) => `- \`${id}\`: ${words}`);
  return [
    '<a id="misprints"></a>',
    "## Misprints found",
    page.misprintWords,
    ["| | printed | right | off by | |", "|---|---|---|---|---|", ...rows].join("\n"),
    page.slipWords,
    slips.join("\n"),
  ];
}

/** A cell ends at a bar, so that those of formulas have other names. */
function cell(text: string): string {
  return text
    .replaceAll("\\|", "\\Vert ")
    .replace(/\$`[^`]*`\$/g, (formula) => formula.replaceAll("|", "\\vert "))
    .replaceAll("|", "\\|");
}
