import { requireNames } from "../checks/options.js";
import { bracketed } from "../checks/said.js";
import { argmax, DtypeError, matmul, oneHot, ShapeError, type Tensor, where } from "../index.js";
import { requireSize, sameShape } from "./layer.js";
import { oneHotOf, requireAlike, requireTensors } from "./loss.js";

/** Whether an output has one score a row, of a class or its contrary. */
const isBinary = ({ shape }: Tensor): boolean => shape.length < 2 || shape.at(-1) === 1;

/** The class that each row of scores names, and the one of the target. */
function classesOf(name: string, output: Tensor, target: Tensor): [got: Tensor, wanted: Tensor] {
  requireTensors(name, output, target);
  if (output.dtype === "int32" || output.dtype === "bool") {
    throw new DtypeError(
      `${name}: output is ${output.dtype} ${bracketed(output.shape)}; scores of classes were wanted, floats, not the ` +
        "classes themselves",
    );
  }
  const alike = sameShape(output.shape, target.shape);
  if (alike && isBinary(output)) {
    // −1 is class 0, too; numbers to be met are none.
    oneHotOf(name, whole(target.abs()), 2);
    return [whole(output.greater(0)), whole(target.greater(0.5))];
  }
  if (alike) return [argmax(output, { axis: -1 }), argmax(target, { axis: -1 })];
  const rows = output.shape.slice(0, -1);
  if (output.rank > 0 && sameShape(target.shape, rows)) {
    return [
      isBinary(output) ? whole(output.greater(0).reshape(rows)) : argmax(output, { axis: -1 }),
      target.dtype === "bool" ? whole(target) : target,
    ];
  }
  throw new ShapeError(
    `${name}: output is ${bracketed(output.shape)} and target is ${bracketed(target.shape)}; ` +
      `scores for each class on the last axis, and labels ${bracketed(rows)} or one-hot ` +
      `${bracketed(output.shape)}, were wanted`,
  );
}

const whole = (x: Tensor): Tensor => x.cast("int32");

/**
 * The share of rows whose class is found. The output has a score for each class on its last axis, and
 * the target labels, or one-hot rows; or there is one logit a row, positive for class 1, and the target has
 * 0 and 1.
 *
 * @throws ShapeError when the shapes do not fit; DomainError when a label is no class.
 * @example
 * const labels = tensor([0, 1, 1], { dtype: "int32" });
 * accuracy(tensor([[2, 1], [0, 3], [1, 0]]), labels).item(); // 0.66666…
 * accuracy(tensor([-1, 2, 3]), labels).item(); // 1
 */
export function accuracy(output: Tensor, target: Tensor): Tensor {
  const [got, wanted] = classesOf("accuracy", output, target);
  if (!sameShape(output.shape, target.shape)) {
    // Else a label that is no class would just be missed.
    oneHotOf("accuracy", wanted, isBinary(output) ? 2 : (output.shape.at(-1) as number));
  }
  return got.equal(wanted).cast("float64").mean();
}

/**
 * How often each class (row) was taken for each (column): `[classes, classes]`, int32. The output has
 * scores, and the target labels, as for {@link accuracy}.
 *
 * @throws ShapeError when the shapes do not fit; DomainError when a label is no class.
 * @example
 * const labels = tensor([0, 1, 1], { dtype: "int32" });
 * confusionMatrix(tensor([[2, 1], [0, 3], [1, 0]]), labels).toArray(); // [[1, 0], [1, 1]]
 */
export function confusionMatrix(
  output: Tensor,
  target: Tensor,
  options: { readonly classes?: number | undefined } = {},
): Tensor {
  requireTensors("confusionMatrix", output, target);
  requireNames("confusionMatrix", options, ["classes"]);
  const { classes = isBinary(output) ? 2 : (output.shape.at(-1) as number) } = options;
  requireSize("confusionMatrix: classes", classes);
  const [got, wanted] = classesOf("confusionMatrix", output, target);
  const [G, W] = [got, wanted].map((labels) =>
    oneHot(labels.reshape([labels.size]), classes, { dtype: "float64" }),
  ) as [Tensor, Tensor];
  return matmul(W.T, G).cast("int32");
}

/**
 * The coefficient of determination, `R² = 1 − Σ (y − output)² / Σ (y − mean y)²`, over all entries: 1 where
 * all are hit, 0 for what the mean of the target does, NaN where all of the target is equal, as in one row.
 * In batches, as `fit` has them while it trains, each has a mean of its own.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * r2(tensor([1, 2, 3]), tensor([1, 2, 4])).item(); // 0.785…
 */
export function r2(output: Tensor, target: Tensor): Tensor {
  requireAlike("r2", output, target);
  const rest = target.sub(output).square().sum();
  const total = target.sub(target.mean()).square().sum();
  // Of equal numbers the mean can be off by a rounding, and the total not quite 0.
  const isConstant = target.max().equal(target.min());
  return where(isConstant, Number.NaN, rest.div(total).neg().add(1));
}
