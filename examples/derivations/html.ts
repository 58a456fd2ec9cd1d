/** The page as HTML that needs no network: formulas are MathML. */
import temml from "temml";
import type { Chapter, Entry, Part, Quote } from "./entries.js";
import type { Finding } from "./finding.js";
import { type Line, linesOf, pieces, sizes } from "./lines.js";
import * as page from "./page.js";
import { style } from "./style.js";

/** A formula in MathML; `tall` fractions are as large as in a line of their own. */
export function typeset(formula: string, tall = false): string {
  const options = { throwOnError: true, strict: true };
  return temml.renderToString(tall ? `\\displaystyle ${formula}` : formula, options);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Words in which backticks enclose code, and asterisks what is emphasised. */
function prose(text: string): string {
  return escaped(text)
    .replace(/`([^`]*)`/g, "<code>$1</code>")
    .replace(/\*([^*]*)\*/g, "<em>$1</em>");
}

/** The whole page. */
export function html(chapters: readonly Chapter[]): string {
  const quotes = page.quotesOf(chapters);
  const contents = chapters.map(({ section, entries }) => {
    const own = entries.map(({ id, title }) => `<a href="#${id}">${escaped(title)}</a>`);
    return `<li><a href="#${section.id}">${section.title}</a><p>${own.join(" ")}</p></li>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title}: tracegrad</title>
<style>
${style}</style>
</head>
<body>
<h1>${page.title}</h1>
${[...page.introduction, page.counted(quotes)].map((text) => `<p>${prose(text)}</p>`).join("\n")}
<nav>
<ol>
${contents.join("\n")}
<li><a href="#misprints">Misprints found</a></li>
</ol>
</nav>
${chapters.map(chapter).join("\n")}
${misprints(quotes)}
</body>
</html>
`;
}

function chapter({ section, entries }: Chapter): string {
  return `<section id="${section.id}">
<h2>${section.title}</h2>
<p>${prose(section.words)}</p>
${entries.map(entry).join("\n")}
</section>`;
}

function entry({ id, title, plan, main, parts, quotes }: Entry): string {
  const words = plan.words === undefined ? "" : `<p>${prose(plan.words)}</p>\n`;
  const list = quotes.length === 0 ? "" : `\n<ul>\n${quotes.map(quote).join("\n")}\n</ul>`;
  return `<article id="${id}">
<h3>${escaped(title)}</h3>
${words}${steps(main)}${parts.map(part).join("")}${list}
</article>`;
}

function steps(derivation: Parameters<typeof linesOf>[0]): string {
  const { value, steps, result, legend } = linesOf(derivation);
  const lines = [value, ...steps].map((one) => line(one));
  const end = [line({ ...result, law: "" }, "result"), ...legend.map((one) => line(one))];
  const told = `${typeset(sizes(derivation))}; ${result.law}`;
  return `<div class="steps">\n${[...lines, ...end].join("\n")}\n</div>\n<p class="told">${told}</p>`;
}

function line({ left, right, law }: Line, name = ""): string {
  const own = name === "" ? "" : ` class="${name}"`;
  const cells = [typeset(left, true), typeset(`{} = ${right}`, true)];
  const why = law === "" ? "" : `<i>${escaped(law)}</i>`;
  return `<div${own}><span>${cells[0]}</span><span>${cells[1]}</span>${why}</div>`;
}

function part(one: Part): string {
  const words = `<p class="part">${prose(one.words)}`;
  if ("code" in one) return `\n${words}</p>\n<pre><code>${escaped(one.code)}</code></pre>`;
  if (one.steps) return `\n${words}</p>\n${steps(one.derivation)}`;
  return `\n${words} ${typeset(page.resultOf(one), true)}</p>`;
}

function classOf({ verdict }: Finding): string {
  return verdict === "right" ? "right" : verdict.startsWith("right") ? "partly" : "wrong";
}

function quote({ source, finding }: Quote): string {
  const why = finding.verdict === "right" ? "" : `: ${escaped(finding.why)}`;
  return `<li><code>${source.id}</code> <span class="quote">${quoted(source.quote)}</span> <span class="why"><b class="${classOf(finding)}">${finding.verdict}</b>${why}</span></li>`;
}

function quoted(text: string): string {
  const shown = pieces(text).map(({ kind, text }) => {
    if (kind === "math") return typeset(text);
    return kind === "source" ? `<code>${escaped(text)}</code>` : escaped(text);
  });
  return shown.join("");
}

function misprints(quotes: readonly Quote[]): string {
  const rows = page.misprints(quotes).map(({ quote: { source, finding }, right, words }) => {
    const cells = [
      `<code>${source.id}</code>`,
      `<div>${quoted(source.quote)}</div><div>${typeset(right)}</div>`,
      escaped(finding.difference),
      `<b class="${classOf(finding)}">${finding.verdict}</b>. ${escaped(words)}`,
    ];
    return `<tr>${cells.map((text) => `<td>${text}</td>`).join("")}</tr>`;
  });
  const slips = page.slipsOf(quotes).map(({ id, words }) => {
    return `<li><code>${id}</code> ${escaped(words)}</li>`;
  });
  const heads = ["", "printed, and right", "off by", ""].map((text) => `<th>${text}</th>`);
  return `<section id="misprints">
<h2>Misprints found</h2>
<p>${prose(page.misprintWords)}</p>
<div class="wide">
<table>
<thead><tr>${heads.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</div>
<p>${escaped(page.slipWords)}</p>
<ul>
${slips.join("\n")}
</ul>
</section>`;
}
