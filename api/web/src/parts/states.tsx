import type { ComponentChildren } from 'preact';
import type { Resource } from '../api/resource';
import { useText } from '../i18n';

export function Loading(): preact.JSX.Element {
  const t = useText();
  return (
    <p class="state loading" role="status">
      <i class="spinner" />
      {t('state.loading')}
    </p>
  );
}

export function Empty({ children }: { children: ComponentChildren }): preact.JSX.Element {
  return <p class="state empty">{children}</p>;
}

export function Failed({ resource }: { resource: Resource<unknown> }): preact.JSX.Element {
  const t = useText();
  return (
    <div class="state failed" role="alert">
      <p>
        {t('state.error')} <span class="quiet">{resource.error?.message}</span>
      </p>
      <button type="button" onClick={resource.reload}>
        {t('state.again')}
      </button>
    </div>
  );
}

// The four states of anything that is loaded: waiting, failed, there, and there but outdated.
export function Loaded<T>(props: {
  resource: Resource<T>;
  children: (data: T) => ComponentChildren;
}): preact.JSX.Element {
  const { resource } = props;
  if (resource.data === null) return resource.error ? <Failed resource={resource} /> : <Loading />;
  return (
    <div class={resource.stale ? 'loaded stale' : 'loaded'}>
      {resource.error && <Failed resource={resource} />}
      {props.children(resource.data)}
    </div>
  );
}
