import { patterns } from './routes';
import { createStore, useStore } from './store';

// Hash routes, so that any server of plain files can serve the page: #/devices/70b3…?q=…
export interface Route {
  path: string[];
  query: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#/, '');
  const [path = '', query = ''] = text.split('?', 2);
  const parts = path.split('/').filter((part) => part.length > 0);
  return { path: parts.map(decode), query: new URLSearchParams(query) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export type Pattern = (typeof patterns)[number];

// Which view an address names, and what stands in the places of `:eui` and the like.
export function matchRoute(path: readonly string[]): { pattern: Pattern; at: Record<string, string> } | null {
  for (const pattern of patterns) {
    const parts = pattern.split('/').filter(Boolean);
    if (parts.length !== path.length) continue;
    const at: Record<string, string> = {};
    const fits = parts.every((part, i) => {
      const given = path[i] ?? '';
      if (part.startsWith(':')) at[part.slice(1)] = given;
      return part.startsWith(':') || part === given;
    });
    if (fits) return { pattern, at };
  }
  return null;
}

export function href(path: readonly string[], query: Record<string, string | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`;
}

const route = createStore<Route>(parseRoute(typeof location === 'undefined' ? '' : location.hash));

export function startRouter(): void {
  window.addEventListener('hashchange', () => route.set(parseRoute(location.hash)));
}

export function useRoute(): Route {
  return useStore(route);
}

// Changes the address without a step in the browser's history: for filters.
export function replaceRoute(target: string): void {
  history.replaceState(null, '', target);
  route.set(parseRoute(target));
}
