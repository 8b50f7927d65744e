/**
 * Hands on a body as it is read, and shows each piece to a sink. It reads nothing before its reader asks, with one exception:
 * a refusal's body, which clients often leave unread, is read on to a limit.
 *
 * What comes, when, and how it ends is as without it; the reader gets copies, so that it may do with them what it likes.
 */

import { timer } from "./clock.js";

export interface Sink {
  piece(bytes: Uint8Array): void;
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

export type Body = ReadableStream<Uint8Array>;

/** Reads a piece; a reader that needs a context is run in it. */
export type Within = <T>(read: () => T) => T;

export function tap(body: Body, sink: Sink, ahead?: ReadAhead, within: Within = (read) => read()): Body {
  const reader = body.getReader();
  let isLeft = false;
  let pump: Promise<boolean> | undefined;

  async function readPiece(controller: ReadableByteStreamController): Promise<number | undefined> {
    let piece: ReadableStreamReadResult<Uint8Array>;
    try {
      // A stream of bytes takes no empty piece.
      do piece = await within(() => reader.read());
      while (!piece.done && piece.value.byteLength === 0);
    } catch (error) {
      sink.fail(error);
      throw error;
    }
    if (piece.done) {
      sink.end();
      if (isLeft) return undefined;
      controller.close();
      controller.byobRequest?.respond(0);
      return undefined;
    }
    sink.piece(piece.value);
    // What is put into a stream of bytes is gone for whoever put it.
    if (!isLeft) controller.enqueue(piece.value.slice() as Uint8Array<ArrayBuffer>);
    return piece.value.byteLength;
  }

  /** Whether the end came. */
  async function readAhead(controller: ReadableByteStreamController, { bytes, millis }: ReadAhead): Promise<boolean> {
    let isLate = false;
    const end = timer(millis, () => {
      isLate = true;
      if (isLeft) giveUp();
    });
    let isOver = false;
    for (let read = 0; read < bytes && !isLate && !isOver; ) {
      const length = await readPiece(controller);
      isOver = length === undefined;
      read += length ?? 0;
    }
    clearTimeout(end);
    pump = undefined;
    if (isLeft && !isOver) giveUp();
    return isOver;
  }

  function giveUp(): void {
    sink.leave();
    reader.cancel().catch(() => {});
  }

  const source: UnderlyingByteSource = {
    type: "bytes",
    start(controller) {
      pump = ahead && readAhead(controller, ahead);
      pump?.catch((error) => !isLeft && controller.error(error));
    },
    async pull(controller) {
      if (!pump || !(await pump)) await readPiece(controller);
    },
    cancel(reason) {
      isLeft = true;
      // It is read to its end for the record; whoever left need not wait.
      if (pump) return undefined;
      sink.leave();
      return reader.cancel(reason);
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 }) as Body;
}

/** An answer with another body, that is otherwise the same to whoever reads it. */
export function withBody(response: Response, body: Body): Response {
  const { status, statusText, headers } = response;
  return dressed(new Response(body, { status, statusText, headers }), response);
}

/** What the constructor takes from nobody. */
function dressed(response: Response, like: Response): Response {
  for (const name of ["url", "redirected", "type"] as const) {
    Object.defineProperty(response, name, { value: like[name], enumerable: true });
  }
  const clone = () => dressed(Response.prototype.clone.call(response), like);
  return Object.defineProperty(response, "clone", { value: clone });
}
