import { text } from '../i18n';
import type { LiveEvent } from '../api/types';
import { decimal, percent } from './numbers';
import { readings, summary } from './decoded';

// What a frame says, as one line.
export function frameText(event: LiveEvent): string {
  switch (event.type) {
    case 'uplink':
      return uplinkText(event);
    case 'join':
      return text('frame.join', { addr: event.dev_addr ?? '–' });
    case 'reception': {
      const count = event.gateways?.length ?? 0;
      const heard = count === 1 ? text('frame.reception.one') : text('frame.reception', { count });
      return event.retransmission ? `${heard}, ${text('frame.repeated')}` : heard;
    }
    case 'ack':
      return text(event.acknowledged ? 'frame.ack.yes' : 'frame.ack.no');
    case 'txack':
      return failed(event.error) ? text('frame.txack.no', { error: event.error ?? '' }) : text('frame.txack');
    case 'status':
      return statusText(event);
    case 'log':
      return [event.code, event.message].filter(Boolean).join(': ');
    default:
      return event.message ?? '';
  }
}

function failed(error: string | undefined): boolean {
  return error !== undefined && error !== '' && error.toLowerCase() !== 'none';
}

function statusText(event: LiveEvent): string {
  const parts: string[] = [];
  if (event.external_power) parts.push(text('frame.power'));
  else if (typeof event.battery_percent === 'number')
    parts.push(`${text('measure.battery')} ${percent(event.battery_percent / 100)}`);
  if (typeof event.margin === 'number') parts.push(text('frame.margin', { n: event.margin }));
  return parts.join(' · ');
}

function uplinkText(event: LiveEvent): string {
  const found = summary(readings(event.decoded));
  if (found.length > 0)
    return found
      .map(({ name, value }) => (/^[\d−-]/.test(value) ? `${name} ${value}` : `${name}: ${value}`))
      .join(' · ');
  if (!event.payload) return text('frame.empty');
  const reason = event.decode_error ? `: ${event.decode_error}` : '';
  return `${text('live.noclear')} (${event.payload.length / 2} B)${reason}`;
}

export function signalText(event: LiveEvent): string {
  const best = event.gateways?.reduce(
    (a, b) => ((b.rssi ?? -999) > (a.rssi ?? -999) ? b : a),
    event.gateways[0] ?? { gateway_id: '' },
  );
  const rssi = event.rssi ?? best?.rssi;
  const snr = event.snr ?? best?.snr;
  if (rssi === undefined || rssi === null) return '';
  return snr === undefined || snr === null ? `${rssi} dBm` : `${rssi} dBm / ${decimal(snr, 1)} dB`;
}

// "SF7BW125" reads SF7.
export function rateText(event: LiveEvent): string {
  const match = /^SF(\d+)BW(\d+)$/.exec(event.data_rate ?? '');
  if (!match) return event.data_rate ?? '';
  return match[2] === '125' ? `SF${match[1]}` : `SF${match[1]} / ${match[2]} kHz`;
}

// Everything a filter may look for, in lower case.
export function searchText(event: LiveEvent, device: string, town: string): string {
  return [
    device,
    town,
    event.dev_eui,
    event.dev_addr,
    event.payload,
    event.gateway_id,
    event.data_rate,
    frameText(event),
  ]
    .filter(Boolean)
    .join(' ')
    .toLowerCase();
}
