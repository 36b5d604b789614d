import { useEffect, useMemo, useState } from 'preact/hooks';
import { framesReceived, onFrame, recentFrames, type Frame } from '../api/frames';
import { inventory } from '../api/inventory';
import { frameText, rateText, searchText, signalText } from '../format/frames';
import { decimal, integer } from '../format/numbers';
import { clock } from '../format/time';
import { useText, type Key } from '../i18n';
import { Icon } from '../parts/icons';
import { SearchField, TownSelect, useTenantTitle } from '../parts/pickers';
import { Empty } from '../parts/states';
import { href } from '../router';
import { useStore } from '../store';

const types = ['uplink', 'join', 'reception', 'ack', 'txack', 'status', 'log'] as const;
const maxRows = 120;

// Frames as they come, four times a second at most; a pause freezes what is shown, not what is received.
function useFrames(paused: boolean): { frames: readonly Frame[]; received: number } {
  const take = (): { frames: readonly Frame[]; received: number } => ({
    frames: recentFrames(),
    received: framesReceived(),
  });
  const [shown, setShown] = useState(take);
  useEffect(() => {
    if (paused) return;
    setShown(take());
    let fresh = false;
    const stop = onFrame(() => (fresh = true));
    const timer = setInterval(() => {
      if (!fresh) return;
      fresh = false;
      setShown(take());
    }, 250);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [paused]);
  return shown;
}

export function Live(): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const { devices } = useStore(inventory);
  const [paused, setPaused] = useState(false);
  const [town, setTown] = useState('');
  const [filter, setFilter] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    new Set(types.filter((type) => type !== 'reception' && type !== 'txack')),
  );
  const [open, setOpen] = useState<number | null>(null);
  const { frames, received } = useFrames(paused);
  const waiting = useWaiting(paused, received);
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = useMemo(
    () =>
      frames
        .filter((frame) => {
          if (!chosen.has(frame.type) || (town && frame.tenant !== town)) return false;
          if (words.length === 0) return true;
          const content = searchText(frame, devices.get(frame.dev_eui ?? '')?.name ?? '', title(frame.tenant));
          return words.every((word) => content.includes(word));
        })
        .slice(0, maxRows),
    [frames, chosen, town, filter, devices],
  );
  const toggle = (type: string): void => {
    const next = new Set(chosen);
    if (!next.delete(type)) next.add(type);
    setChosen(next);
  };
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>{t('live.title')}</h1>
        <p class="quiet">{t('live.intro')}</p>
      </div>
      <div class="controls">
        <button type="button" class={paused ? 'primary' : ''} aria-pressed={paused} onClick={() => setPaused(!paused)}>
          <Icon name={paused ? 'play' : 'pause'} />
          {t(paused ? 'live.resume' : 'live.pause')}
        </button>
        <TownSelect value={town} change={setTown} />
        <SearchField label={t('live.filter')} value={filter} change={setFilter} />
        <div class="chips" role="group" aria-label={t('live.types')}>
          {types.map((type) => (
            <button
              key={type}
              type="button"
              class={`chip type-${type}`}
              aria-pressed={chosen.has(type)}
              onClick={() => toggle(type)}
            >
              {t(`type.${type}`)}
            </button>
          ))}
        </div>
      </div>
      <div class="card table-card">
        <table class="frames" data-test="frames">
          <thead>
            <tr>
              <th>{t('col.time')}</th>
              <th>{t('col.type')}</th>
              <th>{t('col.town')}</th>
              <th>{t('col.device')}</th>
              <th>{t('col.content')}</th>
              <th>{t('col.rate')}</th>
              <th>{t('col.signal')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((frame) => (
              <Row
                key={frame.serial}
                frame={frame}
                town={title(frame.tenant)}
                open={open === frame.serial}
                name={devices.get(frame.dev_eui ?? '')?.name ?? ''}
                toggle={() => setOpen(open === frame.serial ? null : frame.serial)}
              />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <Empty>{t(frames.length === 0 ? 'live.waiting' : 'live.nomatch')}</Empty>}
      </div>
      <p class="quiet foot" aria-live="polite">
        {paused && waiting > 0
          ? t('live.paused', { count: integer(waiting) })
          : t('live.bounded', { shown: rows.length, received: integer(received) })}
      </p>
    </section>
  );
}

function useWaiting(paused: boolean, received: number): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    setCount(0);
    if (!paused) return;
    const timer = setInterval(() => setCount(framesReceived() - received), 1000);
    return () => clearInterval(timer);
  }, [paused, received]);
  return count;
}

interface RowProps {
  frame: Frame;
  name: string;
  town: string;
  open: boolean;
  toggle: () => void;
}

function Row({ frame, name, town, open, toggle }: RowProps): preact.JSX.Element {
  const t = useText();
  const known = (types as readonly string[]).includes(frame.type);
  return (
    <>
      <tr class={open ? 'open' : undefined}>
        <td class="num">
          <time dateTime={frame.time}>{clock(frame.time ?? frame.arrived)}</time>
        </td>
        <td>
          <span class={`badge type-${frame.type}`}>{known ? t(`type.${frame.type}` as Key) : frame.type}</span>
        </td>
        <td>{town}</td>
        <td class="device-cell">
          {frame.dev_eui ? (
            <a href={href(['devices', frame.dev_eui])}>{name || frame.dev_eui}</a>
          ) : (
            (frame.gateway_id ?? '')
          )}
        </td>
        <td class="content">
          <button type="button" class="reveal" aria-expanded={open} title={t('live.details')} onClick={toggle}>
            {frameText(frame) || '–'}
          </button>
        </td>
        <td class="num">{rateText(frame)}</td>
        <td class="num signal">{signalText(frame)}</td>
      </tr>
      {open && (
        <tr class="details">
          <td colSpan={7}>
            <Details frame={frame} />
          </td>
        </tr>
      )}
    </>
  );
}

function Details({ frame }: { frame: Frame }): preact.JSX.Element {
  const t = useText();
  const pairs: [string, string | undefined][] = [
    ['DevEUI', frame.dev_eui],
    ['DevAddr', frame.dev_addr],
    ['FCnt', frame.f_cnt?.toString()],
    ['FPort', frame.f_port?.toString()],
    ['Frequenz / frequency', frame.frequency ? `${decimal(frame.frequency / 1e6, 3)} MHz` : undefined],
    [
      'Gateway',
      frame.gateways?.map(({ gateway_id, rssi }) => `${gateway_id} (${rssi ?? '–'} dBm)`).join(', ') ??
        frame.gateway_id,
    ],
    [t('live.raw'), frame.payload],
    ['JSON', frame.decoded === undefined || frame.decoded === null ? undefined : JSON.stringify(frame.decoded)],
    ['Position', frame.position],
  ];
  return (
    <dl class="pairs">
      {pairs
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd class="mono">{value}</dd>
          </div>
        ))}
    </dl>
  );
}
