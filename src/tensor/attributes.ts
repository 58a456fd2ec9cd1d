/** Attributes as they are now: lists, which the caller may write to later, are copied. */
export function ownAttributes(attrs: unknown): unknown {
  if (typeof attrs !== "object" || attrs === null) return attrs;
  let own: Record<string, unknown> | null = null;
  for (const [key, value] of Object.entries(attrs)) {
    if (!Array.isArray(value)) continue;
    own ??= { ...attrs };
    own[key] = copy(value);
  }
  return own ?? attrs;
}

function copy(value: unknown): unknown {
  return Array.isArray(value) ? value.map(copy) : value;
}
