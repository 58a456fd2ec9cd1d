import { requireNames } from "../checks/options.js";
import { type AnyOp, applyAll, leaves, type Op, type Sample } from "../index.js";
import { type AnySample, Case, samplesOf } from "./case.js";
import { checkActs } from "./check_acts.js";
import { checkMappedMessage, checkMaps } from "./check_maps.js";
import { checkFirstOrder } from "./first_order.js";
import { checkFloat32 } from "./float32.js";
import { CheckError } from "./gradcheck.js";
import { type AnyRule, named } from "./guard.js";
import { checkKernel, checkShapes, unwritten } from "./kernel.js";
import { checkSecondOrder } from "./second_order.js";

/** What {@link checkOp} measured: the largest deviation of each check over all samples. */
export interface OpReport {
  readonly samples: number;
  /** Of d(U − 2V) from d(U) − 2·d(V). */
  readonly linear: number;
  /** Of the differential from central differences. */
  readonly differences: number;
  /** Of ⟨Ȳ, d(dX)⟩ from ⟨adj(Ȳ), dX⟩, in float64 and in float32. */
  readonly pairing: number;
  readonly pairing32: number;
  /** Of the same for the derivatives of the rules. */
  readonly second: number;
  /** Of the values in float32 from those in float64. */
  readonly values32: number;
  /** Of what runs for many at once, under `vmap`, from what runs for each, where the op `maps`. */
  readonly maps: number;
  /** Of the Jacobian by what an op says of how it `acts`, from that of a sweep. */
  readonly acts: number;
}

/**
 * The check table: what is measured of an op at every sample that it accepts. One more check is one
 * more line here, and the name of what it measures above.
 */
const table: readonly ((c: Case) => Partial<OpReport>)[] = [
  checkFirstOrder,
  checkSecondOrder,
  checkFloat32,
  checkMaps,
  checkActs,
];

/**
 * Checks an op of your own (or of the library) at its samples, and at further ones: error samples
 * give their message; the shape rule and the kernel agree; in float64 each rule of the differential
 * is linear and agrees with central differences, each adjoint pairs with its differential,
 * ⟨Ȳ, d(dX)⟩ = ⟨adj(Ȳ), dX⟩, and so do the derivatives of the rules (second order); in float32 the
 * values are the same, and the rules pair; where it says how it `maps`, `vmap` gives what single
 * runs give; and where it says how it `acts`, Jacobians by structure are those of a sweep.
 *
 * Samples are best small, not symmetric, and away from kinks and from the borders of the domain.
 *
 * @throws CheckError that says which rule is wrong, at which entry, and shows both values.
 * @example
 * ops.every(({ op }) => op.name !== "matmul" || checkOp(op).pairing < 1e-12); // true
 */
export function checkOp<In extends string, A>(
  op: Op<In, string, A>,
  options: { readonly samples?: readonly Sample<In, A>[] | undefined } = {},
): OpReport {
  requireNames("checkOp", options, ["samples"]);
  const samples = samplesOf(op, options.samples ?? []);
  const zero = {
    linear: 0,
    differences: 0,
    pairing: 0,
    pairing32: 0,
    second: 0,
    values32: 0,
    maps: 0,
    acts: 0,
  };
  const report = { samples: samples.length, ...zero };
  const cases: Case[] = [];
  samples.forEach((sample, i) => {
    const where = `${op.name}, sample ${i}`;
    if (sample.error !== undefined) {
      checkMessage(where, op, sample);
      checkMappedMessage(where, op, sample);
      return;
    }
    named(`${where}: it`, () => {
      checkShapes(where, op, sample);
      const c = Case.of(where, op, sample, i + 1);
      cases.push(c);
      checkKernel(c);
      for (const check of table) {
        for (const [name, off] of Object.entries(check(c)) as [keyof typeof zero, number][]) {
          report[name] = Math.max(report[name], off);
        }
      }
    });
  });
  checkWritten(op, cases);
  return report;
}

function checkMessage(where: string, op: AnyOp, sample: AnySample): void {
  let said = "nothing";
  try {
    leaves(applyAll(op, sample.inputs, sample.attrs)).map((y) => y.data());
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    said = error.message;
  }
  if (said !== sample.error) {
    throw new CheckError(`${where}: it said "${said}"; the sample wants "${sample.error}"`);
  }
}

/** There is something to check of each rule, and the op's own kernel gives each of its outputs. */
function checkWritten(op: AnyOp, cases: readonly Case[]): void {
  if (cases.length === 0) {
    throw new CheckError(`${op.name}: it has no sample that it should accept`);
  }
  if (cases.every((c) => c.inputs.every(({ x }) => x.size === 0))) {
    throw new CheckError(`${op.name}: its samples have no elements`);
  }
  op.inputs.forEach((name: string, position: number) => {
    const rules = op.rules[position] as readonly AnyRule[];
    const isMoved = (c: Case): boolean =>
      c.floats.length > 0 &&
      c.free.some((input) => input.position === position && input.x.size > 0);
    if (rules.every((rule) => rule.constant !== undefined) || cases.some(isMoved)) return;
    throw new CheckError(
      `${op.name}: no sample has a float ${name} and a float output, so its rule was not checked`,
    );
  });
  op.outputs.forEach((name: string, o: number) => {
    const left = cases.flatMap((c) => unwritten(c, o));
    if (left.length === 0 || left.includes(false)) return;
    throw new CheckError(`${op.name}: the kernel writes nothing to ${name} in any sample`);
  });
}
