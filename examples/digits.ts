/**
 * Handwritten digits: a small neural network learns to read.
 *
 * An image x of 28·28 grey values becomes ten scores (logits) by two layers,
 *
 *     h = relu(xW₁ + b₁),   z = hW₂ + b₂,
 *
 * and the scores become probabilities by softmax, p = exp(z) / Σ exp(z). The loss of an image that
 * shows the digit c is its cross entropy −log p_c = −z_c + log Σ exp(z), averaged over the images
 * of a batch. Adam follows its gradient with respect to W₁, b₁, W₂ and b₂ together.
 *
 * The data: the first 10,000 images of MNIST (LeCun, Cortes, Burges). `--quick` trains on fewer.
 */
import {
  argmax,
  init,
  logSoftmax,
  oneHot,
  random,
  type Tensor,
  take,
  tensor,
  tidy,
  valueAndGrad,
  zeros,
} from "tracegrad";
import { adam } from "tracegrad/optim";
import { PIXELS, readDigits } from "./shared/digits.js";
import { drawSvg } from "./shared/plot.js";
import { check, heading, percent } from "./shared/print.js";
import { startProgress } from "./shared/progress.js";

const quick = process.argv.includes("--quick");
const trainCount = quick ? 2000 : 8000;
const testCount = quick ? 500 : 2000;
const epochs = quick ? 4 : 10;
const promised = quick ? 0.85 : 0.95;
const hidden = 128;
const batchSize = 64;
const picture = quick ? "digits_quick" : "digits";

await init();
heading("Handwritten digits: a network of two layers");

// A fixed split: shuffled once with a seed, the first part to learn from, the rest to be tested on.
random.seed(2024);
const digits = readDigits();
const images = tensor(digits.images, { shape: [digits.count, PIXELS] });
const labels = tensor(digits.labels);
const shuffled = random.permutation(digits.count);
const trainRows = shuffled.slice([0], [trainCount]);
const testRows = shuffled.slice([trainCount], [testCount]);
const [trainX, trainY] = [take(images, trainRows), take(labels, trainRows)];
const [testX, testY] = [take(images, testRows), take(labels, testRows)];
console.log(`${trainCount} images to learn from, ${testCount} others to test on`);

interface Network {
  readonly W1: Tensor;
  readonly b1: Tensor;
  readonly W2: Tensor;
  readonly b2: Tensor;
}

// Weights of variance 2 / inputs keep the size of the signal through relu (He et al. 2015).
let network: Network = {
  W1: random.normal([PIXELS, hidden], { std: Math.sqrt(2 / PIXELS) }),
  b1: zeros([hidden]),
  W2: random.normal([hidden, 10], { std: Math.sqrt(2 / hidden) }),
  b2: zeros([10]),
};

const logits = ({ W1, b1, W2, b2 }: Network, X: Tensor): Tensor =>
  X.matmul(W1).add(b1).relu().matmul(W2).add(b2);

const loss = (net: Network, X: Tensor, y: Tensor): Tensor =>
  oneHot(y, 10)
    .mul(logSoftmax(logits(net, X), { axis: -1 }))
    .sum({ axis: -1 })
    .mean()
    .neg();

const predict = (net: Network, X: Tensor): Tensor => argmax(logits(net, X), { axis: -1 });

/**
 * The batch moved by at most one pixel, along and across, so that the network learns shapes and not
 * places. Pixel (i, j) of an image is entry 28i + j of its row, hence a move by (i, j) is one by
 * 28i + j; what leaves on one side comes back on the other, but the border of an image is blank.
 */
function nudged(X: Tensor): Tensor {
  const [way = 4] = random.permutation(9).data();
  const offset = 28 * Math.floor(way / 3) + (way % 3);
  return X.pad([
    [0, 0],
    [29, 29],
  ]).slice([0, offset], [-1, PIXELS]);
}

const step = valueAndGrad(loss);
const optimizer = adam({ learningRate: 2e-3 });
let state = optimizer.init(network);
const curve: { series: string; epoch: number; loss: number }[] = [];
const batches = Math.floor(trainCount / batchSize);
let accuracy = 0;

for (let epoch = 1; epoch <= epochs; epoch++) {
  const order = random.permutation(trainCount);
  const progress = startProgress(`epoch ${epoch}/${epochs}`, batches);
  let sum = 0;
  for (let batch = 0; batch < batches; batch++) {
    const rows = order.slice([batch * batchSize], [batchSize]);
    const [value, gradient] = step(network, nudged(take(trainX, rows)), take(trainY, rows));
    [network, state] = optimizer.update(network, gradient, state);
    sum += value.item();
    if ((batch + 1) % 5 === 0) {
      const at = epoch - 1 + (batch + 1) / batches;
      curve.push({ series: "training, one batch", epoch: at, loss: value.item() });
    }
    progress.advance(`loss ${value.item().toFixed(3)}`);
  }
  progress.end();
  const testLoss = tidy(() => loss(network, testX, testY)).item();
  accuracy = tidy(() => predict(network, testX).equal(testY).cast("float32").mean()).item();
  curve.push({ series: "test", epoch, loss: testLoss });
  console.log(
    `epoch ${epoch}: loss ${(sum / batches).toFixed(4)}, on the test images ` +
      `${testLoss.toFixed(4)}, ${percent(accuracy)} of them right`,
  );
}

// Row: the digit an image shows; column: the digit it was taken for.
const counts = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
const truth = testY.data();
predict(network, testX)
  .data()
  .forEach((guess, i) => {
    const row = counts[truth[i] ?? 0] ?? [];
    row[guess] = (row[guess] ?? 0) + 1;
  });

await drawSvg(`${picture}_loss`, {
  title: {
    text: "Handwritten digits: the loss falls",
    subtitle: `${PIXELS}–${hidden}–10 network, ${trainCount} images in batches of ${batchSize}`,
  },
  width: 560,
  height: 320,
  data: { values: curve },
  encoding: {
    x: { field: "epoch", type: "quantitative", title: "epoch", axis: { tickMinStep: 1 } },
    y: { field: "loss", type: "quantitative", title: "cross entropy (nat)" },
    color: { field: "series", type: "nominal", title: null, sort: ["training, one batch"] },
  },
  layer: [
    {
      transform: [{ filter: "datum.series != 'test'" }],
      mark: { type: "line", strokeWidth: 1, opacity: 0.7 },
    },
    {
      transform: [{ filter: "datum.series == 'test'" }],
      mark: { type: "line", strokeWidth: 2.5, point: { size: 50 } },
    },
  ],
});

await drawSvg(`${picture}_confusion`, {
  title: {
    text: "Handwritten digits: which is taken for which",
    subtitle: `${testCount} test images, ${percent(accuracy)} right`,
  },
  width: 400,
  height: 400,
  data: {
    values: counts.flatMap((row, shown) => {
      const ofThisDigit = row.reduce((a, b) => a + b, 0);
      return row.map((count, taken) => ({ shown, taken, count, share: count / ofThisDigit }));
    }),
  },
  encoding: {
    x: { field: "taken", type: "ordinal", title: "taken for", axis: { labelAngle: 0 } },
    y: { field: "shown", type: "ordinal", title: "digit shown" },
  },
  layer: [
    {
      mark: { type: "rect", stroke: "#eee" },
      encoding: {
        color: {
          field: "share",
          type: "quantitative",
          title: "share",
          scale: {
            range: ["#ffffff", "#3f78b5"],
            interpolate: "rgb",
            type: "sqrt",
            domain: [0, 1],
          },
          legend: { format: ".0%" },
        },
      },
    },
    {
      mark: { type: "text", fontSize: 11 },
      encoding: {
        text: { condition: { test: "datum.count > 0", field: "count" }, value: "" },
        color: { condition: { test: "datum.share > 0.4", value: "white" }, value: "#333" },
      },
    },
  ],
});

check(
  `${percent(accuracy)} of ${testCount} test images read right after ${epochs} epochs, ` +
    `promised ${percent(promised)}`,
  accuracy >= promised,
);
