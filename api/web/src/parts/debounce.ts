import { useEffect, useState } from 'preact/hooks';

// The value after it has rested: a search asks the server once per pause, not once per key.
export function useRested<T>(value: T, ms = 300): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return rested;
}
