// What a request sets besides its messages: sampling, limits, tools; and what of it differs from the step before.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { sizeOf } from '../model/bytes.ts';
import { orLeftOut, settingDifferences, toolDifferences } from '../model/difference.ts';
import { many, setting, size } from '../model/say.ts';
import { Fold } from '../parts/bits.tsx';
import { isSought } from '../parts/sought.ts';
import { Shown } from '../parts/text.tsx';
import { JsonBox } from '../parts/tree.tsx';
import type { StepView } from '../types.ts';

const Tools = ({ view, before }: { view: StepView; before?: StepView }) => {
  const differences = new Map(
    (before ? toolDifferences(before.tools, view.tools) : []).map((pair) => [pair.name, pair]),
  );
  const gone = [...differences.values()].filter((pair) => pair.b === undefined);
  return (
    <ul class="toollist">
      {view.tools.map((tool) => {
        const pair = differences.get(tool.name);
        return (
          <li key={tool.name}>
            <Fold
              isOpen={isSought(tool.raw)}
              summary={
                <>
                  <code>
                    <Shown text={tool.name} />
                  </code>
                  {pair && <span class="badge">{pair.a === undefined ? 'new' : 'changed'}</span>}
                  <span class="faint">
                    <Shown text={tool.description?.slice(0, 160) ?? ''} />
                  </span>
                </>
              }
            >
              {() => <JsonBox text={orLeftOut(tool.raw, tool.left_out)} label={`the tool ${tool.name}`} />}
            </Fold>
          </li>
        );
      })}
      {gone.map(({ name, a }) => (
        <li key={`gone ${name}`}>
          <Fold
            summary={
              <>
                <del>
                  <Shown text={name} />
                </del>
                <span class="faint">no longer offered</span>
              </>
            }
          >
            {() => <JsonBox text={a!} label={`the tool ${name}`} />}
          </Fold>
        </li>
      ))}
    </ul>
  );
};

export const Settings = ({ view, before }: { view: StepView; before?: StepView }) => {
  const areToolsOpen = useSignal(false);
  const isToolSought = view.tools.some((tool) => isSought(tool.raw));
  useEffect(() => {
    if (isToolSought) areToolsOpen.value = true;
  }, [isToolSought]);
  const differences = new Map(
    (before ? settingDifferences(before.parameters, view.parameters) : []).map((pair) => [pair.name, pair]),
  );
  const gone = [...differences.values()].filter((pair) => pair.b === undefined);
  const value = (text: string) => {
    const bare = setting(text);
    return bare.length > 80 ? `${bare.slice(0, 80)}… ${size(sizeOf(text))}` : bare;
  };
  const long = view.parameters.filter((parameter) => parameter.value.length > 80);
  return (
    <>
      <div class="set mono">
        {view.parameters.length === 0 && view.tools.length === 0 && gone.length === 0 && (
          <span class="muted">No settings.</span>
        )}
        {view.parameters.map(({ name, value: whole, left_out }) => {
          const now = orLeftOut(whole, left_out);
          const pair = differences.get(name);
          return (
            <span key={name} class="one">
              <span class="faint">
                <Shown text={name} />
              </span>{' '}
              {pair ? (
                <>
                  {pair.a !== undefined && (
                    <>
                      <del>
                        <Shown text={value(pair.a)} />
                      </del>{' '}
                    </>
                  )}
                  <ins>
                    <Shown text={value(now)} />
                  </ins>
                </>
              ) : (
                <Shown text={value(now)} />
              )}
            </span>
          );
        })}
        {gone.map(({ name, a }) => (
          <span key={`gone ${name}`} class="one">
            <del>
              <Shown text={`${name} ${value(a!)}`} />
            </del>
          </span>
        ))}
        {view.tools.length > 0 && (
          <span class="one">
            <button
              type="button"
              class="link"
              aria-expanded={areToolsOpen.value}
              onClick={() => (areToolsOpen.value = !areToolsOpen.value)}
            >
              {many(view.tools.length, 'tool')}
            </button>
          </span>
        )}
      </div>
      {long.map(({ name, value: text }) => (
        <Fold
          key={name}
          isOpen={isSought(text)}
          summary={
            <>
              <code>
                <Shown text={name} />
              </code>
              <span class="faint">{size(sizeOf(text))}</span>
            </>
          }
        >
          {() => <JsonBox text={text} label={`the setting ${name}`} />}
        </Fold>
      ))}
      {areToolsOpen.value && <Tools view={view} before={before} />}
    </>
  );
};
