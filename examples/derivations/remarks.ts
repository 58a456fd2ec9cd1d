/**
 * What went wrong in the formulas that are not right as printed, and how they should read where that
 * is not the derivative of the record's function.
 */
export interface Remark {
  readonly words: string;
  /** LaTeX. */
  readonly right?: string;
}

const tex = String.raw;
const asMatrix = "As printed, the function is a matrix, and has no gradient; its trace is meant.";
const byTranspose =
  "As printed, the function is a matrix, and has no gradient; its trace is meant. By Xᵀ " +
  "instead of X, the gradient is transposed.";
const asRow = "A row: the transpose of the gradient, as numerator layout has it.";

export const remarks: Readonly<Record<string, Remark>> = {
  "s0-04": {
    words:
      "The middle member is a matrix; the trace is missing there. So is the ∂ in all " +
      "denominators of this text.",
    right: tex`\mathrm{d}f = \mathrm{tr}\left(\left(\frac{\partial f}{\partial X}\right)^{\top}\,\mathrm{d}X\right)`,
  },
  "s0-05": {
    words:
      "The first sum is over j, of entries that are named by i. Nearby the text says that " +
      "(Aᵀ)ᵢⱼ is (Aᵀ)ⱼᵢ, where Aⱼᵢ is meant.",
    right: tex`\mathrm{tr}(C) = \sum_{i=1}^{n} C_{ii} = \sum_{j=1}^{m} \sum_{i=1}^{n} A_{ji}\,B_{ji}`,
  },
  "s0-14": {
    words: "The slope is taken at x, of which there is none; X is meant.",
    right: tex`\mathrm{d}\sigma(X) = \sigma'(X) \circ \mathrm{d}X`,
  },
  "s0-22": {
    words:
      "As printed, XᵀAX is a matrix; the trace comes in halfway. A is said to be m×n, but has to " +
      "be m×m, and a parenthesis is missing in the answer.",
  },
  "s0-23": {
    words: "The square of the norm is missing in the loss; what follows is right for the square.",
  },
  "s0-23b": {
    words:
      "The loss as printed, taken literally: the norm without the square has another gradient.",
  },
  "s0-23c": { words: "The same missing square, with one bias for all rows." },
  "s1-04": {
    words: "The indices begin at 0, and m and n have changed places.",
    right: tex`\mathrm{tr}(A^{\top}\,B) = \sum_{i=1}^{m} \sum_{j=1}^{n} A_{ij}\,B_{ij}`,
  },
  "s1-10": {
    words: "A closing parenthesis is missing.",
    right: tex`\mathrm{tr}(A^{\top}\,(B \circ C)) = \mathrm{tr}((A \circ B)^{\top}\,C)`,
  },
  "s1-12": {
    words: "The line is right; the words beside it call x, of n entries, a scalar.",
    right: tex`x \in \mathbb{R}^{n} \text{ is a vector}`,
  },
  "s2-04": {
    words: "With plus signs between them the partial derivatives are added up to one number.",
    right: tex`\nabla f = \begin{bmatrix} \frac{\partial f}{\partial x_1} & \frac{\partial f}{\partial x_2} & \frac{\partial f}{\partial x_3} \end{bmatrix}^{\top}`,
  },
  "s2-06": {
    words:
      "Right where the text first prints it, under numerator layout; under denominator layout the " +
      "same row stands again, before the column that belongs there.",
    right: tex`\frac{\partial y}{\partial x} = \begin{bmatrix} \frac{\partial y}{\partial x_1} & \cdots & \frac{\partial y}{\partial x_n} \end{bmatrix}^{\top}`,
  },
  "s2-08": {
    words:
      "In words, the text has ∂y/∂X as large as Y and ∂Y/∂x as large as Xᵀ: the two have changed " +
      "places, here and under denominator layout. Its own table of layouts has them right.",
    right: tex`\frac{\partial Y}{\partial x} \text{ is as large as } Y, \quad \frac{\partial y}{\partial X} \text{ as } X^{\top}`,
  },
  "s2-09": { words: "A q×p matrix for a variable of p×q: numerator layout." },
  "s2-11": {
    words: "A is the constant of the line above; the variable is X.",
    right: tex`\mathrm{d}(a\,X) = a\,\mathrm{d}X`,
  },
  "s2-19": {
    words:
      "Right for real matrices only. For X = P + iQ the printed rule gives the imaginary part of " +
      "tr(B·Xᴴ) the gradient B by Q; it is −B.",
    right: tex`\mathrm{d}(X^{H}) = (\mathrm{d}X)^{H}`,
  },
  "s2-21": {
    words: "A parenthesis opens and does not close.",
    right: tex`0 = \mathrm{d}(X^{-1}\,X) = \mathrm{d}(X^{-1})\,X + X^{-1}\,\mathrm{d}X`,
  },
  "s2-24": { words: `${asRow} The text's a is a row.` },
  "s2-25": {
    words: "The transpose of the gradient, as numerator layout has it; and dA should read dX.",
  },
  "s2-30": {
    words:
      "The derivative by a matrix is no trace, and AB does not exist for these sizes. What the " +
      "text derives below the line, tr(BA·dX), is right.",
  },
  "s2-30b": { words: "The same with square matrices, where tr(AB) exists: it is a number." },
  "s2-32": { words: asRow },
  "s3-01": { words: `${asMatrix} In this whole list the d is missing before the X below.` },
  "s3-02": { words: byTranspose },
  "s3-03": { words: asMatrix },
  "s3-04": { words: byTranspose },
  "s3-05": { words: asMatrix },
  "s3-06": { words: asMatrix },
  "s3-06v": {
    words:
      "For a row xᵀ, as the lines around it have it, d(xᵀA)/dx is A; the printed Aᵀ is that of " +
      "the other layout, and does not fit.",
    right: tex`\frac{\mathrm{d}(x^{\top}\,A)}{\mathrm{d}x} = A`,
  },
  "s3-07": { words: asMatrix },
  "s3-08": { words: asMatrix },
  "s3-09": {
    words:
      "The second derivative for a vector. For a matrix X of k columns, as printed, it has k times " +
      "as many rows and columns: a Kronecker product with the identity.",
    right: tex`\frac{\partial^{2} (x^{\top}\,A\,x)}{\partial x^{2}} = A + A^{\top}`,
  },
  "s3-11": {
    words: "The last factor must be the column U: the product with the row Uᵀ does not exist.",
  },
  "s3-12": {
    words:
      "Right where X is a number. By a vector or a matrix the derivative of UVᵀ has three or four " +
      "axes, and the products of the line do not exist.",
    right: tex`\frac{\mathrm{d}(u\,v^{\top})}{\mathrm{d}c} = \frac{\mathrm{d}u}{\mathrm{d}c}\,v^{\top} + u\,\frac{\mathrm{d}v^{\top}}{\mathrm{d}c}`,
  },
  "s3-13m": { words: `${asMatrix} For vectors U and V it is right as printed.` },
  "s3-14m": { words: `${asMatrix} For vectors U and V it is right as printed.` },
  "s3-15m": { words: `${asMatrix} For a vector U it is right as printed.` },
  "s3-17": { words: `${asRow} The column stands just above it in the text.` },
  "s3-18": {
    words: "The lower left entry of the matrix is a partial derivative of fₘ, and should be of f₁.",
    right: tex`\begin{bmatrix} \frac{\partial f_1}{\partial x_1} & \cdots & \frac{\partial f_m}{\partial x_1} \\ \vdots & & \vdots \\ \frac{\partial f_1}{\partial x_n} & \cdots & \frac{\partial f_m}{\partial x_n} \end{bmatrix}`,
  },
  "s3-20": {
    words: "The inner derivative stands on the left: so in denominator layout only.",
    right: tex`\frac{\partial f}{\partial u} = \frac{\partial f}{\partial y}\,\frac{\partial y}{\partial u} \text{ in numerator layout}`,
  },
};

/** Slips beside formulas that are right: no number shows them. */
export const slips: Readonly<Record<string, string>> = {
  "s0-13": "the Hadamard product is called an inner product in words, then rightly entrywise",
  "s0-20": "a power sign is missing in a step, “a\\top” for “a^\\top”",
  "s1-17": "abⁿ for abᵀ where the size is checked",
  "s2-07": "the dots in the row stand upright, as in a column",
  "s3-16": "the last entry of the vector is called yₙ, and should be xₙ",
  "s3-19": "∇y for the gradient of f at y",
};
