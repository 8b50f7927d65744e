/** Bytes that come in pieces, in few blocks: a small piece by itself takes several times its bytes. */

import { joined } from "./bytes.js";

/** How large a block gets that is not one piece. */
const MOST = 64 * 1024;

export class Kept {
  readonly #blocks: Uint8Array[] = [];
  /** How much of the last block is used, and what came before it. */
  #used = 0;
  #before = 0;

  /** Keeps a copy, if there is room for what more it takes. */
  push(piece: Uint8Array, take: (bytes: number) => boolean): void {
    const last = this.#blocks.at(-1);
    const fits = piece.subarray(0, last ? last.byteLength - this.#used : 0);
    last?.set(fits, this.#used);
    this.#used += fits.byteLength;
    const rest = piece.subarray(fits.byteLength);
    if (rest.byteLength === 0) return;
    // As much again as there is: the first piece is often all.
    const block = Math.max(rest.byteLength, Math.min(this.#before + this.#used, MOST));
    if (!take(block)) return;
    this.#before += this.#used;
    this.#blocks.push(new Uint8Array(block));
    this.#blocks.at(-1)!.set(rest);
    this.#used = rest.byteLength;
  }

  /** All of it; nothing when nothing came. */
  whole(): Uint8Array | undefined {
    const last = this.#blocks.at(-1);
    if (!last) return undefined;
    if (this.#before > 0) return joined([...this.#blocks.slice(0, -1), last.subarray(0, this.#used)]);
    return last;
  }
}
