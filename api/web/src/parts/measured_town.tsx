import type { ComponentChildren } from 'preact';
import { useMeasured, type Measured } from '../api/measured';
import { Loaded } from './states';
import { TownPage } from './town_page';

type Show<M extends string> = (tenant: string, found: Measured<M>) => ComponentChildren;

// A view of one town, made of who measures what there.
export function MeasuredTown<M extends string>(props: {
  title: string;
  intro: string;
  measures: readonly M[];
  children: Show<M>;
}): preact.JSX.Element {
  return (
    <TownPage title={props.title} intro={props.intro}>
      {(tenant) => <Found key={tenant} tenant={tenant} measures={props.measures} show={props.children} />}
    </TownPage>
  );
}

function Found<M extends string>(props: { tenant: string; measures: readonly M[]; show: Show<M> }): preact.JSX.Element {
  const measured = useMeasured(props.tenant, props.measures);
  return <Loaded resource={measured}>{(found) => props.show(props.tenant, found)}</Loaded>;
}
