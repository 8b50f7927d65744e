// Steps, messages and parts as the service answers them, as little as a test needs.
import type { Content, Message, Outline, Part, StepView } from '../src/types.ts';

export const part = (content: Content): Part => ({
  ...content,
  source: { in: 'request', attempt: 1, bytes: { start: 0, end: 1 } },
});
export const text = (said: string): Part => part({ type: 'text', text: said });
export const message = (role: string, ...parts: Part[]): Message => ({ role, parts });
export const view = (
  step_number: number,
  messages: Message[],
  messages_before: number,
  answer: Part[] = [],
): StepView => ({
  step_number,
  is_stream: false,
  parameters: [],
  tools: [],
  messages,
  messages_before,
  answer: [{ index: 0, parts: answer }],
  outcome: 'completed',
  attempts: [],
  unread: [],
});

export const call = (id: string | undefined, name: string): Part =>
  part({ type: 'tool_call', id, name, arguments: '{}' });
export const result = (id: string | undefined, name?: string): Part =>
  part({ type: 'tool_result', id, name, parts: [text('r')] });

export const outline = (step_number: number, from: number, to: number, more: Partial<Outline> = {}): Outline => ({
  step_number,
  operation: 'stream',
  status: 'completed',
  started_at: new Date(from).toISOString(),
  finished_at: new Date(to).toISOString(),
  updated_at: new Date(to).toISOString(),
  attempts: [{ number: 1, status: 'completed', response_status: 200, duration_ms: to - from }],
  normalized_request_bytes: 2,
  ...more,
});
