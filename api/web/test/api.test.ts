import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { backoffMs } from '../src/api/backoff';
import { probeEveryMs, probeTimeoutMs } from '../src/api/connection';
import { ApiError, apiUrl, getAll, getJson } from '../src/api/client';
import { forgetFrames, framesReceived, maxFrames, onFrame, publish, recentFrames } from '../src/api/frames';
import { liveUrl, parseLines } from '../src/api/live';
import { setToken } from '../src/session';

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
  setToken('');
});

function answers(reply: (url: string, init: RequestInit | undefined) => Response | Promise<Response>): string[] {
  const asked: string[] = [];
  globalThis.fetch = async (input, init) => {
    asked.push(String(input));
    return reply(String(input), init);
  };
  return asked;
}

test('addresses leave empty parameters out and stay relative to the page', () => {
  assert.equal(
    apiUrl('agg', { measure: 'temperature', tenant: '', cursor: null, limit: 5 }),
    'v1/agg?measure=temperature&limit=5',
  );
});

test('the token goes with each request', async () => {
  let header: string | null = null;
  answers((_url, init) => {
    header = new Headers(init?.headers).get('authorization');
    return Response.json({});
  });
  setToken(' secret ');
  await getJson('status');
  assert.equal(header, 'Bearer secret');
});

test('refusals carry status, code and message; silence is status 0', async () => {
  answers(() => Response.json({ error: 'no_token', message: 'a token is needed' }, { status: 401 }));
  await assert.rejects(getJson('status'), (error: ApiError) => error.unauthorised && error.code === 'no_token');
  answers(() => new Response('<html>', { status: 503 }));
  await assert.rejects(getJson('status'), (error: ApiError) => error.status === 503 && error.code === 'http_503');
  answers(() => Promise.reject(new TypeError('refused')));
  await assert.rejects(getJson('status'), (error: ApiError) => error.unreachable);
});

test('a request that takes too long is given up', async () => {
  answers(
    (_url, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))),
  );
  await assert.rejects(getJson('status', {}, { timeoutMs: 5 }), (error: ApiError) => error.code === 'timeout');
});

test('pages are followed to the end, past empty ones, but never without bound', async () => {
  const pages: Record<string, unknown> = {
    '': { items: [1, 2], next: 'a' },
    a: { items: [], next: 'b' },
    b: { items: [3], next: null },
  };
  answers((url) => Response.json(pages[new URL(url, 'http://x').searchParams.get('cursor') ?? '']));
  assert.deepEqual(await getAll('series', {}, 10), { items: [1, 2, 3], complete: true });
  assert.deepEqual(await getAll('series', {}, 2), { items: [1, 2], complete: false });
  const asked = answers(() => Response.json({ items: [], next: 'again' }));
  assert.deepEqual(await getAll('series', {}, 10), { items: [], complete: false });
  assert.equal(asked.length, 60);
});

test('waiting times double up to a cap', () => {
  assert.deepEqual(
    [0, 1, 2, 10, 99].map((attempt) => backoffMs(attempt, () => 0.5)),
    [500, 1000, 2000, 10_000, 10_000],
  );
  assert.ok(backoffMs(3, () => 0) < backoffMs(3, () => 1));
});

test('the stream’s address follows the page’s', () => {
  assert.match(
    liveUrl('http://127.0.0.1:8080/#/live', '', 'now'),
    /^ws:\/\/127\.0\.0\.1:8080\/v1\/live\?type=uplink%2C.*&from=now$/,
  );
  assert.match(
    liveUrl('https://netz.example/lenne/', 'a b', 'now'),
    /^wss:\/\/netz\.example\/lenne\/v1\/live\?.*token=a\+b$/,
  );
});

test('broken lines of the stream are skipped', () => {
  assert.deepEqual(
    parseLines('{"type":"uplink"}\n{broken\n[]\nnull\n{"no":"type"}\n\n{"type":"join"}').map(({ type }) => type),
    ['uplink', 'join'],
  );
});

test('frames are bounded, the newest first', () => {
  forgetFrames();
  let heard = 0;
  const stop = onFrame(() => (heard += 1));
  const before = framesReceived();
  for (let i = 0; i < 5 * maxFrames; i += 1) publish({ type: 'uplink', f_cnt: i });
  stop();
  publish({ type: 'uplink', f_cnt: -1 });
  assert.equal(recentFrames().length, maxFrames);
  assert.equal(recentFrames()[0]?.f_cnt, -1);
  assert.equal(recentFrames()[1]?.f_cnt, 5 * maxFrames - 1);
  assert.equal(framesReceived() - before, 5 * maxFrames + 1);
  assert.equal(heard, 5 * maxFrames);
  forgetFrames();
  assert.equal(recentFrames().length, 0);
});

test('the page asks often enough to show within five seconds that a server is gone', () => {
  assert.ok(probeEveryMs + probeTimeoutMs < 5_000);
});
