/**
 * Writes what follows from the table of ops: the exports in src/index.ts and the page docs/ops.md.
 * With `--check` it writes nothing and fails where a file is not as it should be.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { AnyRule } from "../src/core/op.js";
import { init } from "../src/init.js";
import { route } from "../src/kernels/kernels.js";
import { call, name, print } from "../src/ops/notation.js";
import { families, ops } from "../src/ops/table.js";

await init();

const MARK = "// The ops, by family: written by `npm run generate` from src/ops/table.ts.\n";

function exportsOf(family: string, module: object): string {
  const names = Object.entries(module).flatMap(([key, value]) =>
    typeof value === "function" ? [key] : [],
  );
  const line = `export { ${names.sort().join(", ")} } from "./ops/${family}.js";`;
  if (line.length <= 100) return `${line}\n`;
  const list = names.map((key) => `  ${key},\n`).join("");
  return `export {\n${list}} from "./ops/${family}.js";\n`;
}

function index(): string {
  const before = readFileSync("src/index.ts", "utf8").split(MARK)[0] as string;
  const blocks = Object.keys(families)
    .sort()
    .map((family) => exportsOf(family, families[family as keyof typeof families]));
  return before + MARK + blocks.join("");
}

function kindOf(rule: AnyRule): string | undefined {
  return Object.entries(rule).find(([, part]) => part !== undefined)?.[0];
}

/** How many times as fast ours are as other kernels: `npm run bench:providers` measures it. */
const { ratios } = JSON.parse(readFileSync("bench/providers.json", "utf8")) as {
  ratios: Record<string, Record<"small" | "large", { stock: number; reference: number }>>;
};

/** Who runs an op, and why. */
function runs(op: string, dtype: "float32" | "float64"): string {
  const { provider, why } = route(op, dtype);
  const ratio = provider === "wasm" && dtype === "float32" ? ratios[op] : undefined;
  if (ratio === undefined) return `${provider} (${why})`;
  return `${provider} (${ratio.small.stock}x, ${ratio.large.stock}x the stock kernel)`;
}

/** One row an op: its formula, what kind of rule each input has, and where it runs. */
function page(): string {
  const rows = ops.map(({ family, op }) => {
    const names = Object.fromEntries(
      op.inputs.map((key: string) => {
        const bare = key.replace("...", "");
        return [bare, key === bare ? name(bare) : [name(`${bare}₁`), name("…")]];
      }),
    );
    const attrs = op.samples().find((sample: { attrs?: unknown }) => sample.attrs)?.attrs ?? {};
    const formula = print(op.notation(names, attrs) ?? call(op.name));
    const kinds = op.inputs.map((key: string, i: number) => {
      const kind = [...new Set((op.rules[i] ?? []).map(kindOf))];
      return `${key}: ${kind.map((k) => (k === "d" ? "pair" : k)).join(", ")}`;
    });
    const where = (["float32", "float64"] as const).map((dtype) =>
      op.view ? "no kernel: the same elements" : runs(op.name, dtype),
    );
    const cells = [family, `\`${op.name}\``, formula.replaceAll("|", "\\|"), kinds.join("; ")];
    return `| ${[...cells, ...where].join(" | ")} |`;
  });
  return `# The ops

Written by \`npm run generate\` from the table of ops. *Rules* says what kind of rule each input has:
a \`pair\` of differential and adjoint, \`linear\` (its adjoint alone), \`slope\` (entrywise), or
\`constant\` (no derivative). The last columns say which kernels run the op on the WASM backend, and why:
*24x, 1.1x the stock kernel* means that ours is so many times as fast as tfjs's on 16 numbers (4x4
matrices) and on 10⁶ (512x512), as \`npm run bench:providers\` has measured. Ours also run where they are
behind on large arrays: docs/decisions/005 says why stock kernels are not mixed in.

| family | op | formula | rules | float32 | float64 |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

const wanted = { "src/index.ts": index(), "docs/ops.md": page() };
let stale = 0;
for (const [path, text] of Object.entries(wanted)) {
  let now = "";
  try {
    now = readFileSync(path, "utf8");
  } catch {
    // Not there yet.
  }
  if (now === text) continue;
  stale++;
  if (process.argv.includes("--check")) console.error(`${path} is stale; run npm run generate`);
  else writeFileSync(path, text);
}
if (stale > 0 && process.argv.includes("--check")) process.exit(1);
