import { useEffect, useRef, useState } from 'preact/hooks';
import { useStore } from '../store';
import { token } from '../session';
import { ApiError } from './client';
import { connection } from './connection';

export interface Resource<T> {
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  // True when the data shown is older than the last attempt to renew it.
  stale: boolean;
  reload(): void;
}

type Loader<T> = (signal: AbortSignal) => Promise<T>;

// Loads what `name` names, again every `everyMs`, after a lost connection and with a new token. Old data stays visible
// while new data is on its way, but never under another name or token.
// `name` null loads nothing.
export function useResource<T>(name: string | null, load: Loader<T>, everyMs = 0): Resource<T> {
  const bearer = useStore(token);
  const key = name === null ? null : `${bearer} ${name}`;
  const [state, setState] = useState<{ key: string | null; data: T | null; error: ApiError | null; loading: boolean }>({
    key,
    data: null,
    error: null,
    loading: key !== null,
  });
  const [round, setRound] = useState(0);
  const { phase } = useStore(connection);
  const reachable = phase !== 'offline' && phase !== 'unauthorised';
  const loader = useRef(load);
  loader.current = load;

  useEffect(() => {
    if (key === null || !reachable) return;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async (): Promise<void> => {
      setState((old) =>
        old.key === key ? { ...old, loading: true } : { key, data: null, error: null, loading: true },
      );
      try {
        const data = await loader.current(controller.signal);
        if (controller.signal.aborted) return;
        setState({ key, data, error: null, loading: false });
      } catch (error) {
        if (controller.signal.aborted) return;
        const failure = error instanceof ApiError ? error : new ApiError(0, 'unreadable', String(error));
        setState((old) => ({ ...old, key, error: failure, loading: false }));
      }
      if (everyMs > 0) timer = setTimeout(() => void run(), everyMs);
    };
    void run();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [key, reachable, round, everyMs]);

  const current = state.key === key;
  const data = current ? state.data : null;
  const error = current ? state.error : null;
  return {
    data,
    error,
    loading: key !== null && (!current || state.loading),
    stale: data !== null && (error !== null || !reachable),
    reload: () => setRound((n) => n + 1),
  };
}
