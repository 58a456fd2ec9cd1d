/** Writes the gallery, docs/gallery.md and its pictures, from what the examples print and draw. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { entries, page } from "./gallery/page.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `${root}docs/gallery`;
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const printed = new Map<string, string>();
for (const { file } of entries) {
  console.log(file);
  const command = ["--import", "tsx", `examples/${file}`];
  const text = execFileSync(process.execPath, command, { cwd: root, encoding: "utf8" });
  printed.set(file, text);
  for (const [, picture = ""] of text.matchAll(/^drawn {2}(\S+\.svg)$/gm)) {
    copyFileSync(`${root}${picture}`, `${folder}/${basename(picture)}`);
  }
}
writeFileSync(`${root}docs/gallery.md`, page(printed));
