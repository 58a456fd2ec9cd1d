import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { entries } from "../examples/gallery/page.js";

const page = readFileSync("docs/gallery.md", "utf8");

describe("the gallery", () => {
  it("has every example that compares", () => {
    const others = ["main.ts", "derivations.ts", "gallery.ts", "custom_op.ts"];
    const programs = readdirSync("examples").filter((file) => file.endsWith(".ts"));
    const shown = entries.map(({ file }) => file);
    expect([...shown].sort()).toEqual(programs.filter((file) => !others.includes(file)).sort());
  });

  it("has a program for each long picture", () => {
    const pictures = readdirSync("examples/pictures");
    const drawing = entries
      .map(({ file }) => file)
      .filter((file) => {
        const program = readFileSync(`examples/${file}`, "utf8");
        return program.includes(`from "./pictures/${file.replace(".ts", ".js")}"`);
      });
    expect(pictures.length).toBeGreaterThan(0);
    expect(drawing.sort()).toEqual(pictures.sort());
  });

  it.each(entries)("$file: its words are those of the program, its pictures are there", (entry) => {
    const section = page.split(/^(?=## )/m).find((part) => part.startsWith(`## ${entry.title}\n`));
    expect(section).toContain(entry.text);
    const pictures = [...(section ?? "").matchAll(/\]\((gallery\/.*?)\)/g)].map(([, path]) => path);
    expect(pictures.length).toBeGreaterThan(0);
    for (const path of pictures) expect(existsSync(`docs/${path}`), path).toBe(true);
    expect(section).toMatch(/^ok /m);
    expect(section).not.toContain("FAILED");
  });
});
