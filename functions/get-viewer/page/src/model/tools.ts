// Calls of tools and their results, across the steps of a run. By id, else by order within their message, which is said.
import type { Message, PartOf, StepView } from '../types.ts';

export interface ToolUse {
  call: PartOf<'tool_call'>;
  /** The step whose answer made the call. */
  step: number;
  result?: { part: PartOf<'tool_result'>; step: number; message: number };
  /** Whether call and result were paired by their order, since one of them has no id. */
  isByOrder: boolean;
  /** How many results came for the same call. */
  results: number;
}

export interface Stray {
  result: PartOf<'tool_result'>;
  step: number;
  message: number;
}

const callsOf = (view: StepView): PartOf<'tool_call'>[] =>
  view.answer.flatMap((choice) => choice.parts.filter((part) => part.type === 'tool_call')) as PartOf<'tool_call'>[];

const resultsOf = (message: Message): PartOf<'tool_result'>[] =>
  message.parts.filter((part) => part.type === 'tool_result') as PartOf<'tool_result'>[];

/** Every call of a run with its result, and the results that belong to none. */
export const toolUses = (views: readonly StepView[]): { uses: ToolUse[]; strays: Stray[] } => {
  const uses: ToolUse[] = [];
  const strays: Stray[] = [];
  for (const view of views) {
    view.messages.slice(view.messages_before).forEach((message, place) => {
      for (const result of resultsOf(message)) {
        const found = { part: result, step: view.step_number, message: view.messages_before + place + 1 };
        const byId = result.id === undefined ? undefined : uses.findLast(({ call }) => call.id === result.id);
        const isByOrder = byId === undefined;
        const use =
          byId ??
          uses.find(
            (open) =>
              !open.result &&
              (open.call.id === undefined || result.id === undefined) &&
              (result.name ?? open.call.name) === open.call.name,
          );
        if (!use) {
          // Those of the turns before were called there; only a result without any call in its own step is a stray.
          if (!isCalledIn(view, result)) strays.push({ result, step: found.step, message: found.message });
          continue;
        }
        use.results += 1;
        if (!use.result) Object.assign(use, { result: found, isByOrder });
      }
    });
    if (view.step_number !== undefined) {
      for (const call of callsOf(view)) uses.push({ call, step: view.step_number, isByOrder: false, results: 0 });
    }
  }
  return { uses, strays };
};

const isCalledIn = (view: StepView, result: PartOf<'tool_result'>): boolean =>
  result.id === undefined ||
  view.messages.some((message) => message.parts.some((part) => part.type === 'tool_call' && part.id === result.id));

/** The call in a step's own messages that a result answers. */
export const callOf = (
  messages: readonly Message[],
  result: PartOf<'tool_result'>,
): PartOf<'tool_call'> | undefined => {
  if (result.id === undefined) return undefined;
  for (const message of messages) {
    for (const part of message.parts) if (part.type === 'tool_call' && part.id === result.id) return part;
  }
  return undefined;
};
