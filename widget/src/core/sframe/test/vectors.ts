/** The test vectors of RFC 9605; their source is named in the file. */
interface Vectors {
  header: { kid: string; ctr: string; encoded: string }[];
  sframe: {
    cipher_suite: number;
    kid: string;
    ctr: string;
    base_key: string;
    sframe_key: string;
    sframe_salt: string;
    metadata: string;
    aad: string;
    pt: string;
    ct: string;
  }[];
}

export function readVectors(readFile: (path: URL, encoding: 'utf8') => string): Vectors {
  return JSON.parse(
    readFile(new URL('./vectors/sframe-rfc9605.json', import.meta.url), 'utf8'),
  ) as Vectors;
}

export const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
