/** MessagePack, of it what is used here: no extension types, text as keys, `undefined` left out of maps.
 *
 * Its own code because a library for all of it is five times the size, and because what is read is hostile: depth and
 * number of values are bounded, and a length is never believed beyond the bytes that are there.
 * Source: the MessagePack specification, "Formats"; integers in their shortest form. */

/** What we write and what the server may send is far below. */
const depthMax = 32;
const valuesMax = 65_536;

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @param value `null`, booleans, numbers, texts, bytes, lists and plain objects.
 * @returns bytes of their own.
 * @throws TypeError for anything else, RangeError for what is nested too deep. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.value(value, 0);
  return writer.done();
}

/** Reads exactly one value. Bytes in it are views into `bytes`.
 * @throws RangeError or TypeError for what is no MessagePack of ours. */
export function decode(bytes: Uint8Array | ArrayBuffer): unknown {
  const reader = new Reader(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
  const value = reader.value(0);
  reader.end();
  return value;
}

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  value(value: unknown, depth: number): void {
    if (depth > depthMax) throw new RangeError('nested too deep');
    if (value === null || value === undefined) this.#number(1, 0xc0);
    else if (typeof value === 'boolean') this.#number(1, value ? 0xc3 : 0xc2);
    else if (typeof value === 'number') this.#numeric(value);
    else if (typeof value === 'string') this.#text(value);
    else if (value instanceof Uint8Array) {
      this.#head(value.length, { byte: 0xc4 });
      this.#append(value);
    } else if (Array.isArray(value)) {
      this.#head(value.length, { few: 0x90, max: 15, word: 0xdc });
      for (const item of value) this.value(item, depth + 1);
    } else if (typeof value === 'object') this.#map(value, depth);
    else throw new TypeError('no value of ours');
  }

  #map(value: object, depth: number): void {
    const entries = Object.entries(value).filter((entry) => entry[1] !== undefined);
    this.#head(entries.length, { few: 0x80, max: 15, word: 0xde });
    for (const [key, inner] of entries) {
      this.#text(key);
      this.value(inner, depth + 1);
    }
  }

  #text(text: string): void {
    const bytes = textEncoder.encode(text);
    this.#head(bytes.length, { few: 0xa0, max: 31, byte: 0xd9, word: 0xda });
    this.#append(bytes);
  }

  /** A format and a length, in the shortest form that there is of it; the longer ones follow one another. */
  #head(length: number, form: { few?: number; max?: number; byte?: number; word?: number }): void {
    const { few, max = 0, byte } = form;
    const { word = (byte ?? 0) + 1 } = form;
    if (few !== undefined && length <= max) this.#number(1, few | length);
    else if (byte !== undefined && length < 0x100) this.#tagged(byte, 1, length);
    else if (length < 0x10000) this.#tagged(word, 2, length);
    else this.#tagged(word + 1, 4, length);
  }

  #numeric(value: number): void {
    if (!Number.isSafeInteger(value)) this.#tagged(0xcb, 8, value);
    else if (value >= -0x20 && value < 0x80) this.#number(1, value & 0xff);
    else {
      const size = sizeOf(value);
      this.#tagged((value < 0 ? 0xd0 : 0xcc) + Math.log2(size), size, value);
    }
  }

  #tagged(format: number, size: number, value: number): void {
    this.#number(1, format);
    this.#number(size, value, format);
  }

  /** Big-endian; modulo its size, so that negative ones come as two's complement. */
  #number(size: number, value: number, format = 0): void {
    const at = this.#room(size);
    if (format === 0xcb) this.#view.setFloat64(at, value);
    else if (size === 1) this.#view.setUint8(at, value);
    else if (size === 2) this.#view.setUint16(at, value);
    else {
      if (size === 8) this.#view.setUint32(at, Math.floor(value / 2 ** 32));
      this.#view.setUint32(at + size - 4, value);
    }
  }

  #append(bytes: Uint8Array): void {
    // First the room: making it may move the bytes.
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** @returns where that many bytes may be written. */
  #room(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** Bytes of the shortest form of an integer. */
function sizeOf(value: number): number {
  const [positive, negative] = value < 0 ? [0, -value] : [value, 0];
  if (positive < 0x100 && negative <= 0x80) return 1;
  if (positive < 0x10000 && negative <= 0x8000) return 2;
  return positive < 2 ** 32 && negative <= 2 ** 31 ? 4 : 8;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('more than one value');
  }

  value(depth: number): unknown {
    this.#values += 1;
    if (depth > depthMax || this.#values > valuesMax) throw new RangeError('too deep or too much');
    const format = this.#number(1);
    if (format < 0x80) return format;
    if (format < 0x90) return this.#map(format & 15, depth);
    if (format < 0xa0) return this.#list(format & 15, depth);
    if (format < 0xc0) return this.#text(format & 31);
    if (format >= 0xe0) return format - 0x100;
    return this.#named(format, depth);
  }

  /** The formats that take a byte of their own. */
  #named(format: number, depth: number): unknown {
    if (format === 0xc0) return null;
    if (format === 0xc2 || format === 0xc3) return format === 0xc3;
    if (format >= 0xc4 && format <= 0xc6) return this.#take(this.#number(1 << (format - 0xc4)));
    if (format === 0xca) return this.#view.getFloat32(this.#step(4));
    if (format === 0xcb) return this.#view.getFloat64(this.#step(8));
    if (format >= 0xcc && format <= 0xcf) return this.#number(1 << (format - 0xcc));
    if (format >= 0xd0 && format <= 0xd3) return this.#signed(1 << (format - 0xd0));
    if (format >= 0xd9 && format <= 0xdb) return this.#text(this.#number(1 << (format - 0xd9)));
    if (format === 0xdc || format === 0xdd)
      return this.#list(this.#number(2 << (format - 0xdc)), depth);
    if (format === 0xde || format === 0xdf)
      return this.#map(this.#number(2 << (format - 0xde)), depth);
    throw new TypeError('no format of ours');
  }

  #list(length: number, depth: number): unknown[] {
    const items: unknown[] = [];
    for (let index = 0; index < length; index += 1) items.push(this.value(depth + 1));
    return items;
  }

  #map(length: number, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (let index = 0; index < length; index += 1) {
      const key = this.value(depth + 1);
      // As a key it would be the object's prototype.
      if (typeof key !== 'string' || key === '__proto__') throw new TypeError('no key of ours');
      map[key] = this.value(depth + 1);
    }
    return map;
  }

  #text = (length: number): string => textDecoder.decode(this.#take(length));

  #take(length: number): Uint8Array {
    const at = this.#step(length);
    return this.#bytes.subarray(at, at + length);
  }

  #number(size: number): number {
    const at = this.#step(size);
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at);
    const low = this.#view.getUint32(at + size - 4);
    return size === 4 ? low : this.#view.getUint32(at) * 2 ** 32 + low;
  }

  #signed(size: number): number {
    const at = this.#step(size);
    if (size === 1) return this.#view.getInt8(at);
    if (size === 2) return this.#view.getInt16(at);
    if (size === 4) return this.#view.getInt32(at);
    return this.#view.getInt32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  /** Passes so many bytes. @returns where they begin. @throws RangeError when they are not there. */
  #step(size: number): number {
    const at = this.#at;
    if (size > this.#bytes.length - at) throw new RangeError('it ends too early');
    this.#at = at + size;
    return at;
  }
}
