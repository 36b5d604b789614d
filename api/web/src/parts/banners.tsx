import { connection, lastAnswer, retryNow, status } from '../api/connection';
import { clock } from '../format/time';
import { useText } from '../i18n';
import { useStore } from '../store';
import { useNow } from './now';

// What concerns the whole page: simulated values, a lost server, a lost stream.
export function Banners(): preact.JSX.Element {
  const { phase } = useStore(connection);
  return (
    <div class="banners">
      <Simulated />
      <div aria-live="assertive">
        {phase === 'offline' && <Offline />}
        {phase === 'polling' && <Polling />}
      </div>
    </div>
  );
}

function Simulated(): preact.JSX.Element | null {
  const t = useText();
  return useStore(status)?.simulated ? <p class="banner simulated">{t('banner.simulated')}</p> : null;
}

function Polling(): preact.JSX.Element {
  const t = useText();
  return <p class="banner warning">{t('banner.polling')}</p>;
}

function Offline(): preact.JSX.Element {
  const t = useText();
  const { retryAt } = useStore(connection);
  const answered = useStore(lastAnswer);
  const now = useNow(500);
  const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <div class="banner danger" data-test="offline">
      <p>
        <strong>{t('banner.offline')}</strong>{' '}
        {answered === null ? t('banner.offline.nothing') : t('banner.offline.detail', { time: clock(answered) })}
      </p>
      <p class="banner-act">
        <span aria-hidden="true">{t('banner.retry.in', { seconds })}</span>
        <button type="button" onClick={retryNow}>
          {t('banner.retry.now')}
        </button>
      </p>
    </div>
  );
}
