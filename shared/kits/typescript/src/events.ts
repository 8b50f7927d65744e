/** The events of a stream, read in slices: of server-sent events, of Amazon's frames, of lines of JSON. */

import { SLICE, breath, textOf } from "./bytes.js";

export interface Event {
  readonly name: string | undefined;
  readonly data: string;
}

/** As many as are read at once. */
export type Events = AsyncGenerator<readonly Event[]>;

const LOOSE = new TextDecoder();
const NEWLINE = 10;

/** The texts of a body in slices of whole lines, with a breath after each. Text takes longer to read than bytes to copy. */
async function* texts(body: Uint8Array): AsyncGenerator<string> {
  for (let at = 0; at < body.length; ) {
    if (at > 0) await breath();
    const end = body.indexOf(NEWLINE, at + SLICE / 4) + 1 || body.length;
    yield LOOSE.decode(body.subarray(at, end));
    at = end;
  }
}

/** Server-sent events. One that the stream's end cut is none. */
export async function* sent(body: Uint8Array): Events {
  let name: string | undefined;
  let data: string[] = [];
  for await (const text of texts(body)) {
    const events: Event[] = [];
    const lines = text.split(/\r\n|\r|\n/);
    // What is behind the last line's end, which is nothing but at the end of all.
    lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) events.push({ name, data: data.join("\n") });
        [name, data] = [undefined, []];
      } else if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
      else if (line.startsWith("event:")) name = line.slice(6).trim();
    }
    yield events;
  }
  if (data.length > 0 && body.at(-1) === NEWLINE) yield [{ name, data: data.join("\n") }];
}

/** JSON, line by line. */
export async function* lines(body: Uint8Array): Events {
  for await (const text of texts(body)) yield text.split("\n").map((data) => ({ name: undefined, data }));
}

/** Frames of `application/vnd.amazon.eventstream`: two lengths and a checksum, headers, a payload, a checksum. */
export async function* frames(body: Uint8Array): Events {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let events: Event[] = [];
  for (let at = 0, taken = 0; at + 16 <= body.length; ) {
    const [length, headers] = [view.getUint32(at), view.getUint32(at + 4)];
    if (length < 16 || length > body.length - at || headers > length - 16) break;
    const payload = at + 12 + headers;
    const said = headersOf(body.subarray(at + 12, payload));
    const isError = ["exception", "error"].includes(said[":message-type"] ?? "");
    events.push({ name: isError ? "error" : said[":event-type"], data: LOOSE.decode(body.subarray(payload, at + length - 4)) });
    at += length;
    if (at - taken < SLICE / 4) continue;
    yield events;
    await breath();
    [events, taken] = [[], at];
  }
  yield events;
}

/** The headers of a frame, up to the first that is no text: all that tell what it is are texts. */
function headersOf(bytes: Uint8Array): Record<string, string> {
  const TEXT = 7;
  const headers: Record<string, string> = {};
  for (let at = 0; at < bytes.length; ) {
    const value = at + 1 + bytes[at]!;
    if (bytes[value] !== TEXT || value + 3 > bytes.length) break;
    const end = value + 3 + ((bytes[value + 1]! << 8) | bytes[value + 2]!);
    headers[textOf(bytes.subarray(at + 1, value)) ?? ""] = textOf(bytes.subarray(value + 3, end)) ?? "";
    at = end;
  }
  return headers;
}
