import { getAll } from '../api/client';
import { windowsOf } from '../api/series';
import { inventory } from '../api/inventory';
import { useResource } from '../api/resource';
import type { AggregateRow, Gateway, NetworkGateway } from '../api/types';
import { gatewayAirtime, gatewayHours, type GatewayHour } from '../format/gateway_hours';
import { dutyHealth, foreignShare } from '../format/network';
import { decimal, integer, percent } from '../format/numbers';
import { ago, dateTime, windowLabel } from '../format/time';
import { useText } from '../i18n';
import { Facts } from '../parts/facts';
import { Icon } from '../parts/icons';
import { useNow } from '../parts/now';
import { useTenantTitle } from '../parts/pickers';
import { Empty, Loaded, Loading } from '../parts/states';
import { href } from '../router';
import { useStore } from '../store';

const hourMs = 3_600_000;
const hours = 24;

export function GatewayView({ id }: { id: string }): preact.JSX.Element {
  const t = useText();
  const { gateways, loaded } = useStore(inventory);
  const gateway = gateways.find(({ gateway_id }) => gateway_id === id);
  return (
    <section class="page">
      <p class="crumb">
        <a href={href([])}>
          <Icon name="back" />
          {t('gateway.back')}
        </a>
      </p>
      {gateway ? <Found gateway={gateway} /> : loaded ? <Empty>{t('gateway.unknown', { id })}</Empty> : <Loading />}
    </section>
  );
}

function Found({ gateway }: { gateway: Gateway }): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const now = useNow();
  const facts: [string, string][] = [
    [t('col.town'), gateway.tenant ? title(gateway.tenant) : '–'],
    ['EUI', gateway.gateway_id],
    [t('col.state'), t(gateway.online ? 'map.gateway' : 'map.gateway.off')],
    [
      t('col.seen'),
      gateway.last_seen ? `${dateTime(gateway.last_seen)} (${ago(gateway.last_seen, now)})` : t('devices.never'),
    ],
  ];
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>{gateway.name || gateway.gateway_id}</h1>
      </div>
      <section class="card">
        <Facts facts={facts} />
      </section>
      {gateway.tenant && <Sharing id={gateway.gateway_id} tenant={gateway.tenant} />}
      {gateway.tenant && <Airtime id={gateway.gateway_id} tenant={gateway.tenant} />}
    </>
  );
}

const mostGateways = 2_000;

// What it may send, and whose traffic it hears: both are shared with others.
function Sharing({ id, tenant }: { id: string; tenant: string }): preact.JSX.Element {
  const t = useText();
  const found = useResource(
    `sharing of ${tenant} ${id}`,
    async (signal) => {
      const { items } = await getAll<NetworkGateway>('network/gateways', { tenant }, mostGateways, { signal });
      return items.find(({ gateway_id }) => gateway_id === id) ?? null;
    },
    60_000,
  );
  return (
    <section class="card" data-test="sharing">
      <h2>{t('gateway.duty')}</h2>
      <p class="quiet">{t('gateway.duty.note')}</p>
      <Loaded resource={found}>
        {(gateway) => (!gateway ? <Empty>{t('plot.nodata')}</Empty> : <Bands gateway={gateway} />)}
      </Loaded>
    </section>
  );
}

function Bands({ gateway }: { gateway: NetworkGateway }): preact.JSX.Element {
  const t = useText();
  const seconds = (value: number): string => `${decimal(value, 1)}\u202fs`;
  const megahertz = (value: number): string => decimal(value / 1e6, 3);
  const foreign = foreignShare(gateway);
  return (
    <>
      <ul class="tiles">
        <li>
          <span class="quiet">{t('gateway.refused')}</span>
          <strong>{integer(gateway.downlinks_refused)}</strong>
          <span class={gateway.duty_cycle_refused > 0 ? 'health fair small' : 'quiet small'}>
            {t('gateway.refused.duty', { count: integer(gateway.duty_cycle_refused) })}
          </span>
        </li>
        <li>
          <span class="quiet">{t('measure.gateway_foreign_frames')}</span>
          <strong>{integer(gateway.foreign_frames)}</strong>
          <span class="quiet small">
            {t('gateway.foreign', {
              share: foreign === null ? '–' : percent(foreign, 1),
              seconds: decimal(gateway.foreign_airtime_s, 1),
            })}
          </span>
        </li>
      </ul>
      {gateway.sub_bands.length === 0 ? (
        <Empty>{t('gateway.noduty')}</Empty>
      ) : (
        <div class="scroll">
          <table data-test="sub-bands">
            <thead>
              <tr>
                <th>{t('gateway.band')}</th>
                <th class="num">{t('gateway.band.used')}</th>
                <th class="num">{t('gateway.band.share')}</th>
                <th class="num">{t('gateway.band.left')}</th>
              </tr>
            </thead>
            <tbody>
              {gateway.sub_bands.map((band) => {
                const health = dutyHealth(band.used);
                return (
                  <tr key={band.name}>
                    <td>
                      {band.name}
                      <span class="quiet below">{`${megahertz(band.min_frequency)} – ${megahertz(band.max_frequency)}\u202fMHz`}</span>
                    </td>
                    <td class="num">{seconds(band.used_s)}</td>
                    <td class="num">
                      <span class={health && health !== 'good' ? `health ${health}` : undefined}>
                        {band.used === null ? '–' : percent(band.used, 1)}
                      </span>
                    </td>
                    <td class="num">{seconds(band.left_s)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

async function load(tenant: string, device: string, signal: AbortSignal): Promise<GatewayHour[]> {
  const to = Math.ceil(Date.now() / hourMs) * hourMs;
  const range = { from: new Date(to - (hours + 1) * hourMs).toISOString(), to: new Date(to).toISOString() };
  const rows = await Promise.all(
    gatewayAirtime.map((measure) => windowsOf({ tenant, device, measure, res: '1h', ...range }, hours * 2, signal)),
  );
  return gatewayHours(rows.flatMap(({ items }): AggregateRow[] => items)).slice(0, hours);
}

// What it heard and sent in the last day, hour by hour, the newest first.
function Airtime({ id, tenant }: { id: string; tenant: string }): preact.JSX.Element {
  const t = useText();
  const shown = useResource(`airtime of ${tenant} ${id}`, (signal) => load(tenant, id, signal), 60_000);
  const seconds = (value: number): string => `${decimal(value, 1)}\u202fs`;
  return (
    <section class="card table-card">
      <h2>{t('gateway.airtime')}</h2>
      <p class="quiet">{t('gateway.airtime.note')}</p>
      <Loaded resource={shown}>
        {(items) =>
          items.length === 0 ? (
            <Empty>{t('plot.nodata')}</Empty>
          ) : (
            <table data-test="airtime">
              <thead>
                <tr>
                  <th>{t('col.window')}</th>
                  <th class="num">{t('measure.gateway_uplink_airtime')}</th>
                  <th class="num">{t('measure.gateway_uplinks')}</th>
                  <th class="num">{t('measure.gateway_downlink_airtime')}</th>
                  <th class="num">{t('measure.gateway_downlinks')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((hour) => (
                  <tr key={hour.start}>
                    <td class="num-left">{windowLabel(hour.start, hour.end)}</td>
                    {hour.sums.map((sum, i) => (
                      <td key={gatewayAirtime[i]} class="num">
                        {sum === null ? '–' : i % 2 === 0 ? seconds(sum) : integer(sum)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </section>
  );
}
