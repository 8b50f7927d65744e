// What the API answers. The contract's objects are generated from the OpenAPI document, never written by hand.
import type { components } from './api-types.ts';

type Schemas = components['schemas'];
export type Run = Schemas['Run'];
export type RunDetail = Schemas['RunDetail'];
export type Step = Schemas['Step'];
/** The sides of an HTTP attempt. */
export type WireSide = 'request' | 'response';
export type Attempt = Schemas['Attempt'];
export type Outline = Schemas['StepOutline'];
export type Redaction = Schemas['Redaction'];
export type Chat = Schemas['Chat'];
export type ChatSettings = Schemas['ChatSettings'];
export type UserSettings = Schemas['UserSettings'];
export type DeploymentSettings = Schemas['DeploymentSettings'];
export type RecorderKey = Schemas['RecorderKey'];
export type NewRecorderKey = Schemas['NewRecorderKey'];
export type CreateRecorderKey = Schemas['CreateRecorderKey'];
export type RunStatus = Schemas['RunStatus'];
export type RunKind = Schemas['RunKind'];

/** A step as the service reads it: what was asked, what came back, and where each part of it stands. */
export type StepView = Schemas['ViewedStep'];
export type Parameter = Schemas['Parameter'];
export type Tool = Schemas['Tool'];
export type Message = Schemas['Message'];
export type Choice = Schemas['Choice'];
export type Tokens = Schemas['Tokens'];
export type AttemptView = Schemas['AttemptView'];
export type Packing = Schemas['Packing'];
export type Framing = Schemas['Framing'];
/** In which text a part stands, and there in which bytes or in which of a stream's events. */
export type Source = Schemas['Source'];
/** What went wrong, in the provider's words. */
export type Problem = Schemas['Failure'];

export type Part = Schemas['Part'];
export type PartOf<T extends Part['type']> = Extract<Part, { type: T }>;
type Bare<T> = T extends unknown ? Omit<T, 'source'> : never;
/** A part apart from where it came from. */
export type Content = Bare<Part>;
