import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The examples, in the order of the page. */
const files = [
  "least_squares.ts",
  "ridge_lasso.ts",
  "weighted_total_least_squares.ts",
  "logistic_regression.ts",
  "svm.ts",
  "pca.ts",
  "lda.ts",
  "matrix_factorization.ts",
  "procrustes.ts",
  "gaussian_mle.ts",
  "gaussian_mixture.ts",
  "kalman.ts",
  "lyapunov.ts",
  "digits.ts",
];

/** A program, its title, and what its comment says, which is Markdown. */
export interface Entry {
  readonly file: string;
  readonly title: string;
  readonly text: string;
}

function entryOf(file: string): Entry {
  const source = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
  const comment = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(source)?.[1] ?? "";
  const [first = "", ...rest] = comment.split("\n").map((line) => line.replace(/^ \* ?/, ""));
  const [title = "", question = ""] = first.split(/: (.*)/);
  const lead = question === "" ? "" : `${question.charAt(0).toUpperCase()}${question.slice(1)}\n`;
  return { file, title: title.replace(/\.$/, ""), text: `${lead}${rest.join("\n")}` };
}

export const entries: readonly Entry[] = files.map(entryOf);

/** The name under which GitHub knows a heading. */
const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

function section({ file, title, text }: Entry, printed: string): string {
  const pictures = [...printed.matchAll(/^drawn {2}(\S+\.svg)$/gm)].map(([, path = ""]) =>
    basename(path),
  );
  const promises = printed.match(/^ok .*$/gm) ?? [];
  return [
    `## ${title}`,
    text,
    ...pictures.map(
      (picture) => `![${picture.replace(".svg", "").replaceAll("_", " ")}](gallery/${picture})`,
    ),
    ["```text", ...promises, "```"].join("\n"),
    `<details><summary>All that <code>npx tsx examples/${file}</code> prints</summary>`,
    ["```text", printed.trim(), "```"].join("\n"),
    `</details>\n\n[The program](../examples/${file})`,
  ].join("\n\n");
}

/** The page, from what each program prints. */
export function page(printed: ReadonlyMap<string, string>): string {
  const list = entries.map(({ title }) => `- [${title}](#${anchor(title)})`);
  return `${[
    "# Gallery",
    "The classic problems of matrices, each solved by gradients, next to its closed form or the classical\n" +
      "algorithm, on real or classic data; and, last, a network that reads digits. Every program states how far the\n" +
      "two may differ, and ends with an error where they differ more; the tests run all of them. They run in a\n" +
      "checkout, after `npm ci`; `npm run gallery` writes this page.",
    list.join("\n"),
    ...entries.map((entry) => section(entry, printed.get(entry.file) ?? "")),
  ].join("\n\n")}\n`;
}
