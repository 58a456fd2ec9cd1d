import type { Tensor } from "../../tensor/tensor.js";
import type { Module, Parameter } from "../code.js";
import { inBrackets } from "./constants.js";
import type { Node } from "./lowering.js";
import { functionsUsed, TypeScript } from "./typescript.js";
import { helpers } from "./typescript_helpers.js";
import { high, isSquare, low } from "./values.js";
import { Writer } from "./writer.js";

/** What no variable is called. */
export const reservedInTypeScript: readonly string[] = [
  ...functionsUsed,
  ...Object.keys(helpers),
  ...(
    "arguments await break case catch class const continue debugger default delete do else enum eval " +
    "export extends false finally for function if implements import in instanceof interface let new " +
    "null package private protected public return static super switch this throw true try typeof " +
    "undefined var void while with yield Math Number String globalThis console process Tensor " +
    "ShapeError assert init expected error main seed " +
    "fAndGradient fAndJacobian fAndDerivative gradientAndHessian gradientAndJacobian " +
    "gradientAndDerivative checkGradient checkJacobian checkDerivative checkHessian grad"
  ).split(" "),
];

/** A module of TypeScript, on the public functions of the library. */
export function typeScriptModule(module: Module): string {
  const { head, kind, id, names, lengths, parameters } = module;
  const constants: string[] = [];
  const variable = ({ attrs }: Node): string => {
    const { name, constant } = attrs as { name: string; constant: Tensor | null };
    const i = names.of(constant ?? name, name);
    if (constant !== null && !constants.some((line) => line.startsWith(`const ${i} = `))) {
      ts.imports.add("tensor");
      constants.push(
        `const ${i} = tensor(${inBrackets(name, constant, "  ", String)}, { dtype: "${constant.dtype}" });`,
      );
    }
    return i;
  };
  const dtype = names.fresh("dtype");
  const ts = new TypeScript(lengths, variable, dtype);
  const writer = new Writer(ts, names, [module.value, module.derivative]);
  const x = parameters[module.at] as Parameter;
  const [y, G] = [names.fresh("value"), names.fresh(id === "jacobian" ? "J" : id)];
  writer.result(y, module.value);
  writer.result(G, module.derivative);
  const checks = asserts(parameters, ts);
  const f = `${module.of}And${capital(id)}`;
  const body = [
    ...checks,
    ...(ts.usesDtype
      ? [dtype === "dtype" ? `const { dtype } = ${x.name};` : `const ${dtype} = ${x.name}.dtype;`]
      : []),
    ...constants.flatMap((line) => line.split("\n")),
    "",
    ...writer.lines,
    `return [${y}, ${G}];`,
  ];
  const test = check(module, f, G, ts);
  const imports = ["abs", "init", "max", "ShapeError", "type Tensor", ...ts.imports];
  const own = [...new Set(imports)].sort((a, b) => key(a).localeCompare(key(b)));
  const line = `import { ${own.join(", ")} } from`;
  const from = `${line.length < 85 ? line : `import {\n  ${own.join(",\n  ")},\n} from`} ${JSON.stringify("tracegrad")};`;
  return [
    ...head.map((text) => `// ${text}`.trimEnd()),
    "",
    from,
    ...[...ts.helpers].map((name) => helpers[name]?.source ?? ""),
    "",
    `/** The ${module.of === "f" ? "value of f" : "gradient"} and its ${kind} by ${x.name}. */`,
    ...signature(`export function ${f}`, parameters, `: [value: Tensor, ${id}: Tensor] {`),
    ...body.map(indented),
    "}",
    "",
    "function assert(condition: boolean, message: string): void {",
    "  if (!condition) throw new ShapeError(message);",
    "}",
    "",
    ...test,
    "",
    "// Run as a program, it checks itself.",
    'const main = globalThis.process?.argv[1]?.replaceAll("\\\\", "/");',
    "if (main !== undefined && decodeURIComponent(import.meta.url).endsWith(main)) {",
    "  await init();",
    `  console.log(\`${kind}: the largest relative difference is \${check${capital(id)}()}\`);`,
    "}",
    "",
  ].join("\n");
}

const key = (name: string): string => name.replace("type ", "").toLowerCase();

function signature(f: string, parameters: readonly Parameter[], end: string): string[] {
  const list = parameters.map(({ name }) => `${name}: Tensor`);
  const line = `${f}(${list.join(", ")})${end}`;
  if (line.length <= 100) return [line];
  return [`${f}(`, ...list.map((one) => indented(`${one},`)), `)${end}`];
}

const indented = (line: string): string => (line === "" ? "" : `  ${line}`);

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

/** What says what is wrong with the shapes of parameters, and gives names to axes. */
function asserts(parameters: readonly Parameter[], ts: TypeScript): string[] {
  const equal = parameters.flatMap(({ name, shape, tells }) => {
    if (shape.length > 0 && !tells.includes(null)) return [];
    const wanted = ts.shape(shape);
    const named = /[\p{L}_]/u.test(wanted) ? `${wanted} = [\${${wanted}}]` : wanted;
    const [test, text] =
      shape.length === 0
        ? [`${name}.rank === 0`, "a scalar"]
        : [`String(${name}.shape) === String(${wanted})`, named];
    return [`assert(${test}, \`${name} is [\${${name}.shape}]; ${text} was wanted\`);`];
  });
  const told = parameters.flatMap(({ name, shape, tells }) => {
    if (tells.every((axis) => axis === null)) return [];
    const wanted = shape.map((n) => ts.lengths.told(n)).join(", ");
    const text = `\`${name} is [\${${name}.shape}]; [${wanted}] was wanted\``;
    const line = `assert(${name}.rank === ${shape.length}, ${text});`;
    const axes = tells.map((axis) => (axis !== null && ts.lengths.uses(axis) ? axis : ""));
    if (axes.every((axis) => axis === "")) return [line];
    const type = shape.map(() => "number").join(", ");
    const list = axes.join(", ").replace(/[, ]+$/, "");
    return [line, `const [${list}] = ${name}.shape as [${type}];`];
  });
  return [...told, ...equal];
}

/** The function that compares the derivative with that of the tape. */
function check(module: Module, f: string, G: string, ts: TypeScript): string[] {
  const { kind, id, parameters, at, axes, layout, lengths } = module;
  const x = parameters[at] as Parameter;
  const args = parameters.map(({ name }) => name).join(", ");
  const scalar = kind === "gradient";
  const sum = scalar && module.value.shape.length > 0 ? ".sum()" : "";
  const call = `(${x.name}: Tensor) => ${f}(${args})[0]${sum}`;
  const normal = scalar ? "denominator" : "numerator";
  const options = layout === normal ? "" : `, { layout: "${layout}" }`;
  const of = scalar ? "grad" : "jacobian";
  ts.imports.add(of).add("random");
  const both = x.symmetric
    ? [
        `const along = (G: Tensor): Tensor => G.add(${swapped(module, ts)}); // symmetric directions`,
      ]
    : [];
  const way = (X: string): string => (x.symmetric ? `along(${X})` : X);
  return [
    `/** The largest relative difference to the ${kind} of the tape, at random values. */`,
    `export function check${capital(id)}(seed = 0): number {`,
    ...[
      ...axes.map((a) => `const ${a.name} = ${a.length};`),
      ...parameters.flatMap((p, i) => drawn(p, i, module, ts)),
      `const [, ${G}] = ${f}(${args});`,
      `const expected = ${of}(${call}${options})(${x.name});`,
      ...both,
      `const error = max(abs(${way(`${G}.sub(expected)`)})).item() / Math.max(1, max(abs(${way("expected")})).item());`,
      `if (!(error < 1e-8)) throw new Error(\`the ${kind} is wrong: \${${G}} is not \${expected}\`);`,
      "return error;",
    ].map(indented),
    "}",
  ].filter(
    (line) =>
      !axes.some((a) => line === `  const ${a.name} = ${a.length};` && !lengths.uses(a.name)),
  );
}

/** G with the two axes of the symmetric matrix exchanged. */
function swapped({ kind, layout, derivative }: Module, ts: TypeScript): string {
  const rank = derivative.shape.length;
  if (rank === 2) return "G.T";
  const order = Array.from({ length: rank }, (_, i) => i);
  const first = kind !== "gradient" && layout === "denominator" ? 0 : rank - 2;
  [order[first], order[first + 1]] = [first + 1, first];
  return ts.call("transpose", [
    { code: "G", level: 5 },
    { code: `[${order.join(", ")}]`, level: 5 },
  ]).code;
}

function drawn(
  { name, shape, symmetric }: Parameter,
  i: number,
  { values }: Module,
  ts: TypeScript,
): string[] {
  const kind = values[isSquare(shape) ? "square" : "other"];
  const seed = `seed: seed + ${i + 1}`;
  const size = ts.shape(shape);
  const x =
    kind === "uniform"
      ? `random.uniform(${size}, { low: ${low}, high: ${high}, dtype: "float64", ${seed} })`
      : `random.normal(${size}, { dtype: "float64", ${seed} })`;
  if (kind !== "definite" && !symmetric) return [`const ${name} = ${x};`];
  ts.imports.add("eye");
  const n = ts.lengths.text(shape.at(-1) as number);
  const whole =
    kind === "definite"
      ? `${name}0.matmul(${name}0.T).add(eye(${n}, { dtype: "float64" }))`
      : `${name}0.add(${name}0.T).div(2)`;
  return [`const ${name}0 = ${x};`, `const ${name} = ${whole};`];
}
