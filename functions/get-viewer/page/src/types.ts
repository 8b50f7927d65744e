// What the API answers. The contract's objects are generated from the OpenAPI document, never written by hand.
import type { components } from './api-types.ts';

type Schemas = components['schemas'];
export type Run = Schemas['Run'];
export type RunDetail = Schemas['RunDetail'];
export type Step = Schemas['Step'];
export type Attempt = Schemas['Attempt'] & { first_byte_ms?: number };
export type Outline = Schemas['StepOutline'];
export type Redaction = Schemas['Redaction'];
export type Chat = Schemas['Chat'];
export type ChatSettings = Schemas['ChatSettings'];
export type UserSettings = Schemas['UserSettings'];
export type DeploymentSettings = Schemas['DeploymentSettings'];
export type RunStatus = Schemas['RunStatus'];
export type RunKind = Schemas['RunKind'];

/** A step as the service reads it: what was asked, what came back, and where each part of it stands. */
export interface StepView {
  step_number: number;
  provider?: string;
  model_asked?: string;
  model_answered?: string;
  answer_id?: string;
  is_stream: boolean;
  parameters: Parameter[];
  tools: Tool[];
  messages: Message[];
  messages_before: number;
  answer: Choice[];
  tokens?: Tokens;
  first_token_ms?: number;
  outcome: Outcome;
  error?: Problem;
  attempts: AttemptView[];
  unread: { source: Source; what: string }[];
  left_out?: number;
}

export type Outcome = 'completed' | 'interrupted' | 'error';
export interface Parameter {
  name: string;
  value: string;
  left_out?: number;
}
export interface Tool {
  name: string;
  description?: string;
  raw: string;
  left_out?: number;
}
export interface Message {
  role: string;
  name?: string;
  parts: Part[];
}
export interface Choice {
  index: number;
  id?: string;
  parts: Part[];
  finish?: { said: string; meaning: string };
}
export interface Problem {
  message: string;
  code?: string;
  raw?: string;
}

export type Content =
  | { type: 'text' | 'refusal' | 'compaction'; text: string }
  | { type: 'thinking'; text: string; is_hidden?: boolean }
  | { type: 'tool_call'; id?: string; name: string; arguments: string; is_hosted?: boolean }
  | { type: 'tool_result'; id?: string; name?: string; parts: Part[]; is_error?: boolean }
  | { type: 'media'; kind: string; media_type?: string; bytes?: number; reference?: string; name?: string }
  | { type: 'citation'; title?: string; url?: string; text?: string }
  | { type: 'embeddings'; count: number; dimensions?: number }
  | { type: 'other'; name: string; raw: string };
/** `left_out` says how many bytes of its texts the answer had no room for. */
export type Part = Content & { source: Source; left_out?: number };
export type PartOf<T extends Content['type']> = Extract<Content, { type: T }> & { source: Source; left_out?: number };

/** In which text a part stands, and there in which bytes or in which of a stream's events. */
export interface Source {
  in: 'normalized_request' | 'normalized_response' | 'request' | 'response';
  attempt?: number;
  bytes?: { start: number; end: number };
  events?: { first: number; last: number }[];
}

export interface Tokens {
  input?: number;
  output?: number;
  total?: number;
  reasoning?: number;
  cache_creation?: number;
  cache_read?: number;
  given: string;
}

export type Framing = 'empty' | 'json' | 'sse' | 'lines' | 'array' | 'amazon' | 'text' | 'binary';
export interface BodyView {
  bytes: number;
  packing?: string;
  framing: Framing;
  events?: number;
}
export interface AttemptView {
  attempt: number;
  status?: number;
  outcome: Outcome;
  error?: Problem;
  retry_reason?: string;
  retry_delay_ms?: number;
  request?: BodyView;
  response?: BodyView;
}
