import { windowsOf } from '../api/series';
import { inventory } from '../api/inventory';
import { useResource } from '../api/resource';
import type { AggregateRow, Gateway } from '../api/types';
import { gatewayAirtime, gatewayHours, type GatewayHour } from '../format/gateway_hours';
import { decimal, integer } from '../format/numbers';
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
      {gateway.tenant && <Airtime id={gateway.gateway_id} tenant={gateway.tenant} />}
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
