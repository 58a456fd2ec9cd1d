import { resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import * as data from "../src/data/index.js";
import * as derive from "../src/derive/index.js";
import * as tracegrad from "../src/index.js";
import { ones, type Tensor, tensor } from "../src/index.js";
import * as io from "../src/io/index.js";
import * as nn from "../src/nn/index.js";
import * as optim from "../src/optim/index.js";
import * as plot from "../src/plot/index.js";
import * as testing from "../src/testing/index.js";
import { temporaryFolder } from "./io/files.js";

// Where no compiler looks, an option of another name would pass unseen: `keepdims`, `learning_rate`.
// Every exported function that has options is called with one that there is not.

const X = tensor([
  [2, 1],
  [1, 3],
]);
const y = tensor([0, 1], { dtype: "int32" });
const square = (x: Tensor): Tensor => x.square().sum();
const picture = { mark: "point", data: { values: [] }, encoding: {} };
const path = `${temporaryFolder()}/file`;

/** Steps of optimizers run for every parameter, and not by hand. */
const hot = ["adamStep", "momentumStep"];

/** What comes before the options, by entry and name. */
const calls: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  "src/index.ts": {
    init: [],
    tensor: [1],
    scalar: [1],
    full: [[2], 1],
    zeros: [[2]],
    ones: [[2]],
    eye: [2],
    arange: [0, 2, 1],
    linspace: [0, 1, 2],
    "random.normal": [[2]],
    "random.uniform": [[2]],
    "random.permutation": [2],
    grad: [square],
    valueAndGrad: [square],
    jacobian: [square],
    hessian: [square],
    vmap: [square],
    record: [square, [X]],
    sum: [X],
    mean: [X],
    prod: [X],
    max: [X],
    min: [X],
    argmax: [X],
    cumsum: [X],
    norm: [X],
    softmax: [X],
    logSoftmax: [X],
    logsumexp: [X],
    leakyRelu: [X],
    concat: [[X, X]],
    stack: [[X, X]],
    split: [X, 2],
    pad: [X, [1, 1]],
    take: [X, [0]],
    scatterAdd: [X, [0, 1], 2],
    oneHot: [y, 2],
    lstsq: [X, X],
    pinv: [X],
    solveTriangular: [X, X],
  },
  "src/derive/index.ts": { derive: ["x'*x"], parse: ["x'*x"] },
  "src/optim/index.ts": {
    sgd: [],
    momentum: [],
    nesterov: [],
    rmsprop: [],
    adagrad: [],
    adam: [],
    adamw: [],
    lbfgs: [],
    newton: [],
    gaussNewton: [(x: Tensor) => x, X],
    minimize: [square, X],
    exponentialDecay: [1],
    stepDecay: [1],
    linearDecay: [1],
    cosineDecay: [1],
  },
  "src/nn/index.ts": {
    dense: [2, 2],
    mlp: [[2, 2]],
    layerNorm: [2],
    glorotNormal: [2, 2],
    glorotUniform: [2, 2],
    heNormal: [2, 2],
    heUniform: [2, 2],
    mse: [X, X],
    mae: [X, X],
    huber: [X, X],
    bce: [X, X],
    hinge: [X, X],
    crossEntropy: [X, y],
    nll: [X, y],
    l1: [1],
    l2: [1],
    confusionMatrix: [X, y],
    fit: [nn.dense(2, 1), { x: X, y: ones([2, 1]) }],
    evaluate: [(_: unknown, x: Tensor) => x, X, { x: X, y: X }],
  },
  "src/data/index.ts": {
    parseCsv: ["x\n1"],
    readCsv: [path],
    parseJson: ['[{ "x": 1 }]'],
    readJson: [path],
    batches: [{ X }],
    minMax: [X],
    kFold: [X],
    trainTestSplit: [X],
  },
  "src/io/index.ts": { encodeSafetensors: [{ X }], saveSafetensors: [path, { X }] },
  "src/plot/index.ts": {
    confusionHeatmap: [X],
    decisionBoundary: [square],
    lines: [{ a: [1, 2] }],
    lossCurve: [[1, 2]],
    picture: [picture],
    principalAxes: [X],
    scatter: [X],
    sparkline: [[1, 2]],
  },
  "src/testing/index.ts": { checkOp: [tracegrad.ops[0]?.op], gradcheck: [square, X] },
};

const modules = { tracegrad, derive, optim, nn, data, io, plot, testing };

/** The functions with options that an entry exports, as the compiler sees them. */
function withOptions(program: ts.Program, entry: string): string[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(resolve(entry)) as ts.SourceFile;
  const takes = (type: ts.Type): boolean =>
    type
      .getCallSignatures()
      .some(({ parameters }) => parameters.some((parameter) => parameter.name === "options"));
  const typeOf = (symbol: ts.Symbol): ts.Type => checker.getTypeOfSymbolAtLocation(symbol, file);
  const isOurs = (symbol: ts.Symbol): boolean =>
    symbol.declarations?.some(({ parent }) => ts.isObjectLiteralExpression(parent)) ?? false;
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol)
    .flatMap((own) => {
      const { name } = own;
      if (own.getFlags() & ts.SymbolFlags.Interface) return [];
      const type = typeOf(
        own.getFlags() & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(own) : own,
      );
      const methods = type
        .getProperties()
        .filter((method) => isOurs(method) && takes(typeOf(method)));
      return [...(takes(type) ? [name] : []), ...methods.map((method) => `${name}.${method.name}`)];
    });
}

/** Options that may be left out, but not be given as undefined, by the functions they are of. */
function strictOptions(program: ts.Program, entry: string): string[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(resolve(entry)) as ts.SourceFile;
  const refuses = (option: ts.Symbol): boolean => {
    const { valueDeclaration: at } = option;
    if (at === undefined || !ts.isPropertySignature(at) || !at.questionToken) return false;
    return !/\bundefined$/.test(at.type?.getText() ?? "");
  };
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol)
    .filter((own) => !(own.getFlags() & ts.SymbolFlags.Interface))
    .flatMap((own) => {
      const aliased = own.getFlags() & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(own) : own;
      const type = checker.getTypeOfSymbolAtLocation(aliased, file);
      const methods = type.getProperties().map((m) => checker.getTypeOfSymbolAtLocation(m, file));
      return [type, ...methods]
        .flatMap((f) => f.getCallSignatures())
        .flatMap(({ parameters }) => parameters.filter(({ name }) => name === "options"))
        .flatMap((options) => checker.getTypeOfSymbolAtLocation(options, file).getProperties())
        .filter(refuses)
        .map((option) => `${own.name}: ${option.name}`);
    });
}

describe("options that there are not", () => {
  const program = ts.createProgram(Object.keys(calls), {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    skipLibCheck: true,
  });

  it.each(Object.keys(calls))("all functions of %s that have options are here", (entry) => {
    const found = withOptions(program, entry).filter((name) => !hot.includes(name));
    expect(Object.keys(calls[entry] ?? {}).sort()).toEqual(found.sort());
  });

  it.each(Object.keys(calls))("all options in %s may be undefined", (entry) => {
    expect(strictOptions(program, entry)).toEqual([]);
  });

  const each = Object.values(modules).flatMap((module, i) =>
    Object.entries(Object.values(calls)[i] ?? {}).map(
      ([name, args]) => [name, module, args] as const,
    ),
  );
  it.each(each)("%s names what is no option, and the options", async (name, module, args) => {
    const f = name.split(".").reduce<unknown>((own, part) => (own as never)[part], module);
    const call = async () => (f as (...args: unknown[]) => unknown)(...args, { qqqqq: 1 });
    await expect(call()).rejects.toThrow(
      new RegExp(`^${name}: there is no option qqqqq; the options? (are|is) \\w+`),
    );
    for (const wrong of [null, 7, "text", [1]]) {
      const call = async () => (f as (...args: unknown[]) => unknown)(...args, wrong);
      await expect(call()).rejects.toThrow(
        /^\w+(\.\w+)?: the options are .*; an object was wanted/,
      );
    }
  });
});
