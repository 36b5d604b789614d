import { token } from '../session';

// An answer that is not 2xx, or none at all (status 0).
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  get unauthorised(): boolean {
    return this.status === 401 || this.status === 403;
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

export type Params = Record<string, string | number | boolean | undefined | null>;

export function apiUrl(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return `v1/${path}${text ? `?${text}` : ''}`;
}

export interface RequestOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
  body?: unknown; // sent as JSON by POST
}

export async function request(url: string, options: RequestOptions = {}): Promise<Response> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  options.signal?.addEventListener('abort', abort);
  const timer = setTimeout(abort, options.timeoutMs ?? 15_000);
  const headers: Record<string, string> = {};
  if (token.get()) headers['Authorization'] = `Bearer ${token.get()}`;
  try {
    const init: RequestInit = { headers, signal: controller.signal, cache: 'no-store' };
    if (options.body !== undefined) Object.assign(init, { method: 'POST', body: JSON.stringify(options.body) });
    const response = await fetch(url, init);
    if (!response.ok) throw await toError(response);
    return response;
  } catch (error) {
    if (error instanceof ApiError || options.signal?.aborted) throw error;
    throw new ApiError(0, controller.signal.aborted ? 'timeout' : 'unreachable', String(error));
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}

async function toError(response: Response): Promise<ApiError> {
  try {
    const body = (await response.json()) as { error?: string; message?: string };
    return new ApiError(response.status, body.error ?? `http_${response.status}`, body.message ?? response.statusText);
  } catch {
    return new ApiError(response.status, `http_${response.status}`, response.statusText);
  }
}

export async function getJson<T>(path: string, params: Params = {}, options: RequestOptions = {}): Promise<T> {
  const response = await request(apiUrl(path, params), options);
  return (await response.json()) as T;
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const response = await request(apiUrl(path), { body });
  return (await response.json()) as T;
}

export interface Collected<T> {
  items: T[];
  complete: boolean;
}

const maxPages = 60;

// Follows `next` until the end, or until `limit` items or `maxPages` pages are there: nothing is loaded without bound.
// A page may be empty and still not the last one.
export async function getAll<T>(
  path: string,
  params: Params,
  limit: number,
  options: RequestOptions = {},
  each?: (items: readonly T[]) => void,
): Promise<Collected<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page: { items: T[]; next?: string | null } = await getJson(path, { ...params, cursor }, options);
    items.push(...page.items);
    each?.(page.items);
    cursor = page.next ?? null;
    pages += 1;
  } while (cursor !== null && items.length < limit && pages < maxPages);
  return { items: items.slice(0, limit), complete: cursor === null && items.length <= limit };
}

// Saves an answer as a file: a plain link could not send the token.
export async function download(url: string, name: string): Promise<void> {
  const response = await request(url, { timeoutMs: 120_000 });
  const blob = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = blob;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(blob), 10_000);
}
