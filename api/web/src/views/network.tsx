import { getAll, getJson } from '../api/client';
import { useResource } from '../api/resource';
import type { NetworkDevice, NetworkDevices, NetworkGateway } from '../api/types';
import {
  availabilityHealth,
  dutyHealth,
  factorShares,
  fullestBand,
  lossHealth,
  marginHealth,
  usualFactor,
  type Health,
} from '../format/network';
import { decimal, fixed, integer, percent } from '../format/numbers';
import { ago, dateTime } from '../format/time';
import { useText, type Key } from '../i18n';
import { useNow } from '../parts/now';
import { Choices, TownSelect, useTenantTitle } from '../parts/pickers';
import { Empty, Loaded } from '../parts/states';
import { href, replaceRoute, useRoute } from '../router';
import { BatteriesCard } from './network/batteries';

const sorts: readonly { value: string; label: Key }[] = [
  { value: 'loss', label: 'network.sort.loss' },
  { value: 'margin', label: 'network.sort.margin' },
  { value: 'silence', label: 'network.sort.silence' },
  { value: 'alone', label: 'network.sort.alone' },
  { value: 'airtime', label: 'network.sort.airtime' },
  { value: 'joins', label: 'network.sort.joins' },
];
const shownDevices = 50;
const mostGateways = 2_000;
const renewMs = 30_000;

export function Network(): preact.JSX.Element {
  const t = useText();
  const { query } = useRoute();
  const tenant = query.get('tenant') ?? '';
  const sort = sorts.find(({ value }) => value === query.get('sort'))?.value ?? 'loss';
  const go = (next: Record<string, string>): void => replaceRoute(href(['network'], { tenant, sort, ...next }));
  const devices = useResource(
    `network devices ${tenant} ${sort}`,
    (signal) =>
      getJson<NetworkDevices>('network/devices', { tenant, sort, limit: shownDevices }, { signal, timeoutMs: 30_000 }),
    renewMs,
  );
  const gateways = useResource(
    `network gateways ${tenant}`,
    (signal) => getAll<NetworkGateway>('network/gateways', { tenant }, mostGateways, { signal }),
    renewMs,
  );
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>{t('network.title')}</h1>
        <p class="quiet">
          {devices.data ? t('network.since', { time: dateTime(devices.data.since) }) : t('network.intro')}
        </p>
      </div>
      <div class="controls">
        <TownSelect value={tenant} change={(next) => go({ tenant: next })} />
        <Choices
          label={t('network.sort')}
          value={sort}
          change={(next) => go({ sort: next })}
          choices={sorts.map(({ value, label }) => ({ value, label: t(label) }))}
        />
      </div>
      <Loaded resource={devices}>
        {(data) => (
          <div class="page">
            <Figures data={data} />
            <section class="card table-card">
              <h2>{t('network.devices')}</h2>
              {data.items.length === 0 ? <Empty>{t('devices.nothing')}</Empty> : <DeviceTable devices={data.items} />}
              <p class="foot quiet">
                {t('network.worst', { shown: integer(data.items.length), all: integer(data.totals.devices) })}
                {!data.complete && ` ${t('network.incomplete')}`}
              </p>
            </section>
          </div>
        )}
      </Loaded>
      <BatteriesCard tenant={tenant} />
      <section class="card table-card">
        <h2>{t('network.gateways')}</h2>
        <p class="quiet">{t('network.gateways.note')}</p>
        <Loaded resource={gateways}>
          {({ items }) =>
            items.length === 0 ? <Empty>{t('network.nogateways')}</Empty> : <GatewayTable gateways={items} />
          }
        </Loaded>
      </section>
    </section>
  );
}

function Marked({ health, children }: { health: Health | null; children: string }): preact.JSX.Element {
  return <span class={health && health !== 'good' ? `health ${health}` : undefined}>{children}</span>;
}

function share(value: number | null): string {
  return value === null ? '–' : percent(value, 1);
}

function decibels(value: number | null): string {
  return value === null ? '–' : `${fixed(value, 1)}\u202fdB`;
}

function Figures({ data }: { data: NetworkDevices }): preact.JSX.Element {
  const t = useText();
  const { totals } = data;
  const figures: { key: Key; value: string; below: string }[] = [
    {
      key: 'network.loss',
      value: share(totals.loss),
      below: t('network.loss.of', { lost: integer(totals.lost), all: integer(totals.lost + totals.uplinks) }),
    },
    {
      key: 'network.margin',
      value: decibels(totals.link_margin),
      below: t('network.margin.least', { margin: decibels(totals.link_margin_min) }),
    },
    {
      key: 'network.redundancy',
      value: totals.gateways === null ? '–' : decimal(totals.gateways, 1),
      below: t('network.alone', { share: share(totals.alone) }),
    },
    {
      key: 'network.silent',
      value: integer(totals.silent),
      below: t('network.silent.of', { all: integer(totals.devices), never: integer(totals.never_heard) }),
    },
  ];
  return (
    <>
      <dl class="figures" data-test="network-figures">
        {figures.map(({ key, value, below }) => (
          <div key={key} class="figure">
            <dt>{t(key)}</dt>
            <dd>
              <strong>{value}</strong>
            </dd>
            <dd>{below}</dd>
          </div>
        ))}
      </dl>
      <Factors counts={totals.spreading_factors} />
    </>
  );
}

// How transmissions spread over spreading factors: one bar each, with its share as text.
function Factors({ counts }: { counts: readonly number[] }): preact.JSX.Element | null {
  const t = useText();
  const shares = factorShares(counts);
  if (shares.length === 0) return null;
  return (
    <section class="card">
      <h2>{t('network.factors')}</h2>
      <ul class="factors" data-test="factors">
        {shares.map(({ factor, count, share: part }) => (
          <li key={factor} title={t('network.factors.count', { count: integer(count) })}>
            <span class="quiet">SF{factor}</span>
            <meter min={0} max={1} value={part}>
              {percent(part, 1)}
            </meter>
            <span>{percent(part, 1)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function DeviceTable({ devices }: { devices: readonly NetworkDevice[] }): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const now = useNow();
  return (
    <table class="stacked" data-test="network-devices">
      <thead>
        <tr>
          <th>{t('col.device')}</th>
          <th>{t('col.town')}</th>
          <th class="num">{t('network.loss')}</th>
          <th class="num">{t('network.margin')}</th>
          <th class="num">{t('network.factor')}</th>
          <th class="num">{t('network.gateways')}</th>
          <th class="num">{t('network.alone.col')}</th>
          <th class="num">{t('col.seen')}</th>
        </tr>
      </thead>
      <tbody>
        {devices.map((device) => (
          <tr key={device.dev_eui}>
            <td data-label={t('col.device')}>
              <a class="strong" href={href(['devices', device.dev_eui])}>
                {device.name || device.dev_eui}
              </a>
              <span class="mono quiet below">{device.dev_eui}</span>
            </td>
            <td data-label={t('col.town')}>
              {title(device.tenant)}
              {device.site && <span class="quiet below">{device.site}</span>}
            </td>
            <td class="num" data-label={t('network.loss')}>
              <Marked health={lossHealth(device.loss)}>{share(device.loss)}</Marked>
              {device.loss !== null && (
                <span class="quiet below">
                  {t('network.loss.of', {
                    lost: integer(device.lost),
                    all: integer(device.lost + device.uplinks),
                  })}
                </span>
              )}
            </td>
            <td class="num" data-label={t('network.margin')}>
              <Marked health={marginHealth(device.link_margin)}>{decibels(device.link_margin)}</Marked>
              {device.link_margin_min !== null && (
                <span class="quiet below">{t('network.margin.least', { margin: decibels(device.link_margin_min) })}</span>
              )}
            </td>
            <td class="num" data-label={t('network.factor')}>
              {usualFactor(device.spreading_factors) === null ? '–' : `SF${usualFactor(device.spreading_factors)}`}
              {device.airtime_s > 0 && (
                <span class="quiet below">{t('network.airtime', { seconds: decimal(device.airtime_s, 1) })}</span>
              )}
              {device.joins > 1 && (
                <span class="quiet below">{t('network.joins', { joins: integer(device.joins) })}</span>
              )}
            </td>
            <td class="num" data-label={t('network.gateways')}>
              {device.gateways === null ? '–' : decimal(device.gateways, 1)}
            </td>
            <td class="num" data-label={t('network.alone.col')}>
              {share(device.alone)}
            </td>
            <td class="num" data-label={t('col.seen')}>
              {device.last_seen ? ago(device.last_seen, now) : t('devices.never')}
              {device.silent && <span class="health poor below">{t('network.silent.one')}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// The sub-band of which most of the hour's time is used up.
function Duty({ bands }: { bands: NetworkGateway['sub_bands'] }): preact.JSX.Element | null {
  const t = useText();
  const band = fullestBand(bands);
  if (!band) return null;
  return (
    <span class="quiet below">
      <Marked health={dutyHealth(band.used)}>{t('network.duty', { band: band.name, used: share(band.used) })}</Marked>
    </span>
  );
}

// The load of its fullest channel.
function fullest(gateway: NetworkGateway): number {
  return Math.max(0, ...gateway.channels.map(({ load }) => load ?? 0));
}

function GatewayTable({ gateways }: { gateways: readonly NetworkGateway[] }): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const now = useNow();
  const worst = [...gateways].sort((a, b) => (a.availability ?? -1) - (b.availability ?? -1));
  return (
    <table class="stacked" data-test="network-gateways">
      <thead>
        <tr>
          <th>{t('network.gateway')}</th>
          <th>{t('col.town')}</th>
          <th class="num">{t('network.availability')}</th>
          <th class="num">{t('measure.gateway_uplinks')}</th>
          <th class="num">{t('network.alone.col')}</th>
          <th class="num">{t('network.crc')}</th>
          <th class="num">{t('measure.gateway_uplink_airtime')}</th>
          <th class="num">{t('measure.gateway_downlink_airtime')}</th>
          <th class="num">{t('col.seen')}</th>
        </tr>
      </thead>
      <tbody>
        {worst.map((gateway) => (
          <tr key={gateway.gateway_id}>
            <td data-label={t('network.gateway')}>
              <a class="strong" href={href(['gateways', gateway.gateway_id])}>
                {gateway.name || gateway.gateway_id}
              </a>
              <span class="mono quiet below">{gateway.gateway_id}</span>
            </td>
            <td data-label={t('col.town')}>{gateway.tenant ? title(gateway.tenant) : '–'}</td>
            <td class="num" data-label={t('network.availability')}>
              <Marked health={availabilityHealth(gateway.availability)}>{share(gateway.availability)}</Marked>
              {gateway.minutes > 0 && (
                <span class="quiet below">{t('network.minutes', { minutes: integer(gateway.minutes) })}</span>
              )}
            </td>
            <td class="num" data-label={t('measure.gateway_uplinks')}>
              {integer(gateway.frames)}
              {gateway.foreign_frames > 0 && (
                <span class="quiet below">
                  {t('network.foreign', { frames: integer(gateway.foreign_frames) })}
                </span>
              )}
            </td>
            <td class="num" data-label={t('network.alone.col')}>
              {share(gateway.alone)}
            </td>
            <td class="num" data-label={t('network.crc')}>
              {share(gateway.rx_ok)}
            </td>
            <td class="num" data-label={t('measure.gateway_uplink_airtime')}>
              {`${decimal(gateway.uplink_airtime_s, 1)}\u202fs`}
              {fullest(gateway) > 0 && (
                <span class="quiet below">{t('network.fullest', { load: percent(fullest(gateway), 2) })}</span>
              )}
            </td>
            <td class="num" data-label={t('measure.gateway_downlink_airtime')}>
              {`${decimal(gateway.downlink_airtime_s, 1)}\u202fs`}
              <Duty bands={gateway.sub_bands} />
            </td>
            <td class="num" data-label={t('col.seen')}>
              {gateway.last_seen ? ago(gateway.last_seen, now) : t('devices.never')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
