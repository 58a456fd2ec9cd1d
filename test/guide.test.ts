import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { derive } from "../src/derive/index.js";
import { chapters, type Page, readme } from "./support/pages.js";
import { runShown } from "./support/shown.js";

/** The entry of the package that a name is that of, from its source. */
const modules = (name: string): Promise<object> =>
  name === "tracegrad" || name.startsWith("tracegrad/")
    ? import(name.replace(/^tracegrad/, "../src").replace(/$/, "/index.ts"))
    : import(name);

/** Runs blocks as one program; each has to print what follows it, and show something. */
async function readThrough(page: Page, blocks: Page["blocks"]): Promise<void> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const printed = blocks.map(() => "");
  const mark = (i: number): void => {
    printed[i] = log.mock.calls.map((parts) => `${parts.join(" ")}\n`).join("");
    log.mockClear();
  };
  const code = blocks.map((block, i) => `${block.code}\n;mark(${i});`).join("\n");
  try {
    const compared = await runShown({ where: page.file, code }, { mark }, modules);
    expect(compared > 0 || printed.some((text) => text !== "")).toBe(true);
  } finally {
    log.mockRestore();
  }
  for (const [i, { where, printed: wanted }] of blocks.entries()) {
    expect(printed[i], where).toBe(wanted);
  }
}

describe("the README", () => {
  it.each(readme.blocks.map((block) => [block.where, block] as const))("%s", async (_, block) => {
    await readThrough(readme, [block]);
  });
});

describe("the README's derivation", () => {
  it("is what is derived", () => {
    const derived = String(derive("tr(A*X'*B*X*C)", { wrt: "X" }));
    expect(readFileSync("README.md", "utf8")).toContain(`\n\`\`\`\n${derived}\n\`\`\`\n`);
  });
});

describe("the guide", () => {
  it("has ten chapters", () => {
    expect(chapters).toHaveLength(10);
  });

  it.each(chapters.map((page) => [page.file, page] as const))(
    "%s runs from its first block to its last",
    async (_, page) => {
      expect(page.blocks.length).toBeGreaterThan(2);
      await readThrough(page, page.blocks);
    },
  );
});
