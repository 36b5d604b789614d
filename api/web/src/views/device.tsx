import { useEffect, useRef } from 'preact/hooks';
import { byUrgency, openAlerts } from '../api/alerts';
import { getJson } from '../api/client';
import { onFrame } from '../api/frames';
import { seriesOfDevice } from '../api/series';
import { useResource, type Resource } from '../api/resource';
import type { Alert, Device, Page, Series } from '../api/types';
import { isMeter } from '../format/load_profile';
import { measureName, valueText } from '../format/measures';
import { decimal, integer } from '../format/numbers';
import { ago, dateTime, windowsText } from '../format/time';
import { useText } from '../i18n';
import { AlertList } from '../parts/alert_list';
import { Facts } from '../parts/facts';
import { FlaggedNote } from '../parts/flagged_note';
import { Icon } from '../parts/icons';
import { useNow } from '../parts/now';
import { useTenantTitle } from '../parts/pickers';
import { Empty, Loaded } from '../parts/states';
import { href } from '../router';
import { useStore } from '../store';
import { MeterCard } from './meter_card';

async function findDevice(eui: string, signal: AbortSignal): Promise<{ device: Device | null }> {
  const { items } = await getJson<Page<Device>>('devices', { q: eui, limit: 5 }, { signal });
  return { device: items.find(({ dev_eui }) => dev_eui === eui) ?? null };
}

export function DeviceView({ eui }: { eui: string }): preact.JSX.Element {
  const t = useText();
  const device = useResource(`device ${eui}`, (signal) => findDevice(eui, signal), 15_000);
  useReloadOnUplink(eui, device.reload);
  return (
    <section class="page">
      <p class="crumb">
        <a href={href(['devices'])}>
          <Icon name="back" />
          {t('device.back')}
        </a>
      </p>
      <Loaded resource={device}>
        {({ device: found }) => (found ? <Found device={found} /> : <Empty>{t('device.unknown', { eui })}</Empty>)}
      </Loaded>
    </section>
  );
}

// A new frame of this device renews its values at once, though not more than every second.
function useReloadOnUplink(eui: string, reload: () => void): void {
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onFrame((frame) => {
      if (frame.dev_eui !== eui || frame.type !== 'uplink' || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        latest.current();
      }, 700);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [eui]);
}

function Found({ device }: { device: Device }): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const now = useNow();
  const place = device.location;
  const facts: [string, string][] = [
    [t('col.town'), title(device.tenant)],
    [t('col.site'), device.site || '–'],
    [t('device.profile'), device.profile || '–'],
    ['DevEUI', device.dev_eui],
    [
      t('col.seen'),
      device.last_seen ? `${dateTime(device.last_seen)} (${ago(device.last_seen, now)})` : t('devices.never'),
    ],
    [t('device.counter'), device.f_cnt === null ? '–' : integer(device.f_cnt)],
    [
      t('col.signal'),
      device.rssi === null ? '–' : `${device.rssi} dBm / ${device.snr === null ? '–' : decimal(device.snr, 1)} dB`,
    ],
    [
      t('device.place'),
      place
        ? `${place.approximate ? '≈ ' : ''}${decimal(place.latitude, 4)}° N, ${decimal(place.longitude, 4)}° E`
        : '–',
    ],
  ];
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>{device.name || device.dev_eui}</h1>
      </div>
      <DeviceAlerts device={device} />
      <div class="two">
        <section class="card">
          <h2>{t('device.latest')}</h2>
          <ul class="tiles" data-test="latest">
            {device.latest.map(({ measure, value, unit, time, source, flagged }) => (
              <li key={measure}>
                <span class="quiet">{measureName(measure)}</span>
                <strong>{valueText(measure, value, unit)}</strong>
                <span class="quiet small">{ago(time, now)}</span>
                {flagged && <FlaggedNote measure={measure} unit={unit} flagged={flagged} />}
                {source && (
                  <span class="quiet small source" data-test="source" title={t('device.source')}>
                    {source.topic} {source.partition}:{source.offset}
                  </span>
                )}
              </li>
            ))}
          </ul>
          {device.latest.length === 0 && <p class="quiet">{t('state.empty')}</p>}
        </section>
        <section class="card">
          <Facts facts={facts} />
        </section>
      </div>
      <DeviceSeries device={device} />
    </>
  );
}

// Only what concerns somebody now: the rest is in the list of alerts.
function DeviceAlerts({ device }: { device: Device }): preact.JSX.Element | null {
  const t = useText();
  const { items: told } = useStore(openAlerts);
  const own = told.filter(({ dev_eui }) => dev_eui === device.dev_eui);
  const version = own.map(({ rule, revision }) => `${rule}/${revision}`).join(' ');
  const open = useResource(
    `alerts of ${device.tenant} ${device.dev_eui}`,
    (signal) => getJson<Page<Alert>>('alerts', { device: device.dev_eui, tenant: device.tenant, state: 'open' }, { signal }),
    15_000,
  );
  useEffect(() => open.reload(), [version]);
  if (!open.data || open.data.items.length === 0) return null;
  return (
    <section aria-label={t('alerts.title')}>
      <AlertList alerts={[...open.data.items].sort(byUrgency)} changed={open.reload} ofOneDevice />
    </section>
  );
}

function DeviceSeries({ device }: { device: Device }): preact.JSX.Element {
  const series = useResource(
    `series of ${device.tenant} ${device.dev_eui}`,
    (signal) => seriesOfDevice(device.tenant, device.dev_eui, signal),
    60_000,
  );
  const meters = series.data?.filter(({ measure, kind }) => isMeter(measure, kind)) ?? [];
  return (
    <>
      {meters.map((meter) => (
        <MeterCard key={meter.measure} series={meter} />
      ))}
      <SeriesCard device={device} series={series} />
    </>
  );
}

function SeriesCard({
  device,
  series,
}: {
  device: Device;
  series: Resource<Series[]>;
}): preact.JSX.Element {
  const t = useText();
  return (
    <section class="card">
      <h2>{t('device.series')}</h2>
      <Loaded resource={series}>
        {(items) =>
          items.length === 0 ? (
            <p class="quiet">{t('device.noseries')}</p>
          ) : (
            <ul class="series-list">
              {items.map(({ measure, windows, first, last }) => (
                <li key={measure}>
                  <a href={href(['series', device.dev_eui, measure], { tenant: device.tenant })}>
                    <Icon name="series" />
                    <span class="strong">{measureName(measure)}</span>
                    <span class="quiet">{windowsText(windows)}</span>
                    <span class="quiet wide-only">{first && last && `${dateTime(first)} – ${dateTime(last)}`}</span>
                  </a>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
