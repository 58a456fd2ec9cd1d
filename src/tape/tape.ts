import { type Interpreter, run } from "../core/apply.js";
import { type AnyOp, bare } from "../core/op.js";
import { whileRecording } from "../kernels/memory.js";
import { ownAttributes } from "../tensor/attributes.js";
import { isFloat } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import { requireFinite } from "../tensor/finite.js";
import { format } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { type Handle, Tensor } from "../tensor/tensor.js";

/** Behind a traced tensor: output `output` of entry `entry`, or (entry −1) an input of the tape. */
interface TapeHandle extends Handle {
  readonly owner: Tape;
  readonly entry: number;
  readonly output: number;
}

/** Where a tape knows a value from. */
export type Slot = Pick<TapeHandle, "entry" | "output">;

/** One op that ran: on what, where that came from, and what came out. */
export class Entry {
  constructor(
    readonly op: AnyOp,
    readonly attrs: unknown,
    /** By input position: where the tape knows it from, or null for a constant. */
    readonly from: readonly (Slot | null)[],
    readonly inputs: readonly Tensor[],
    readonly outputs: readonly Tensor[],
  ) {}

  /** What its rules may read. */
  get saved(): Readonly<Record<string, Tensor | readonly Tensor[]>> {
    const { op, inputs, outputs } = this;
    const saved: Record<string, Tensor | readonly Tensor[]> = {};
    for (const name of op.saves) {
      const input = op.inputs.indexOf(name);
      if (input < 0) saved[name] = outputs[op.outputs.indexOf(name)] as Tensor;
      else if (name.startsWith("...")) saved[bare(name)] = inputs.slice(input);
      else saved[name] = inputs[input] as Tensor;
    }
    return saved;
  }
}

/**
 * Records the ops that depend on its inputs. It gives the inputs fresh handles; whatever is
 * calculated from these is run by the interpreter below and written down.
 */
export class Tape implements Interpreter {
  readonly entries: Entry[] = [];
  readonly inputs: Tensor[] = [];
  /** Written by the tape alone. */
  level = 0;
  #used = false;

  /** `anomaly` makes the tape throw at the first op whose result is not finite. */
  constructor(readonly options: { readonly anomaly?: boolean | undefined } = {}) {}

  /** Runs `body` on handles of `inputs`, recording; afterwards the handles are plain values. */
  record<T>(inputs: readonly Tensor[], body: (handles: Tensor[]) => T): T {
    if (this.#used) throw new UsageError("Tape.record: a tape records once; make another");
    this.#used = true;
    return whileRecording((depth) => {
      this.level = depth;
      try {
        return body(inputs.map((x) => this.#handle(x, -1, this.inputs.push(x) - 1)));
      } finally {
        this.level = 0;
      }
    });
  }

  #handle(below: Tensor, entry: number, output: number): Tensor {
    const source: TapeHandle = { owner: this, below, entry, output };
    return new Tensor(below.shape, below.dtype, source);
  }

  /** The handle that this tape gave for `x`, or null where `x` does not depend on its inputs. */
  slotOf(x: Tensor): TapeHandle | null {
    for (let { source } = x; !(source instanceof Storage); source = source.below.source) {
      if (source.owner === this) return source as TapeHandle;
    }
    return null;
  }

  /** The value under this tape's handle. */
  below(x: Tensor): Tensor {
    return this.slotOf(x)?.below ?? x;
  }

  run(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Tensor[] {
    const from = inputs.map((x) => this.slotOf(x));
    const values = inputs.map((x, i) => from[i]?.below ?? x);
    const outputs = run(op, values, attrs);
    if (!outputs.some((y) => isFloat(y.dtype))) return outputs; // whole numbers have no derivative
    if (this.options.anomaly) requireFinite(op.name, outputs);
    const entry = this.entries.push(new Entry(op, ownAttributes(attrs), from, values, outputs)) - 1;
    return outputs.map((y, output) => this.#handle(y, entry, output));
  }

  /** Every value that the rules can still ask for: it must outlive the recording. */
  *saved(): Iterable<Tensor> {
    for (const entry of this.entries) for (const x of Object.values(entry.saved)) yield* [x].flat();
  }

  /** One line an op: its name, where its inputs come from, its result's shape, what it saves. */
  toString(): string {
    const name = (slot: Slot | null, x: Tensor): string => {
      if (slot === null) return `const ${format(x.shape)}`;
      if (slot.entry < 0) return `x${slot.output}`;
      const many = (this.entries[slot.entry] as Entry).outputs.length > 1;
      return `v${slot.entry}${many ? `.${slot.output}` : ""}`;
    };
    const shapes = (xs: readonly Tensor[]): string => xs.map((x) => format(x.shape)).join(" ");
    const lines = this.inputs.map((x, i) => `x${i} = input ${format(x.shape)} ${x.dtype}`);
    this.entries.forEach(({ op, from, inputs, outputs, saved }, i) => {
      const list = from.map((slot, j) => name(slot, inputs[j] as Tensor)).join(", ");
      const saves = Object.entries(saved).map(([key, x]) => `${key} ${shapes([x].flat())}`);
      const tail = saves.length === 0 ? "" : `  saves ${saves.join(", ")}`;
      lines.push(`v${i} = ${op.name}(${list}) ${shapes(outputs)}${tail}`);
    });
    return lines.join("\n");
  }

  /** What `console.log` shows in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
