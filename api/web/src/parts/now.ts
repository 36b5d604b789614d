import { useEffect, useState } from 'preact/hooks';

// The present time, renewed every `everyMs`: for texts such as "12 s ago".
export function useNow(everyMs = 5_000): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
