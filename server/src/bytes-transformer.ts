/** Bytes inside JSON, for HTTP: `{ "$bytes": base64 }`. */

interface Transformer {
  serialize(value: unknown): unknown;
  deserialize(value: unknown): unknown;
}

const tag = '$bytes';
/** No input of ours is nested deeper; a bound on recursion over hostile input. */
const depthMax = 16;

function serialize(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return {
      [tag]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
    };
  }
  if (Array.isArray(value)) return value.map(serialize);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, serialize(inner)]));
}

function deserialize(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > depthMax) throw new RangeError('nested too deep');
  if (Array.isArray(value)) return value.map((inner) => deserialize(inner, depth + 1));
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === tag && typeof first[1] === 'string') {
    return new Uint8Array(Buffer.from(first[1], 'base64'));
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, deserialize(inner, depth + 1)]));
}

/** For HTTP. Bytes anywhere in the value become tagged base64 and come back. */
export const bytesTransformer: Transformer = {
  serialize,
  deserialize: (value) => deserialize(value),
};

/** For MessagePack, which knows bytes. */
export const plainTransformer: Transformer = {
  serialize: (value) => value,
  deserialize: (value) => value,
};
