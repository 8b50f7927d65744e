// The small pieces that every screen is made of.
import { useSignal, type ReadonlySignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { cached, STATUS } from '../model/say.ts';
import { signed } from '../model/text.ts';
import type { End } from '../model/waterfall.ts';
import type { RunStatus } from '../types.ts';
import { Icon, type IconName } from './icon.tsx';
import { tell } from './live.tsx';

const CHIP: Record<RunStatus, { tone: string; icon: IconName }> = {
  in_progress: { tone: 'run', icon: 'dot' },
  completed: { tone: 'ok', icon: 'check' },
  error: { tone: 'bad', icon: 'cross' },
  interrupted: { tone: 'cut', icon: 'pause' },
};

export const Status = ({ of }: { of: RunStatus }) => {
  const { tone, icon } = CHIP[of] ?? CHIP.interrupted;
  return (
    <span class={`chip ${tone}`}>
      <Icon name={icon} class={of === 'in_progress' ? 'pulse' : ''} />
      {STATUS[of] ?? of}
    </span>
  );
};

const TONES: Record<End, string> = { completed: 'ok', failed: 'bad', interrupted: 'cut' };

export const HttpStatus = ({ status, end }: { status?: number; end: End }) => (
  <span class={`st ${TONES[end]}`}>{status ?? (end === 'completed' ? 'ok' : end)}</span>
);

export interface Choice<T extends string> {
  value: T;
  label: string;
  testid?: string;
}

/** One of several, side by side. */
export const Switch = <T extends string>({
  label,
  choices,
  value,
  set,
}: {
  label: string;
  choices: readonly Choice<T>[];
  value: T;
  set: (value: T) => void;
}) => (
  <div class="seg" role="group" aria-label={label}>
    {choices.map((choice) => (
      <button
        key={choice.value}
        type="button"
        aria-pressed={choice.value === value}
        data-testid={choice.testid}
        onClick={() => set(choice.value)}
      >
        {choice.label}
      </button>
    ))}
  </div>
);

/** Something that is on or off. */
export const Toggle = ({
  label,
  isOn,
  set,
  testid,
  isDisabled = false,
}: {
  label: string;
  isOn: boolean;
  set: (isOn: boolean) => void;
  testid?: string;
  isDisabled?: boolean;
}) => (
  <label class="sw">
    <input
      type="checkbox"
      role="switch"
      aria-label={label}
      checked={isOn}
      disabled={isDisabled}
      data-testid={testid}
      onChange={(event) => set(event.currentTarget.checked)}
    />
    <i />
  </label>
);

/** Copies, and says whether it did. */
export const copyText = async (text: string, what: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} is copied.`);
    return true;
  } catch {
    tell('The browser did not let this page copy. Select the text instead.');
    return false;
  }
};

/** Copies, and shows for a moment whether it did. */
export const CopyButton = ({
  label,
  text,
  children,
  testid,
}: {
  label: string;
  text: () => string;
  children?: ComponentChildren;
  testid?: string;
}) => {
  const of = signed(label);
  const sign = useSignal<IconName>('copy');
  const copy = async () => {
    const isDone = await copyText(text(), of[0]!.toUpperCase() + of.slice(1));
    sign.value = isDone ? 'check' : 'cross';
    setTimeout(() => (sign.value = 'copy'), 1500);
  };
  return (
    <button
      type="button"
      class={children ? 'btn' : 'btn ghost xs'}
      aria-label={children ? undefined : `Copy ${of}`}
      title={children ? undefined : `Copy ${of}`}
      data-testid={testid}
      onClick={copy}
    >
      <Icon name={sign.value} />
      {children}
    </button>
  );
};

/** A line that opens what it stands for. What is inside is made when it is opened. */
export const Fold = ({
  summary,
  children,
  isOpen = false,
  class: extra = 'fold',
  onOpen,
}: {
  summary: ComponentChildren;
  children: () => ComponentChildren;
  isOpen?: boolean;
  class?: string;
  onOpen?: () => void;
}) => {
  const open = useSignal(isOpen);
  useEffect(() => {
    if (isOpen) open.value = true;
  }, [isOpen]);
  const toggle = () => {
    open.value = !open.value;
    if (open.value) onOpen?.();
  };
  return (
    <>
      <button type="button" class={extra} aria-expanded={open.value} onClick={toggle}>
        <Icon name={open.value ? 'open' : 'right'} />
        {summary}
      </button>
      {open.value && children()}
    </>
  );
};

export const CacheBar = ({ read, input }: { read?: number; input?: number }) => {
  const share = cached(read, input);
  return share === undefined ? null : (
    <span class="cache" aria-hidden="true">
      <i style={{ width: `${Math.min(100, share)}%` }} />
    </span>
  );
};

/** Asks once before something that is for ever. */
export const Confirm = ({
  title,
  children,
  action,
  onConfirm,
  onCancel,
}: {
  title: string;
  children: ComponentChildren;
  action: string;
  onConfirm: () => void;
  onCancel: () => void;
}) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="confirm-title" onClose={onCancel}>
      <h2 id="confirm-title">{title}</h2>
      <div class="body">{children}</div>
      <div class="acts">
        <button type="button" class="btn" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button type="button" class="btn danger" data-testid="confirm" onClick={onConfirm}>
          {action}
        </button>
      </div>
    </dialog>
  );
};

/** Why what was wished was not done. */
export const Problem = ({ of }: { of: ReadonlySignal<string | undefined> }) =>
  of.value === undefined ? null : (
    <p class="wrong" role="alert">
      {of.value}
    </p>
  );

/** Hands bytes to the browser to be saved, under a name that tells nothing of their content. */
export const save = (parts: BlobPart[], name: string, type = 'application/octet-stream'): void => {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
};
