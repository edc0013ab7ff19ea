/** A first look at a hostile MessagePack frame, without building anything: how deep and how many values.
 *
 * The decoder bounds single lengths, but a frame of nothing but opening arrays, a byte each, would still cost
 * it fifty times its size. This walk needs no memory beyond the depth that it allows.
 * Source: the MessagePack specification, "Formats". */

/** The deepest frame of ours: frame, params, input, list, item, field, bytes. */
const depthMax = 16;
/** A page of acknowledgements is 500 maps of two; a publication 100 byte strings. */
const valuesMax = 8_192;

/** @throws RangeError for a frame that is too deep, has too many values, or whose lengths do not fit. */
export function checkFrame(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Values that each open container still waits for; the frame itself is the first. */
  const open = [1];
  let position = 0;
  let values = 0;
  while (open.length > 0) {
    const waiting = open[open.length - 1] ?? 0;
    if (waiting === 0) {
      open.pop();
      continue;
    }
    open[open.length - 1] = waiting - 1;
    values += 1;
    if (values > valuesMax) throw new RangeError('too many values in a frame');
    const { size, children } = readHead(view, position);
    position += size;
    if (position > bytes.length) throw new RangeError('a frame ends too early');
    if (children > 0) open.push(children);
    if (open.length > depthMax) throw new RangeError('a frame is nested too deep');
  }
}

interface Head {
  /** Bytes of the head, and of the content when it is no container. */
  size: number;
  /** Values inside; a map has two for each entry. */
  children: number;
}

const leaf = (size: number): Head => ({ size, children: 0 });

/** @throws RangeError beyond the end, or for extension types and the unused byte, which no frame of ours has. */
function readHead(view: DataView, at: number): Head {
  const head = view.getUint8(at);
  if (head < 0x80 || head >= 0xe0) return leaf(1); // fixint
  if (head < 0x90) return { size: 1, children: (head & 0x0f) * 2 }; // fixmap
  if (head < 0xa0) return { size: 1, children: head & 0x0f }; // fixarray
  if (head < 0xc0) return leaf(1 + (head & 0x1f)); // fixstr
  switch (head) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return leaf(1);
    case 0xc4: // bin 8
    case 0xd9: // str 8
      return leaf(2 + view.getUint8(at + 1));
    case 0xc5: // bin 16
    case 0xda: // str 16
      return leaf(3 + view.getUint16(at + 1));
    case 0xc6: // bin 32
    case 0xdb: // str 32
      return leaf(5 + view.getUint32(at + 1));
    case 0xcc: // uint 8
    case 0xd0: // int 8
      return leaf(2);
    case 0xcd: // uint 16
    case 0xd1: // int 16
      return leaf(3);
    case 0xca: // float 32
    case 0xce: // uint 32
    case 0xd2: // int 32
      return leaf(5);
    case 0xcb: // float 64
    case 0xcf: // uint 64
    case 0xd3: // int 64
      return leaf(9);
    case 0xdc: // array 16
      return { size: 3, children: view.getUint16(at + 1) };
    case 0xdd: // array 32
      return { size: 5, children: view.getUint32(at + 1) };
    case 0xde: // map 16
      return { size: 3, children: view.getUint16(at + 1) * 2 };
    case 0xdf: // map 32
      return { size: 5, children: view.getUint32(at + 1) * 2 };
    default:
      throw new RangeError('a frame holds an extension type');
  }
}
