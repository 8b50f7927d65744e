// All that is loaded of one run: its steps in short at once, each step when it is looked at, each body when it is opened.
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import { bytes, call, json, nextOf, page, Refusal, type Page } from './api.ts';
import { lossyTextOf, packingOf, unpacked, type Unpacked } from './model/bytes.ts';
import { childrenOf, slice, withIds } from './model/json.ts';
import { pace } from './model/pace.ts';
import type { BodyText } from './model/search.ts';
import { rowsOf, type Row } from './model/waterfall.ts';
import { asRefusal, load, type Resource } from './resource.ts';
import type { Side } from './route.ts';
import { forgetLists } from './run-lists.ts';
import type { Outline, Packing, Run, RunDetail, Source, Step, StepView, WireSide } from './types.ts';

export interface Body {
  /** As it was recorded. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Unpacked, when it was packed, else the same; nothing of what a browser does not unpack. */
  plain?: Uint8Array<ArrayBuffer>;
  packing?: Packing;
  /** Why not all of it could be unpacked. */
  fault?: Unpacked['fault'];
}

const LARGEST_KEPT = 64_000_000;
/** A run of which all is read at once, so that calls and results are paired and searched from the first moment. */
const SMALL = 1_500_000;

/** Which step is shown when none is asked for: the first that failed, else the last. */
export const defaultStep = (outlines: readonly Outline[]): number | undefined =>
  (outlines.find((step) => step.has_error) ?? outlines.at(-1))?.step_number;

export class RunStore {
  readonly path: string;
  readonly detail: Resource<RunDetail>;
  readonly outlines: Resource<Outline[]>;
  /** The views that are loaded, by their numbers. */
  readonly read = signal<ReadonlyMap<number, StepView>>(new Map());
  readonly newSteps = signal(0);
  readonly lookedAt = signal(Date.now());
  readonly isLive: ReadonlySignal<boolean>;
  /** Where the bars of the steps stand. */
  readonly rows: ReadonlySignal<readonly Row[]>;
  private readonly views = new Map<number, Resource<StepView>>();
  private readonly steps = new Map<number, Resource<Step>>();
  private readonly texts = new Map<number, Resource<string>>();
  private readonly bodies = new Map<string, Resource<Body>>();
  private kept = 0;
  private tag?: string;
  private looking?: Promise<void>;

  constructor(
    readonly chat: string,
    readonly run: string,
    /** The step that is shown first, when one is; without its number, the one that is shown when none is asked for. */
    shown?: { step?: number },
  ) {
    this.path = `/${chat}/debug/runs/${run}`;
    this.detail = load(async (abort) => {
      const answer = await call(`${this.path}?bodies=none`, { signal: abort });
      this.tag = answer.headers.get('etag') ?? undefined;
      return withIds(await answer.text());
    });
    // It is not for the steps to be drawn before one of them is read.
    this.outlines = load(async (abort) => {
      const all = await this.readOutlines(abort);
      const first = shown && (shown.step ?? defaultStep(all));
      const at = all.findIndex((step) => step.step_number === first);
      for (const step of [all[at], all[at - 1]]) if (step) this.view(step.step_number);
      return all;
    });
    if (shown?.step) this.view(shown.step);
    const [outlines, detail] = [
      computed(() => this.outlines.now.value.value),
      computed(() => this.detail.now.value.value),
    ];
    this.isLive = computed(() => detail.value?.status === 'in_progress');
    this.rows = computed(() => {
      const [steps = [], run] = [outlines.value, detail.value];
      const begins = [run, steps[0]].flatMap((it) => (it ? [Date.parse(it.started_at)] : []));
      const byNumber = new Map(run?.steps.map((step) => [step.step_number, step]));
      // What still runs has run until somebody looked; what nobody ended did so until the run was heard of last.
      const now = run && !this.isLive.value ? Date.parse(run.finished_at ?? run.updated_at) : this.lookedAt.value;
      return rowsOf(steps, Math.min(...begins), now, (number) => byNumber.get(number));
    });
  }

  private async readOutlines(abort: AbortSignal): Promise<Outline[]> {
    const all: Outline[] = [];
    let next: string | undefined = `${this.path}/steps?outline=true`;
    while (next) {
      const part: { items: Outline[]; next?: string } | undefined = await page<Outline>(next, { signal: abort });
      all.push(...(part?.items ?? []));
      next = part?.next;
    }
    return all;
  }

  /** A step without its bodies: from the run's first answer, or else alone. */
  stepOf(number: number): Step | undefined {
    return (
      this.detail.now.value.value?.steps.find((step) => step.step_number === number) ??
      this.steps.get(number)?.now.value.value
    );
  }

  /** Reads a step that the run's first answer does not hold. */
  needStep(number: number): Resource<Step> {
    return once(this.steps, number, () =>
      load(async (abort) => {
        const detail = await settled(this.detail);
        return (
          detail?.steps.find((step) => step.step_number === number) ??
          json<Step>(`${this.path}/steps/${number}`, { signal: abort })
        );
      }),
    );
  }

  /** What could not be read of a step is read anew when it is opened again, not whenever it is drawn. */
  private retry(number: number): void {
    for (const of of [this.views, this.steps, this.texts]) if (hasFailed(of.get(number))) of.delete(number);
    for (const [key, body] of this.bodies) if (key.startsWith(`${number}/`) && hasFailed(body)) this.bodies.delete(key);
  }

  view(number: number): Resource<StepView> {
    this.retry(number);
    return once(this.views, number, () =>
      load(async (abort) => {
        const [view] = await json<StepView[]>(`${this.path}/view?step=${number}`, { signal: abort });
        if (!view) throw new Refusal(404, 'not-found', 'There is no such step.');
        this.keep([view]);
        return view;
      }),
    );
  }

  private keep(views: readonly StepView[]): void {
    const all = new Map(this.read.peek());
    for (const view of views) all.set(view.step_number, view);
    this.read.value = new Map([...all].sort(([a], [b]) => a - b));
  }

  /** Reads the views that are not loaded, page by page up to 64 MB; says how many it has. */
  async readAll(say: (steps: number) => void, abort: AbortSignal): Promise<void> {
    const unread = this.outlines.now.peek().value?.find((step) => !this.read.peek().has(step.step_number));
    let next: string | undefined =
      `${this.path}/view${unread && unread.step_number > 1 ? `?after=${unread.step_number - 1}` : ''}`;
    for (let length = 0; next && length < LARGEST_KEPT && !abort.aborted;) {
      const answer: Response = await call(next, { signal: abort });
      const text = await answer.text();
      const views: StepView[] = [];
      const pause = pace();
      for (const item of childrenOf(text, { from: text.indexOf('['), to: text.lastIndexOf(']') + 1 })) {
        views.push(JSON.parse(slice(text, item)));
        await pause();
      }
      length += text.length;
      this.keep(views);
      for (const view of views) once(this.views, view.step_number, () => load(async () => view)).set(view);
      say(this.read.peek().size);
      next = nextOf(answer);
    }
  }

  /** Reads all of a small run. */
  async readSmall(abort: AbortSignal): Promise<void> {
    const outlines = await settled(this.outlines);
    const total = outlines?.reduce((sum, step) => sum + bytesOf(step), 0) ?? Infinity;
    if (total <= SMALL && outlines && outlines.length <= 60)
      await this.readAll(() => undefined, abort).catch(() => undefined);
  }

  /** The step as the service answers it. */
  text(number: number): Resource<string> {
    return once(this.texts, number, () =>
      load(async (abort) => (await call(`${this.path}/steps/${number}`, { signal: abort })).text()),
    );
  }

  /** A content, byte for byte; those that were looked at long ago are let go above 64 MB. */
  body(number: number, content: string): Resource<Body> {
    const key = `${number}/${content}`;
    return once(this.bodies, key, () =>
      load(async (abort) => {
        const raw = await bytes(`${this.path}/steps/${number}/content/${content}`, abort);
        const packing = this.packingSaid(number, content) ?? packingOf(raw);
        const { bytes: plain, fault } = (packing ? await unpacked(raw, packing) : { bytes: raw }) ?? {};
        this.kept += raw.length + (packing ? (plain?.length ?? 0) : 0);
        for (const old of this.bodies.keys()) {
          if (this.kept <= LARGEST_KEPT || old === key) break;
          this.letBodyGo(old);
        }
        return { bytes: raw, plain, packing, fault };
      }),
    );
  }

  /** What the service has read that a body is packed in, of which a header may say more than the bytes. */
  private packingSaid(number: number, content: string): Packing | undefined {
    const [, attempt, side] = content.split('/');
    const view = this.read
      .peek()
      .get(number)
      ?.attempts.find((one) => one.attempt === Number(attempt));
    return view?.[side as WireSide]?.packing;
  }

  private letBodyGo(key: string): void {
    const value = this.bodies.get(key)?.now.peek().value;
    this.kept -= (value?.bytes.length ?? 0) + (value?.packing ? (value.plain?.length ?? 0) : 0);
    this.bodies.delete(key);
  }

  /** The texts of a step's bodies that are loaded. */
  *bodyTexts(number: number): Generator<BodyText> {
    for (const { attempt, side, content } of bodiesOf(this.outline(number))) {
      const plain = this.bodies.get(`${number}/${content}`)?.now.peek().value?.plain;
      if (plain) yield { attempt, side, text: lossyTextOf(plain) };
    }
  }

  hasBody(number: number, content: string): boolean {
    return this.bodies.get(`${number}/${content}`)?.now.peek().value !== undefined;
  }

  outline(number: number): Outline | undefined {
    return this.outlines.now.peek().value?.find((step) => step.step_number === number);
  }

  bodyOf(number: number, source: Source): Resource<Body> {
    return this.body(number, contentOf(source));
  }

  /** Looks whether the run has changed, and reads what did. */
  look(): Promise<void> {
    return (this.looking ??= this.readChanges()
      .catch((failure: unknown) => {
        const refusal = asRefusal(failure);
        // Of anything else, the next look tells.
        if (refusal.status === 404) this.letGo(refusal);
      })
      .finally(() => (this.looking = undefined)));
  }

  /** It was deleted elsewhere: nothing of it stays readable. */
  private letGo(refusal: Refusal): void {
    const each = [this.views, this.steps, this.texts, this.bodies].flatMap((of): Resource<unknown>[] => [
      ...of.values(),
    ]);
    for (const resource of [this.detail, this.outlines, ...each]) resource.refuse(refusal);
    this.read.value = new Map();
  }

  private async readChanges(): Promise<void> {
    const answer = await call(`${this.path}?bodies=none`, { headers: this.tag ? { 'if-none-match': this.tag } : {} });
    if (answer.status === 304) return void (this.lookedAt.value = Date.now());
    const detail = withIds<RunDetail>(await answer.text());
    const outlines = await this.readOutlines(new AbortController().signal);
    // Only what is read as a whole is taken: else the next look would be told that nothing has changed since.
    const before = new Map((this.outlines.now.peek().value ?? []).map((step) => [step.step_number, step.updated_at]));
    batch(() => {
      this.tag = answer.headers.get('etag') ?? undefined;
      this.lookedAt.value = Date.now();
      this.detail.set(detail);
      this.outlines.set(outlines);
      this.newSteps.value += outlines.filter((step) => !before.has(step.step_number)).length;
    });
    for (const { step_number: number, updated_at } of outlines) {
      if (!before.has(number) || before.get(number) === updated_at) continue;
      this.texts.delete(number);
      for (const key of [...this.bodies.keys()]) if (key.startsWith(`${number}/`)) this.letBodyGo(key);
      // Whoever shows it holds on to these.
      void this.steps.get(number)?.reload();
      void this.views.get(number)?.reload();
    }
  }
}

/** What a map has for a key, or what is made for it. */
const once = <K, T>(map: Map<K, Resource<T>>, key: K, make: () => Resource<T>): Resource<T> => {
  const made = map.get(key) ?? make();
  map.set(key, made);
  return made;
};

const hasFailed = (resource: Resource<unknown> | undefined): boolean => resource?.now.peek().state === 'failed';

/** The last step of the turn before a run, in the same chat. */
export const turnBefore = async (
  { chat, run }: { chat: string; run: string },
  signal?: AbortSignal,
): Promise<Required<Side> | undefined> => {
  let hasPassed = false;
  for (let next: string | undefined = `/${chat}/debug/runs?kind=chat_turn`; next;) {
    const got: Page<Run> | undefined = await page<Run>(next, { signal });
    for (const { id } of got?.items ?? []) {
      const last = hasPassed ? (await settled(storeOf(chat, id).outlines))?.at(-1) : undefined;
      if (last) return { chat, run: id, step: last.step_number };
      hasPassed ||= id === run;
    }
    next = got?.next;
  }
  return undefined;
};

/** Waits for what is being loaded. */
export const settled = <T>(resource: Resource<T>): Promise<T | undefined> =>
  new Promise((resolve) => {
    const stop = resource.now.subscribe((now) => {
      if (now.state === 'loading') return;
      resolve(now.value);
      queueMicrotask(() => stop());
    });
  });

export const contentOf = ({ in: where, attempt }: Source): string => {
  if (where === 'normalized_request') return 'request';
  if (where === 'normalized_response') return 'response';
  return `attempts/${attempt ?? 1}/${where}`;
};

/** The bodies of a step's attempts. */
export const bodiesOf = (
  step: Outline | undefined,
): { attempt: number; side: WireSide; content: string; bytes: number }[] =>
  (step?.attempts ?? []).flatMap(({ request_bytes, response_bytes }, place) => {
    const attempt = place + 1 + (step?.attempts_left_out ?? 0);
    const sides: [WireSide, number | undefined][] = [
      ['request', request_bytes],
      ['response', response_bytes],
    ];
    return sides.flatMap(([side, bytes]) =>
      bytes ? [{ attempt, side, content: `attempts/${attempt}/${side}`, bytes }] : [],
    );
  });

/** What all contents of a step take. */
export const bytesOf = (step: Outline): number =>
  bodiesOf(step).reduce((sum, { bytes }) => sum + bytes, 0) +
  step.normalized_request_bytes +
  (step.normalized_response_bytes ?? 0);

const KEPT_RUNS = 3;
const stores = new Map<string, RunStore>();

/** The store of a run; the last few stay, so that going back and comparing read nothing twice. */
export const storeOf = (chat: string, run: string, shown?: { step?: number }): RunStore => {
  const key = `${chat}/${run}`;
  const found = stores.get(key);
  const store = found && ![found.detail, found.outlines].some(hasFailed) ? found : new RunStore(chat, run, shown);
  stores.delete(key);
  stores.set(key, store);
  for (const old of stores.keys()) if (stores.size > KEPT_RUNS) stores.delete(old);
  return store;
};

/** Lets go of what is deleted. */
export const forget = (chat: string, run?: string): void => {
  forgetLists(chat, run);
  for (const key of [...stores.keys()]) if (key.startsWith(run ? `${chat}/${run}` : `${chat}/`)) stores.delete(key);
};
