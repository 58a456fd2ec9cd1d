import { UsageError } from "../index.js";
import { isNode, loadResvg, packageFile } from "./peers.js";

/** The largest image, in pixels: 400 MB in memory. */
const MOST = 1e8;

/** The PNG of an SVG, `scale` times as large. */
export async function drawPng(svg: string, scale: number): Promise<Uint8Array> {
  const [, width, height] = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  const sides = [width, height].map((side) => Math.round(Number(side) * scale));
  const pixels = sides.reduce((a, b) => a * b, 1);
  if (!(pixels >= 1 && pixels <= MOST)) {
    throw new UsageError(
      `png: at scale ${scale} the image has ${sides.join(" by ")} pixels; from 1 to ${MOST} were wanted`,
    );
  }
  return isNode() ? withResvg(svg, scale) : withCanvas(svg, scale);
}

type Resvg = Awaited<ReturnType<typeof loadResvg>>;

/** The renderer and its fonts, once they are loaded. */
let loaded: Promise<{ Resvg: Resvg["Resvg"]; fonts: Uint8Array[] }> | undefined;

async function load(): Promise<{ Resvg: Resvg["Resvg"]; fonts: Uint8Array[] }> {
  const { Resvg, initWasm } = await loadResvg();
  const font = (name: string) => packageFile(`dejavu-fonts-ttf/ttf/${name}.ttf`);
  const fonts = await Promise.all([font("DejaVuSans"), font("DejaVuSans-Bold")]);
  try {
    await initWasm(await packageFile("@resvg/resvg-wasm/index_bg.wasm"));
  } catch (error) {
    // The program may have made it ready for itself; a second time is an error of resvg's.
    if (!/already initialized/i.test(String(error))) throw error;
  }
  return { Resvg, fonts };
}

async function withResvg(svg: string, scale: number): Promise<Uint8Array> {
  loaded ??= load();
  const { Resvg, fonts } = await loaded.catch((error) => {
    loaded = undefined;
    throw error;
  });
  const family = "DejaVu Sans";
  const drawn = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: { fontBuffers: fonts, defaultFontFamily: family, sansSerifFamily: family },
  });
  try {
    const image = drawn.render();
    try {
      return image.asPng();
    } finally {
      image.free();
    }
  } finally {
    drawn.free();
  }
}

/** What is used of a page; the types of the DOM are not those of Node. */
interface Page {
  readonly Image?: new () => {
    src: string;
    readonly width: number;
    readonly height: number;
    decode(): Promise<void>;
  };
  readonly document?: {
    createElement(name: "canvas"): {
      width: number;
      height: number;
      getContext(kind: "2d"): { drawImage(...parts: unknown[]): void } | null;
      toBlob(take: (blob: Blob | null) => void, type: string): void;
    };
  };
}

/** In a browser its own renderer draws, with its own fonts. */
async function withCanvas(svg: string, scale: number): Promise<Uint8Array> {
  const { Image, document } = globalThis as unknown as Page;
  const canvas = document?.createElement("canvas");
  const context = canvas?.getContext("2d");
  if (Image === undefined || canvas === undefined || !context) {
    throw new UsageError("png: neither Node nor a page of a browser; svg() works everywhere");
  }
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
  } finally {
    URL.revokeObjectURL(address);
  }
  const blob = await new Promise<Blob | null>((take) => canvas.toBlob(take, "image/png"));
  if (blob === null) throw new UsageError(`png: the canvas is too large at scale ${scale}`);
  return new Uint8Array(await blob.arrayBuffer());
}
