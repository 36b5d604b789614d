import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useResource } from '../api/resource';
import { useText } from '../i18n';
import type { Choice } from './pickers';
import { SelectField } from './select_field';
import { Empty, Loaded } from './states';

// A card about one of several places or devices: which one is chosen above what it says.
export function ChoiceCard<T>(props: {
  test: string;
  title: string;
  intro: string;
  label: string;
  options: readonly Choice[];
  // Names all on which what is loaded depends, but the choice.
  name: string;
  everyMs: number;
  load: (choice: string, signal: AbortSignal) => Promise<T>;
  isEmpty: (data: T) => boolean;
  // What is said when there is nothing to choose from, and when nothing is there of what was chosen.
  nothing?: string;
  empty?: string;
  controls?: ComponentChildren;
  children: (data: T, choice: string) => ComponentChildren;
}): preact.JSX.Element {
  const t = useText();
  const { options } = props;
  const [wanted, choose] = useState<string | null>(null);
  const choice = (options.find(({ value }) => value === wanted) ?? options[0])?.value;
  const found = useResource(
    choice === undefined ? null : `${props.name} ${choice}`,
    (signal) => props.load(choice ?? '', signal),
    props.everyMs,
  );
  return (
    <section class="card" data-test={props.test}>
      <h2>{props.title}</h2>
      <p class="quiet small">{props.intro}</p>
      {(options.length > 1 || props.controls) && (
        <div class="controls">
          {options.length > 1 && <SelectField label={props.label} value={choice ?? ''} options={options} change={choose} />}
          {props.controls}
        </div>
      )}
      {choice === undefined ? (
        <Empty>{props.nothing ?? t('plot.nodata')}</Empty>
      ) : (
        <Loaded resource={found}>
          {(data) =>
            props.isEmpty(data) ? <Empty>{props.empty ?? t('plot.nodata')}</Empty> : props.children(data, choice)
          }
        </Loaded>
      )}
    </section>
  );
}
