/**
 * Handwritten digits: a small neural network learns to read, is saved, loaded and used.
 *
 * An image x of 28·28 grey values becomes ten scores (logits) by two layers,
 *
 *     h = relu(xW₁ + b₁),   z = hW₂ + b₂,
 *
 * and the scores become probabilities by softmax, p = exp(z) / Σ exp(z). The loss of an image that
 * shows the digit c is its cross entropy −log p_c = −z_c + log Σ exp(z), averaged over the images
 * of a batch. AdamW follows its gradient with respect to W₁, b₁, W₂ and b₂ together.
 *
 * In training each batch is moved by a pixel or none, and three tenths of h are left out (dropout):
 * both keep the network from learning the images by heart. The test images decide about nothing
 * while it learns; the settings here, though, were chosen by runs like this one.
 *
 * The data: the first 10,000 images of MNIST (LeCun, Cortes, Burges). `--quick` trains on fewer.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argmax, init, random, take, tensor } from "tracegrad";
import { load, save } from "tracegrad/io";
import {
  accuracy,
  confusionMatrix,
  crossEntropy,
  dense,
  dropout,
  evaluate,
  fit,
  type Layer,
  type NoParams,
  sequential,
} from "tracegrad/nn";
import { adamw, cosineDecay } from "tracegrad/optim";
import { confusionHeatmap, lossCurve, sparkline } from "tracegrad/plot";
import { PIXELS, readDigits } from "./shared/digits.js";
import { drawSvg } from "./shared/plot.js";
import { check, heading, percent } from "./shared/print.js";

const quick = process.argv.includes("--quick");
const trainCount = quick ? 2000 : 8000;
const testCount = quick ? 500 : 2000;
const hidden = 512;
const epochs = quick ? 6 : 30;
const promised = quick ? 0.9 : 0.97;
const batchSize = 64;
const name = quick ? "digits_quick" : "digits";

await init();
heading("Handwritten digits: a network of two layers");

// A fixed split: shuffled once with a seed, the first part to learn from, the rest to be tested on.
const digits = readDigits();
const order = random.permutation(digits.count, { seed: 2024 });
const images = tensor(digits.images, { shape: [digits.count, PIXELS] });
const rows = (from: number, count: number) => {
  const chosen = order.slice([from], [count]);
  return { x: take(images, chosen), y: take(tensor(digits.labels), chosen) };
};
const [train, test] = [rows(0, trainCount), rows(trainCount, testCount)];
console.log(`${trainCount} images to learn from, ${testCount} others to test on`);

/**
 * In training, the batch moved by at most one pixel along and across, so that the network learns
 * shapes and not places. Pixel (i, j) of an image is entry 28i + j of its row, hence a move by (i, j)
 * is one by 28i + j; what leaves on the left comes back on the right, a row off, but the border of
 * nearly every image is blank.
 */
const nudge: Layer<NoParams> = {
  name: "nudge",
  init: () => ({}),
  apply: (_, X, pass) => {
    if (!pass?.training) return X;
    const [i = 1, j = 1] = random.uniform([2], { high: 3, seed: pass.seed }).data();
    const around = [29, 29] as const;
    const wider = X.pad([[0, 0], around]);
    return wider.slice([0, 28 * Math.floor(i) + Math.floor(j)], [-1, PIXELS]);
  },
};

const model = sequential(
  nudge,
  dense(PIXELS, hidden, { activation: "relu" }),
  dropout(0.3),
  dense(hidden, 10),
);
const steps = epochs * Math.ceil(trainCount / batchSize);
const { params, history } = await fit(model, train, {
  loss: crossEntropy,
  metrics: { accuracy },
  optimizer: adamw({ learningRate: cosineDecay(3e-3, { decaySteps: steps }), weightDecay: 0.01 }),
  epochs,
  batchSize,
  validation: test,
  callbacks: [
    ({ epoch, scores, validation }) =>
      console.log(
        `epoch ${epoch}: loss ${scores.loss.toFixed(4)}, on the test images ` +
          `${validation?.loss.toFixed(4)}, ${percent(validation?.accuracy ?? 0)} of them right`,
      ),
  ],
});
console.log(`loss ${sparkline(history.loss)}`);

// Saved, loaded, and used: as another program would, that knows the model and the file.
const folder = await mkdtemp(join(tmpdir(), "digits-"));
const file = join(folder, "digits.safetensors");
await save(file, params);
const loaded = await load<typeof params>(file);
await rm(folder, { recursive: true });
const scores = model.apply(loaded, test.x);
const guesses = argmax(scores, { axis: -1 }).data();
const shown = test.y.data();
console.log(`the first twelve show ${shown.slice(0, 12)}, and are read as ${guesses.slice(0, 12)}`);

const counts = confusionMatrix(scores, test.y);
const found = accuracy(scores, test.y).item();
const size = `784–${hidden}–10 network, ${trainCount} images in batches of ${batchSize}`;
await drawSvg(
  `${name}_loss`,
  lossCurve(history, { title: "Handwritten digits: the loss falls", subtitle: size }),
);
await drawSvg(
  `${name}_confusion`,
  confusionHeatmap(counts, {
    title: "Handwritten digits: which is taken for which",
    subtitle: `${testCount} test images, ${percent(found)} right`,
    xTitle: "taken for",
    yTitle: "digit shown",
  }),
);
const again = evaluate(model, loaded, test, { loss: crossEntropy, metrics: { accuracy } });
check(
  "the loaded network does what the trained one did, bit for bit",
  again.loss === history.validation?.loss.at(-1) && again.accuracy === found,
);
check(
  `${percent(found)} of ${testCount} test images read right after ${epochs} epochs, ` +
    `promised ${percent(promised)}`,
  found >= promised,
);
