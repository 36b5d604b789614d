import { createStore, useStore } from '../store';
import { de, type Key } from './de';
import { en } from './en';

export type Language = 'de' | 'en';
export type { Key };

const dictionaries = { de, en };
const storageKey = 'lenne.language';

function preferred(): Language {
  try {
    const stored = localStorage.getItem(storageKey);
    if (stored === 'de' || stored === 'en') return stored;
  } catch {
    // Storage is forbidden: the browser's language decides.
  }
  const first = typeof navigator === 'undefined' ? 'de' : (navigator.languages?.[0] ?? navigator.language);
  return first.toLowerCase().startsWith('de') ? 'de' : 'en';
}

export const language = createStore<Language>(preferred());

export function setLanguage(next: Language): void {
  try {
    localStorage.setItem(storageKey, next);
  } catch {
    // Then it lasts until the page is closed.
  }
  language.set(next);
}

export type Values = Record<string, string | number>;

export function translate(lang: Language, key: Key, values: Values = {}): string {
  return dictionaries[lang][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

export function hasKey(key: string): key is Key {
  return key in de;
}

// For code outside components (map, plots), which is told of a changed language by its view.
export function text(key: Key, values: Values = {}): string {
  return translate(language.get(), key, values);
}

export function useText(): (key: Key, values?: Values) => string {
  const lang = useStore(language);
  return (key, values = {}) => translate(lang, key, values);
}
