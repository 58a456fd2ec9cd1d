import { inflateSync } from "node:zlib";
import { compile } from "vega-lite";
import { expect } from "vitest";
import type { Picture, Spec } from "../../src/plot/index.js";

/** What is read of a layer of a picture. */
export interface Layer {
  readonly mark: { readonly type: string; readonly [name: string]: unknown };
  readonly encoding: { readonly [channel: string]: { readonly [name: string]: unknown } };
  readonly data: { readonly values: readonly Row[] };
}

export interface Row {
  readonly [field: string]: unknown;
  readonly geometry: { readonly type: string; readonly coordinates: unknown };
}

/** The layers of a picture whose mark is of a type. */
export function layersOf(picture: Picture, type: string): Layer[] {
  const layers = picture.spec.layer as Layer[];
  return layers.filter((layer) => layer.mark.type === type || (layer.mark as unknown) === type);
}

/** Rings or lines of pixels: of all geoshapes with this mark property. */
export function shapesOf(picture: Picture, has: (layer: Layer) => boolean): number[][][][] {
  return layersOf(picture, "geoshape")
    .filter(has)
    .flatMap((layer) => layer.data.values)
    .filter(({ geometry }) => geometry.type !== "LineString")
    .map(({ geometry }) => geometry.coordinates as number[][][]);
}

/** The area inside rings, holes taken off. */
export function areaOf(rings: readonly (readonly (readonly number[])[])[]): number {
  let twice = 0;
  for (const ring of rings) {
    ring.forEach(([x = 0, y = 0], i) => {
      const [u = 0, v = 0] = ring[(i + 1) % ring.length] ?? [];
      twice += x * v - u * y;
    });
  }
  return Math.abs(twice) / 2;
}

/** Vega-Lite takes the spec without a word. */
export function expectClean(spec: Spec): void {
  const said: string[] = [];
  const note = (...parts: unknown[]): never => {
    said.push(parts.join(" "));
    return logger as never;
  };
  const logger = {
    level: () => 2,
    error: note,
    warn: note,
    info: () => logger,
    debug: () => logger,
  };
  compile(spec as unknown as Parameters<typeof compile>[0], { logger: logger as never });
  expect(said).toEqual([]);
}

/** A decoded PNG of 8-bit RGBA. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** How dark the pixel is: 0 white to 255 black. */
  darkness(x: number, y: number): number;
}

export function readPng(bytes: Uint8Array): Pixels {
  const file = Buffer.from(bytes);
  expect(file.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    if (file.toString("latin1", at + 4, at + 8) === "IDAT") {
      parts.push(file.subarray(at + 8, at + 8 + length));
    }
    at += length + 12;
  }
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  expect([file[24], file[25]]).toEqual([8, 6]);
  const raw = inflateSync(Buffer.concat(parts));
  const size = width * 4;
  const pixels = new Uint8Array(size * height);
  const at = (i: number): number => pixels[i] ?? 0;
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (size + 1)];
    for (let i = 0; i < size; i++) {
      const to = y * size + i;
      const left = i < 4 ? 0 : at(to - 4);
      const up = y === 0 ? 0 : at(to - size);
      const corner = i < 4 || y === 0 ? 0 : at(to - size - 4);
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      pixels[to] = (raw[y * (size + 1) + 1 + i] ?? 0) + guess;
    }
  }
  const darkness = (x: number, y: number): number => 255 - at((y * width + x) * 4);
  return { width, height, darkness };
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value)) as [
    number,
    number,
    number,
  ];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
