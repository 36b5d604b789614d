import { inventory } from '../api/inventory';
import { townOf } from '../data/towns';
import { useText } from '../i18n';
import { useStore } from '../store';
import type { Tenant } from '../api/types';
import { Icon } from './icons';
import { SelectField } from './select_field';

export function tenantTitle(tenants: readonly Tenant[], name: string | undefined): string {
  if (!name) return '';
  const tenant = tenants.find((candidate) => candidate.name === name);
  return tenant ? tenant.title || townOf(tenant)?.name || tenant.name : name;
}

export function useTenantTitle(): (name: string | undefined) => string {
  const { tenants } = useStore(inventory);
  return (name) => tenantTitle(tenants, name);
}

export function TownSelect(props: { value: string; change: (tenant: string) => void }): preact.JSX.Element {
  const t = useText();
  const { tenants } = useStore(inventory);
  const title = useTenantTitle();
  const sorted = [...tenants].sort((a, b) => title(a.name).localeCompare(title(b.name), 'de'));
  const unknown = props.value && !tenants.some(({ name }) => name === props.value) ? [props.value] : [];
  return (
    <SelectField
      label={t('live.town')}
      value={props.value}
      options={[
        { value: '', label: t('live.alltowns') },
        ...unknown.map((value) => ({ value, label: value })),
        ...sorted.map(({ name }) => ({ value: name, label: title(name) })),
      ]}
      change={props.change}
    />
  );
}

export function SearchField(props: {
  label: string;
  value: string;
  change: (text: string) => void;
}): preact.JSX.Element {
  return (
    <label class="field search">
      <span class="visually-hidden">{props.label}</span>
      <Icon name="search" />
      <input
        type="search"
        placeholder={props.label}
        value={props.value}
        spellcheck={false}
        maxLength={100}
        onInput={(event) => props.change(event.currentTarget.value)}
      />
    </label>
  );
}

export interface Choice {
  value: string;
  label: string;
}

// A few exclusive choices as one row of buttons.
export function Choices(props: {
  label: string;
  choices: readonly Choice[];
  value: string;
  change: (value: string) => void;
}): preact.JSX.Element {
  return (
    <div class="choices" role="group" aria-label={props.label}>
      <span class="choices-label">{props.label}</span>
      <span class="choices-row">
        {props.choices.map(({ value, label }) => (
          <button key={value} type="button" aria-pressed={value === props.value} onClick={() => props.change(value)}>
            {label}
          </button>
        ))}
      </span>
    </div>
  );
}
