import type { Tensor } from "../../tensor/tensor.js";
import type { Module, Parameter } from "../code.js";
import { inBrackets } from "./constants.js";
import type { Node } from "./lowering.js";
import { Python, tuple } from "./python.js";
import { helpers } from "./python_helpers.js";
import { high, isSquare, low } from "./values.js";
import { Writer } from "./writer.js";

/** What no variable is called. */
export const reservedInPython: readonly string[] = (
  "False None True and as assert async await break class continue def del elif else except finally " +
  "for from global if import in is lambda nonlocal not or pass raise return try while with yield " +
  "np jnp jax scipy float int bool max len slice print " +
  "seed rng step above below expected error i " +
  "f_and_gradient f_and_jacobian f_and_derivative gradient_and_hessian gradient_and_jacobian " +
  `gradient_and_derivative check_gradient check_jacobian check_derivative check_hessian ` +
  Object.keys(helpers).join(" ")
).split(" ");

/** A module of Python, for NumPy or for JAX. */
export function pythonModule(module: Module, jax: boolean): string {
  const { head, kind, id, names, lengths, parameters } = module;
  const constants: string[] = [];
  const variable = ({ attrs }: Node): string => {
    const { name, constant } = attrs as { name: string; constant: Tensor | null };
    const i = module.names.of(constant ?? name, name);
    if (constant !== null && !constants.some((line) => line.startsWith(`${i} = `))) {
      constants.push(`${i} = ${literal(name, constant, jax ? "jnp" : "np")}`);
    }
    return i;
  };
  const python = new Python(jax, lengths, variable);
  const writer = new Writer(python, names, [module.value, module.derivative]);
  const [y, G] = [names.fresh("value"), names.fresh(id)];
  writer.result(y, module.value);
  writer.result(G, module.derivative);
  const checks = asserts(parameters, python);
  const f = `${module.of}_and_${id}`;
  const body = [
    `"""The ${module.of === "f" ? "value of f" : "gradient"} and its ${kind} by ${parameters[module.at]?.name}."""`,
    ...checks,
    "",
    ...writer.lines,
    `return ${y}, ${G}`,
  ];
  const numpy = [
    ...[...python.imports].map((name) => `import ${name}`),
    ...(jax ? ["import jax", "import jax.numpy as jnp"] : []),
    "import numpy as np",
    ...(jax ? ["", 'jax.config.update("jax_enable_x64", True)'] : []),
  ];
  const own = [...python.helpers].map((name) => {
    const source = helpers[name]?.source ?? "";
    return jax ? source.replaceAll("np.", "jnp.") : source;
  });
  return [
    ...head.map((line) => `# ${line}`.trimEnd()),
    "",
    ...numpy,
    ...(constants.length === 0 ? [] : ["", ...constants]),
    "",
    ...own.map((source) => `${source}\n`),
    "",
    ...signature(f, parameters),
    ...body.map(indented),
    "",
    "",
    ...check(module, f, G, jax),
    "",
    "",
    'if __name__ == "__main__":',
    indented(`print(f"${kind}: the largest relative difference is {check_${id}():.1e}")`),
    "",
  ].join("\n");
}

function signature(f: string, parameters: readonly Parameter[]): string[] {
  const list = parameters.map(({ name }) => name);
  const line = `def ${f}(${list.join(", ")}):`;
  if (line.length <= 99) return [line];
  return [`def ${f}(`, ...list.map((name) => indented(`${name},`)), "):"];
}

const indented = (line: string): string => (line === "" ? "" : `    ${line}`);

const symmetry = (S: string): string => `assert np.allclose(${S}, ${S}.T), "${S} is not symmetric"`;

/** What makes parameters arrays, says what is wrong with their shapes, and gives names to axes. */
function asserts(parameters: readonly Parameter[], python: Python): string[] {
  const equal = parameters.flatMap(({ name, shape, symmetric, tells }) => {
    const lines = symmetric && !python.jax ? [symmetry(name)] : [];
    if (shape.length > 0 && !tells.includes(null)) return lines;
    const wanted = python.shape(shape);
    const named = /[\p{L}_]/u.test(wanted) ? `${wanted} = {${wanted}}` : wanted;
    const text = shape.length === 0 ? "a scalar" : named;
    const message = `f"${name} is {${name}.shape}; ${text} was wanted"`;
    return [`assert ${name}.shape == ${wanted}, ${message}`, ...lines];
  });
  const told = parameters.flatMap(({ name, shape, tells }) => {
    const axes = tells.filter((axis) => axis !== null);
    if (axes.length === 0) return [];
    const wanted = tuple(shape.map((n) => python.lengths.told(n)));
    const text = `f"${name} is {${name}.shape}; ${wanted} was wanted"`;
    const line = `assert ${name}.ndim == ${shape.length}, ${text}`;
    if (!axes.some((axis) => python.lengths.uses(axis))) return [line];
    if (axes.length === shape.length && shape.length > 1) {
      return [line, `${axes.join(", ")} = ${name}.shape`];
    }
    const binds = tells.flatMap((axis, i) =>
      axis === null ? [] : [`${axis} = ${name}.shape[${i}]`],
    );
    return [line, ...binds];
  });
  const np = python.jax ? "jnp" : "np";
  const arrays = parameters.map(({ name }) => `${name} = ${np}.asarray(${name}, dtype=float)`);
  return [...arrays, ...told, ...equal];
}

/** A constant as an array. */
function literal(name: string, value: Tensor, np: string): string {
  const numbers = inBrackets(name, value, "    ", (x) =>
    Number.isFinite(x) ? String(x) : Number.isNaN(x) ? "np.nan" : x > 0 ? "np.inf" : "-np.inf",
  );
  return `${np}.array(${numbers}, dtype=${value.dtype === "int32" ? "int" : "float"})`;
}

/** The function that compares the derivative with differences, or with that of JAX. */
function check(module: Module, f: string, G: string, jax: boolean): string[] {
  const { kind, id, parameters, at, axes, layout } = module;
  const x = parameters[at] as Parameter;
  const args = parameters.map(({ name }) => name);
  const np = jax ? "jnp" : "np";
  const rank = module.value.shape.length;
  const scalar = kind === "gradient";
  const values = [
    ...(axes.length === 0
      ? []
      : [`${axes.map((a) => a.name).join(", ")} = ${axes.map((a) => a.length).join(", ")}`]),
    "rng = np.random.default_rng(seed)",
    ...parameters.flatMap((p) => random(p, module)),
    `${G} = ${f}(${args.join(", ")})[1]`,
  ];
  const lines: string[] = [];
  const y = rank === 0 || !scalar ? "" : ".sum()";
  if (jax) {
    const of = scalar ? "grad" : "jacobian";
    const call = `${f}(${args.join(", ")})[0]${y}`;
    lines.push(`expected = jax.${of}(lambda ${x.name}: ${call})(${x.name})`);
    if (layout === (scalar ? "numerator" : "denominator")) lines.push(turned(module, G, np));
  } else {
    const moved = (sign: string): string =>
      `${f}(${args.with(at, `${x.name} ${sign} step`).join(", ")})[0]${y}`;
    const place = scalar || layout === "denominator" ? "i" : "(..., *i)";
    lines.push(
      `expected = np.zeros(np.shape(${scalar ? x.name : G}))`,
      `for i in np.ndindex(np.shape(${x.name})):`,
      ...[
        `step = np.zeros(np.shape(${x.name}))`,
        "step[i] = 1e-6",
        ...(x.symmetric ? ["step[i[::-1]] += 1e-6"] : []),
        `above = ${moved("+")}`,
        `below = ${moved("-")}`,
        `expected[${place}] = (above - below) / 2e-6`,
      ].map(indented),
    );
    if (scalar && layout === "numerator") lines.push(turned(module, G, np));
  }
  const sides = x.symmetric ? symmetric(module, G, jax) : [];
  return [
    `def check_${id}(seed=0):`,
    ...[
      `"""Compares the ${kind} with ${jax ? "that of JAX" : "central differences"} at random values."""`,
      ...values,
      ...lines,
      ...sides,
      `if not ${np}.all(${np}.isfinite(expected)):`,
      `    raise ValueError(f"not defined around the values of seed {seed}; try another")`,
      `error = ${np}.max(${np}.abs(${G} - expected)) / max(1.0, ${np}.max(${np}.abs(expected)))`,
      `assert error < ${jax ? "1e-8" : "1e-5"}, f"the ${kind} is wrong: {${G}} is not {expected}"`,
      "return error",
    ].map(indented),
  ];
}

/** `expected` in the other layout. */
function turned({ kind, value, parameters, at }: Module, G: string, np: string): string {
  if (kind === "gradient") return `expected = ${np}.reshape(expected.T, ${np}.shape(${G}))`;
  const [m, n] = [value.shape.length, parameters[at]?.shape.length ?? 0];
  const order = Array.from({ length: m + n }, (_, i) => (i < n ? m + i : i - n));
  return `expected = expected.transpose(${tuple(order)})`;
}

/** A symmetric matrix moves in both triangles at once. */
function symmetric({ kind, layout }: Module, G: string, jax: boolean): string[] {
  const first = kind !== "gradient" && layout === "denominator";
  const swap = (X: string): string => (first ? `${X}.swapaxes(0, 1)` : `${X}.swapaxes(-1, -2)`);
  return [
    `${G} = ${G} + ${swap(G)}  # along symmetric directions`,
    ...(jax ? [`expected = expected + ${swap("expected")}`] : []),
  ];
}

function random({ name, shape, symmetric }: Parameter, { values, lengths }: Module): string[] {
  const size = tuple(shape.map((n) => lengths.text(n)));
  const kind = values[isSquare(shape) ? "square" : "other"];
  const inside =
    shape.length === 0 ? "" : shape.length === 1 ? lengths.text(shape[0] as number) : size;
  const drawn =
    kind === "uniform"
      ? `rng.uniform(${[low, high, ...(inside === "" ? [] : [inside])].join(", ")})`
      : `rng.standard_normal(${inside})`;
  const transposed = shape.length === 2 ? `${name}.T` : `${name}.swapaxes(-1, -2)`;
  const lines = [`${name} = ${drawn}`];
  if (kind === "definite")
    lines.push(
      `${name} = ${name} @ ${transposed} + np.eye(${lengths.text(shape.at(-1) as number)})`,
    );
  else if (symmetric) lines.push(`${name} = (${name} + ${name}.T) / 2`);
  return lines;
}
