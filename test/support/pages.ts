import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Example } from "./shown.js";

/** A page that a reader starts from, its blocks of code in turn, and what each prints. */
export interface Page {
  readonly file: string;
  readonly blocks: readonly (Example & { readonly printed: string })[];
}

/** TypeScript in a page, and what it prints where a block of output follows. */
function pageOf(file: string): Page {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(/```ts\n([\s\S]*?)```(?:\n+```(?:text)?\n([\s\S]*?)```)?/g);
  const blocks = [...found].map(([, code = "", printed = ""], i) => {
    return { where: `${file}, block ${i + 1}`, code, printed };
  });
  return { file, blocks };
}

export const readme: Page = pageOf("README.md");

/** The chapters of the guide, each one program. */
export const chapters: readonly Page[] = (existsSync("docs/guide") ? readdirSync("docs/guide") : [])
  .filter((file) => /^\d\d-.*\.md$/.test(file))
  .sort()
  .map((file) => pageOf(`docs/guide/${file}`));
