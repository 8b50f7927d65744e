/**
 * Hands on a body as it is read, and shows each piece to a sink. It reads nothing before its reader asks, with one exception:
 * a refusal's body, which clients often leave unread, is read on to a limit.
 *
 * What comes, when, and how it ends is as without it, whether it is bytes or not, and whatever becomes of the sink. What cannot
 * be made again is left alone.
 */

import { viewOf } from "./bytes.js";
import { timer } from "./clock.js";

export interface Sink {
  piece(bytes: Uint8Array): void;
  /** What comes is no bytes, or there was no keeping it: the body cannot be told. */
  unread(): void;
  end(): void;
  fail(error: unknown): void;
  /** The reader left before the end. */
  leave(): void;
}

/** How far and how long a body is read for which nobody asks. */
export interface ReadAhead {
  readonly bytes: number;
  readonly millis: number;
}

export interface How {
  readonly ahead?: ReadAhead | undefined;
  /** Reads a piece; a reader that needs a context is run in it. */
  readonly within?: <T>(read: () => T) => T;
  /** The sink failed; the reader does not. */
  readonly failed: (error: unknown) => void;
}

/**
 * The same answer to whoever reads it, whose body is shown to a sink.
 *
 * Throws, with the answer as it was, when there can be no such: of a status beyond 599, or by another `fetch` than the web's.
 */
export function tapped(response: Response, sink: Sink, how: How): Response {
  const { status, statusText, headers } = response;
  const { body, begin } = tap(response.body!, sink, how);
  const answer = dressed(new Response(body, { status, statusText, headers }), response);
  begin();
  return answer;
}

/** A body that is as the other; that is locked only when this one begins. */
function tap(body: ReadableStream<unknown>, sink: Sink, { ahead, within = (read) => read(), failed }: How): { body: ReadableStream; begin: () => void } {
  const isBytes = isOfBytes(body);
  let reader!: ReadableStreamDefaultReader<unknown>;
  let controller!: ReadableByteStreamController | ReadableStreamDefaultController<unknown>;
  let isLeft = false;
  let pump: Promise<boolean> | undefined;

  function told(say: () => void): boolean {
    try {
      say();
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  }

  /** How much of a piece was shown; of what cannot be, nothing more need be read. */
  function shown(bytes: Uint8Array | undefined): number {
    if (bytes && told(() => sink.piece(bytes))) return bytes.byteLength;
    told(() => sink.unread());
    return Infinity;
  }

  async function readPiece(): Promise<number | undefined> {
    let piece: ReadableStreamReadResult<unknown>;
    let bytes: Uint8Array | undefined;
    try {
      // A stream of bytes takes no empty piece.
      do {
        piece = await within(() => reader.read());
        bytes = viewOf(piece.value);
      } while (isBytes && !piece.done && bytes?.byteLength === 0);
    } catch (error) {
      told(() => sink.fail(error));
      throw error;
    }
    if (piece.done) {
      told(() => sink.end());
      if (isLeft) return undefined;
      controller.close();
      if ("byobRequest" in controller) controller.byobRequest?.respond(0);
      return undefined;
    }
    const length = shown(bytes);
    // What is put into a stream of bytes is gone for whoever put it, with all that shares its memory: Node's `Buffer`s do.
    if (!isLeft) controller.enqueue((isBytes ? bytes!.slice() : piece.value) as Uint8Array<ArrayBuffer>);
    return length;
  }

  /** Whether the end came. */
  async function readAhead({ bytes, millis }: ReadAhead): Promise<boolean> {
    let isLate = false;
    const end = timer(millis, () => {
      isLate = true;
      if (isLeft) giveUp();
    });
    let isOver = false;
    for (let read = 0; read < bytes && !isLate && !isOver; ) {
      const length = await readPiece();
      isOver = length === undefined;
      read += length ?? 0;
    }
    clearTimeout(end);
    pump = undefined;
    if (isLeft && !isOver) giveUp();
    return isOver;
  }

  function giveUp(): void {
    told(() => sink.leave());
    reader.cancel().catch(() => {});
  }

  const source = {
    ...(isBytes && { type: "bytes" }),
    start: (made: typeof controller) => void (controller = made),
    async pull() {
      if (!pump || !(await pump)) await readPiece();
    },
    cancel(reason: unknown) {
      isLeft = true;
      // It is read to its end for the record; whoever left need not wait.
      if (pump) return undefined;
      told(() => sink.leave());
      return reader.cancel(reason);
    },
  };
  const begin = (): void => {
    reader = body.getReader();
    pump = ahead && readAhead(ahead);
    pump?.catch((error) => !isLeft && controller.error(error));
  };
  return { body: new ReadableStream(source as UnderlyingByteSource, { highWaterMark: 0 }), begin };
}

/** Whether a stream takes readers that bring their own memory. Streams of others may bring anything: texts, as in Bun. */
function isOfBytes(body: ReadableStream<unknown>): boolean {
  try {
    body.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/** What the constructor takes from nobody. */
function dressed(response: Response, like: Response): Response {
  for (const name of ["url", "redirected", "type"] as const) {
    Object.defineProperty(response, name, { value: like[name], enumerable: true });
  }
  const clone = () => dressed(Response.prototype.clone.call(response), like);
  return Object.defineProperty(response, "clone", { value: clone });
}
