/**
 * Writes the page of derivations, docs/derivations.md and docs/derivations.html. With `--check` it
 * writes nothing and fails where a file is not as it should be.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { init } from "tracegrad";
import { chapters } from "./derivations/entries.js";
import { html } from "./derivations/html.js";
import { markdown } from "./derivations/markdown.js";

await init();

const page = chapters();
const wanted = {
  "../docs/derivations.md": markdown(page),
  "../docs/derivations.html": html(page),
};
for (const [path, text] of Object.entries(wanted)) {
  const file = new URL(path, import.meta.url);
  const now = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (now === text) continue;
  if (process.argv.includes("--check")) {
    console.error(`${path.slice(3)} is stale; run npm run derivations`);
    process.exitCode = 1;
  } else writeFileSync(file, text);
}
