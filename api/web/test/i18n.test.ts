import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { de } from '../src/i18n/de';
import { en } from '../src/i18n/en';
import { translate } from '../src/i18n';

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();

test('both languages have the same keys', () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(de).sort());
});

test('no text is empty, and the same values go into both languages', () => {
  for (const [key, text] of Object.entries(de)) {
    const other = en[key as keyof typeof de];
    assert.ok(text.trim() && other.trim(), key);
    assert.deepEqual(placeholders(other), placeholders(text), key);
  }
});

test('values replace placeholders; an unknown one stays visible', () => {
  assert.equal(translate('en', 'ago.seconds', { n: 7 }), '7 s ago');
  assert.equal(translate('de', 'ago.seconds'), 'vor {n} s');
});

test('every key is used somewhere', () => {
  const sources = files('src')
    .filter((name) => !name.includes('i18n'))
    .map((name) => readFileSync(name, 'utf8'))
    .join('\n');
  // Names put together at run time, such as `connection.${phase}`: each place for a word may be any.
  const templates = [...sources.matchAll(/`([a-z][\w.]*(?:\$\{[^}]*\}[\w.]*)+)`/g)].map(([, text = '']) =>
    text.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '\\w+'),
  );
  const composed = new RegExp(`^(?:${templates.filter((text) => text.includes('\\.')).join('|')})$`);
  const unused = Object.keys(de).filter((key) => !composed.test(key) && !sources.includes(`'${key}'`));
  assert.deepEqual(unused, []);
});

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}
