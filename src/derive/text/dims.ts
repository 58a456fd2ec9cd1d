/** A number of rows or columns as it is shown: a number, or a name such as `m` or `m·k`. */
export type Dim = number | string;

/** A number of rows or columns that may still be open; `same` leads to one that it is equal to. */
export interface Unknown {
  value: number | null;
  same: Unknown | null;
  /** It must not turn out to be 1: a variable that is a vector by declaration or by name stays one. */
  plural: boolean;
}

export interface Size {
  readonly rows: Unknown;
  readonly columns: Unknown;
}

export const known = (value: number): Unknown => ({ value, same: null, plural: false });
export const open = (plural = false): Unknown => ({ value: null, same: null, plural });
export const one: Size = { rows: known(1), columns: known(1) };

/** The one that stands for all that are equal. */
export function root(dim: Unknown): Unknown {
  let top = dim;
  while (top.same !== null) top = top.same;
  // What leads there step by step leads there at once from now on.
  for (let next = dim; next.same !== null && next !== top; ) {
    const after: Unknown = next.same;
    next.same = top;
    next = after;
  }
  return top;
}

export const numberOf = (dim: Unknown): number | null => root(dim).value;

export function isOne({ rows, columns }: Size): boolean {
  return numberOf(rows) === 1 && numberOf(columns) === 1;
}

/** Whether two can be equal. */
export function compatible(a: Unknown, b: Unknown): boolean {
  const [p, q] = [root(a), root(b)];
  if (p === q) return true;
  if (p.value !== null && q.value !== null) return p.value === q.value;
  return !((p.value === 1 && q.plural) || (q.value === 1 && p.plural));
}

/** Makes two equal; false if they cannot be. */
export function unify(a: Unknown, b: Unknown): boolean {
  if (!compatible(a, b)) return false;
  const [p, q] = [root(a), root(b)];
  if (p === q || (p.value !== null && q.value !== null)) return true;
  const [from, to] = p.value === null ? [p, q] : [q, p];
  to.plural ||= from.plural;
  from.same = to;
  return true;
}

/** `of = a·b`, as the sizes of Kronecker products are. */
export interface Product {
  readonly of: Unknown;
  readonly a: Unknown;
  readonly b: Unknown;
}

/** The product that an open size is; none where a factor is 1, for then it is the other factor. */
export function productOf(dim: Unknown, products: readonly Product[]): Product | undefined {
  const top = root(dim);
  return products.find(
    ({ of, a, b }) => root(of) === top && numberOf(a) !== 1 && numberOf(b) !== 1,
  );
}

/** Finds what follows from products, until nothing new does; the product that cannot be, or null. */
export function settle(products: readonly Product[]): Product | null {
  for (let going = true; going; ) {
    going = false;
    for (const product of products) {
      const { of, a, b } = product;
      const [p, x, y] = [numberOf(of), numberOf(a), numberOf(b)];
      // With a factor that is not 1 the product is not, and with a product that is both factors are.
      if (root(a).plural || root(b).plural) {
        if (p === 1) return product;
        going ||= !root(of).plural;
        root(of).plural = true;
      }
      if (x !== null && y !== null) {
        going ||= p === null;
        if (!unify(of, known(x * y))) return product;
      } else if (x === 1 || y === 1) {
        const other = x === 1 ? b : a;
        going ||= root(of) !== root(other);
        if (!unify(of, other)) return product;
      } else if (p === 1 && x === null && y === null) {
        if (!unify(a, known(1)) || !unify(b, known(1))) return product;
        going = true;
      } else if (p !== null && (x ?? y) !== null) {
        const other = (x ?? y) as number;
        if (p % other !== 0 || !unify(x === null ? a : b, known(p / other))) return product;
        going = true;
      }
    }
  }
  return null;
}

/**
 * Takes equal products to be of equal factors, as long as they have equally many; the product that
 * cannot be, such as one that is a factor of itself, or null.
 */
export function close(products: readonly Product[]): Product | null {
  for (const [i, p] of products.entries()) {
    if (isCyclic(p, products)) return p;
    const twin = productOf(p.of, products.slice(0, i));
    if (numberOf(p.of) !== null || twin === undefined || productOf(p.of, [p]) === undefined)
      continue;
    const left = factors(p, products);
    const right = factors(twin, products);
    for (const factor of [...left]) {
      if (!right.includes(factor)) continue;
      left.splice(left.indexOf(factor), 1);
      right.splice(right.indexOf(factor), 1);
    }
    const open = [...left, ...right].every(({ value }) => value === null);
    if (!open || left.length !== right.length) continue;
    for (const [k, factor] of left.entries()) unify(factor, right[k] as Unknown);
  }
  const failed = settle(products) ?? products.find((product) => isCyclic(product, products));
  return failed ?? null;
}

/** What a product is made of in the end; `inside` are the products that it is a factor of. */
function factors(
  { of, a, b }: Product,
  products: readonly Product[],
  inside: readonly Unknown[] = [],
): Unknown[] {
  const above = [...inside, root(of)];
  return [a, b].flatMap((factor) => {
    const product = above.includes(root(factor)) ? undefined : productOf(factor, products);
    return product === undefined ? [root(factor)] : factors(product, products, above);
  });
}

function isCyclic({ of }: Product, products: readonly Product[]): boolean {
  const seen = new Set<Unknown>();
  const contains = (dim: Unknown): boolean => {
    const product = productOf(dim, products);
    if (product === undefined || seen.has(root(dim))) return false;
    seen.add(root(dim));
    return [product.a, product.b].some((x) => root(x) === root(of) || contains(x));
  };
  return numberOf(of) === null && contains(of);
}

const letters = ["m", "n", "k", "p", "q", "r", "s", "t", "u", "v"];

/** Gives names to open sizes: m, n, k, …, those of variables left out. */
export class Names {
  private readonly names = new Map<Unknown, string>();
  private readonly free: Iterator<string>;
  private n: boolean;
  /** Products whose factors are being named; what is a factor of itself has no end. */
  private readonly inside = new Set<Unknown>();

  constructor(
    private readonly products: readonly Product[],
    taken: ReadonlySet<string>,
  ) {
    this.n = !taken.has("n");
    this.free = (function* () {
      for (const letter of letters) if (!taken.has(letter)) yield letter;
      for (let i = 1; ; i++) if (!taken.has(`d${i}`)) yield `d${i}`;
    })();
  }

  /** Names what is open in a size; what is alone, as in a square matrix or a vector, is n. */
  add({ rows, columns }: Size): void {
    const dims = new Set([rows, columns].map(root).filter((dim) => this.isNew(dim)));
    for (const dim of dims) this.show(dim, dims.size === 1);
  }

  show(dim: Unknown, alone = true): Dim {
    const top = root(dim);
    if (top.value !== null) return top.value;
    const product = this.inside.has(top) ? undefined : productOf(top, this.products);
    if (product !== undefined) {
      this.inside.add(top);
      const factors = [product.a, product.b].map((factor) => this.show(factor));
      this.inside.delete(top);
      return factors.join("·");
    }
    let name = this.names.get(top);
    if (name === undefined) {
      name = this.next(alone);
      this.names.set(top, name);
    }
    return name;
  }

  private isNew(top: Unknown): boolean {
    return (
      top.value === null && !this.names.has(top) && productOf(top, this.products) === undefined
    );
  }

  private next(alone: boolean): string {
    if (alone && this.n) {
      this.n = false;
      return "n";
    }
    const name = this.free.next().value as string;
    if (name !== "n") return name;
    if (!this.n) return this.next(false);
    this.n = false;
    return name;
  }
}
