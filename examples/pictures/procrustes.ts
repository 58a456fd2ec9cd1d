import { eigh, norm, type Tensor } from "tracegrad";
import { drawSvg, nominal, quantitative } from "../shared/plot.js";

/** The open chain beside the closed one, as it lay and as it was turned; and how far it moves. */
export function draw(open: Tensor, turned: Tensor, closed: Tensor): Promise<void> {
  // Seen so that the lids move within the page.
  const movement = turned.sub(closed);
  const page = eigh(movement.T.matmul(movement)).V.slice([0, 1], [3, 2]);
  const chain = (shape: string, X: Tensor) =>
    X.matmul(page)
      .toArray<number[][]>()
      .map(([y, x], residue) => ({ shape, x, y, residue }));
  const views = [
    { title: "as they lay in their crystals", X: open },
    { title: "turned", X: turned },
  ];
  const distances = norm(movement, { axis: 1 }).toArray<number[]>();
  const scale = { domain: [-35, 35] };
  return drawSvg("procrustes", {
    title: {
      text: "Adenylate kinase closes its lids",
      subtitle: "The cores laid on each other by gradient descent among the rotations",
    },
    vconcat: [
      {
        hconcat: views.map(({ title, X }) => ({
          title: { text: title, fontSize: 13 },
          width: 300,
          height: 300,
          data: { values: [...chain("open", X), ...chain("closed", closed)] },
          mark: { type: "line", strokeWidth: 2, interpolate: "catmull-rom" },
          encoding: {
            x: quantitative("x", "Å", { scale }),
            y: quantitative("y", "Å", { scale }),
            order: { field: "residue" },
            color: nominal("shape", "shape"),
          },
        })),
      },
      {
        width: 680,
        height: 130,
        data: { values: distances.map((distance, i) => ({ residue: i + 1, distance })) },
        mark: { type: "area", line: true, opacity: 0.3 },
        encoding: {
          x: quantitative("residue", "residue"),
          y: quantitative("distance", "moved by (Å)"),
        },
      },
    ],
  });
}
