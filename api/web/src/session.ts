import { createStore } from './store';

// The token lives as long as the browser tab and never leaves for another origin.
const key = 'lenne.token';

function read(): string {
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

export const token = createStore(typeof sessionStorage === 'undefined' ? '' : read());

export function setToken(value: string): void {
  const next = value.trim();
  try {
    if (next) sessionStorage.setItem(key, next);
    else sessionStorage.removeItem(key);
  } catch {
    // Storage is forbidden: the token then lasts until the page is closed.
  }
  token.set(next);
}
