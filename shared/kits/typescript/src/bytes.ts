/** Bytes as texts, and packed. */

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that bytes are; undefined for what is none. */
export function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A multiple of three, so that the pieces' base64 is that of the whole. */
const PIECE = 3 * 8192;

export function base64(bytes: Uint8Array): string {
  const { Buffer } = globalThis as { Buffer?: { from(bytes: ArrayBufferLike, at: number, length: number): { toString(as: string): string } } };
  if (Buffer) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  let encoded = "";
  for (let at = 0; at < bytes.length; at += PIECE) encoded += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  return encoded;
}

/** Packed, where the runtime can. */
export async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (typeof CompressionStream === "undefined") return undefined;
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
