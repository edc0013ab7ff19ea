/** Bytes inside JSON, for HTTP only: `{ "$bytes": base64 }`. */
const tag = '$bytes';
/** No answer of the contract is nested deeper. */
const depthMax = 16;

function serialize(value: unknown): unknown {
  if (value instanceof Uint8Array) return { [tag]: toBase64(value) };
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
  if (entries.length === 1 && first?.[0] === tag && typeof first[1] === 'string')
    return fromBase64(first[1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, deserialize(inner, depth + 1)]));
}

const portion = 32_768;

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += portion) {
    text += String.fromCharCode(...bytes.subarray(start, start + portion));
  }
  return btoa(text);
}

const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

export const bytesTransformer = { serialize, deserialize: (value: unknown) => deserialize(value) };
