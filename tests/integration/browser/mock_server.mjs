// A small stand-in for `lenne serve` with the same HTTP contract, for tests of the page alone.
//   node mock_server.mjs [--port 8099] [--root ../../../api/web/dist] [--token SECRET] [--empty] [--rate 4]
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as environment from './mock_environment.mjs';
import * as indoors from './mock_indoors.mjs';
import { meterProfile, meterReport, substationsOf } from './mock_meters.mjs';
import * as region from './mock_region.mjs';
import * as utilisation from './mock_utilisation.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const kinds = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};
const steps = { '1m': ['PT1M', 60_000], '15m': ['PT15M', 900_000], '1h': ['PT1H', 3_600_000] };

// What the server tells of one device or one site only.
const ofOnePlace = new Set(['charge-points', 'climate-days', 'indoor-air', 'mould', 'noise', 'rain', 'rain-events', 'street-light', 'traffic', 'uv', 'wind']);

export async function startMock({
  port = 0,
  root = join(here, '../../../api/web/dist'),
  token = '',
  empty = false,
  rate = 0,
} = {}) {
  const started = Date.now();
  const sockets = new Set();
  const live = new Set();
  const devices = empty ? [] : region.devices;
  const gateways = empty ? [] : region.gateways;
  const tenants = empty ? [] : region.tenants;
  let uplinks = empty ? 0 : 184_230;
  let serial = 0;
  const counters = new Map();
  const overrides = new Map();

  const uplink = (device, decoded) => {
    const now = Date.now();
    uplinks += 1;
    serial += 1;
    const fCnt = (counters.get(device.dev_eui) ?? device.seed % 5000) + 1;
    counters.set(device.dev_eui, fCnt);
    const near = gateways.filter((gateway) => gateway.tenant === device.tenant && gateway.online);
    const gateway = near[Math.floor(region.noise(serial) * near.length)];
    const rssi = -72 - Math.floor(region.noise(serial + 1) * 48);
    const snr = Number((12 - (-72 - rssi) / 3).toFixed(1));
    const event = {
      type: 'uplink',
      id: region.hex(serial, 16),
      position: `0:${serial}`,
      time: region.iso(now),
      tenant: device.tenant,
      dev_eui: device.dev_eui,
      dev_addr: region.hex(0x26000000 + device.seed, 8),
      f_cnt: fCnt,
      f_port: 5,
      confirmed: false,
      payload: region.hex(Math.floor(region.noise(serial) * 2 ** 40), 14),
      decoded: decoded ?? region.decoded(device, now),
      data_rate: `SF${7 + (serial % 4)}BW125`,
      frequency: 868_100_000 + (serial % 3) * 200_000,
      gateway_id: gateway?.gateway_id,
      rssi,
      snr,
    };
    broadcast(event);
    broadcast({
      ...event,
      type: 'reception',
      decoded: undefined,
      payload: undefined,
      retransmission: false,
      gateways: near.slice(0, 1 + (serial % 3)).map(({ gateway_id }) => ({ gateway_id, rssi, snr })),
    });
    return event;
  };
  const broadcast = (event) => {
    const frame = textFrame(JSON.stringify(event));
    for (const socket of live) socket.write(frame);
  };

  const latestOf = (device, now) =>
    region
      .latestOf(device, now)
      .map((item) => ({ ...item, ...(overrides.get(`${device.dev_eui}/${item.measure}`) ?? {}) }));
  const measuring = (query, measure) =>
    devices.filter(
      (d) =>
        (!query.get('tenant') || d.tenant === query.get('tenant')) &&
        (!query.get('device') || d.dev_eui === query.get('device')) &&
        (!query.get('site') || d.site === query.get('site')) &&
        d.kind.series.some(([name]) => name === measure),
    );
  const deviceOf = (query) => devices.find((d) => d.dev_eui === query.get('device'));
  const tenantCount = (list, name) => list.filter((item) => item.tenant === name).length;

  let alerts = [];
  const classes = { open: ['firing', 'acknowledged'], pending: ['pending'], ended: ['resolved', 'ok'] };
  // /v1/alerts/<DevEUI>/<rule>, and the same with /acknowledgement.
  const oneAlert = (path, body) => {
    const [eui, rule, acknowledgement] = path.map(decodeURIComponent);
    const at = alerts.findIndex((alert) => alert.dev_eui === eui && alert.rule === rule);
    if (at < 0) return null;
    if (!acknowledgement) return { ...alerts[at], changes: [alerts[at]] };
    const revision = alerts[at].revision + 1;
    alerts[at] = { ...alerts[at], state: 'acknowledged', reason: 'operator', actor: 'operator', note: body.note ?? null, revision };
    broadcast({ type: 'alert', ...alerts[at] });
    return { position: '0:1', alert: alerts[at] };
  };

  const routes = {
    alerts: (_now, query) =>
      paged(
        query,
        alerts.filter(
          (alert) =>
            (!query.get('tenant') || alert.tenant === query.get('tenant')) &&
            (!query.get('device') || alert.dev_eui === query.get('device')) &&
            (!query.get('state') || classes[query.get('state')].includes(alert.state)),
        ),
        (alert) => alert,
      ),
    status: (now) => ({
      version: '0.1.0-mock',
      started: region.iso(started - 86_400_000),
      now: region.iso(now),
      simulated: true,
      uplinks_total: uplinks,
      uplinks_per_minute: empty ? 0 : Math.max(1, Math.round(rate * 60)),
      devices: devices.length,
      devices_seen_1h: Math.round(devices.length * 0.97),
      gateways: gateways.length,
      gateways_online: gateways.filter((g) => g.online).length,
      tenants: tenants.length,
      log: { type: 'memory', end: String(uplinks) },
    }),
    tenants: (now) => ({
      items: tenants.map((t, i) => ({
        ...t,
        open: i % 3 === 2 ? [] : ['rain', 'water-meter'],
        devices: tenantCount(devices, t.name),
        gateways: tenantCount(gateways, t.name),
        uplinks: tenantCount(devices, t.name) * 512 + serial,
        last_seen: region.iso(now - 2000),
      })),
    }),
    gateways: (now, query) => ({
      items: gateways
        .filter((g) => !query.get('tenant') || g.tenant === query.get('tenant'))
        .map((g) => ({
          ...g,
          last_seen: region.iso(now - (g.online ? 4000 : 9_000_000)),
          rx_received: 4000,
          rx_ok: 3980,
          tx_emitted: 12,
        })),
    }),
    devices: (now, query) => {
      const q = (query.get('q') ?? '').toLowerCase();
      const found = devices.filter(
        (d) =>
          (!query.get('tenant') || d.tenant === query.get('tenant')) &&
          (!q || `${d.name} ${d.site} ${d.dev_eui}`.toLowerCase().includes(q)),
      );
      return paged(query, found, ({ kind, seed, ...d }) => ({
        ...d,
        last_seen: region.iso(region.latestTime({ seed }, now)),
        f_cnt: seed % 5000,
        rssi: -80 - (seed % 40),
        snr: 9 - (seed % 14),
        latest: latestOf({ ...d, kind, seed }, now).map(({ measure, value, unit, time, source }) => ({
          measure,
          value,
          unit,
          time,
          source,
        })),
      }));
    },
    'network/devices': (now, query) => {
      const own = devices.filter((d) => !query.get('tenant') || d.tenant === query.get('tenant'));
      const items = own.map((d) => region.radioOf(d, now));
      const worse = {
        loss: (d) => -d.loss,
        margin: (d) => d.link_margin,
        silence: (d) => (d.silent ? Date.parse(d.last_seen) : Infinity),
        alone: (d) => -d.alone,
      }[query.get('sort') ?? 'loss'];
      items.sort((a, b) => worse(a) - worse(b));
      return {
        since: region.iso(now - 26 * 3_600_000),
        complete: true,
        totals: region.radioTotals(items),
        items: items.slice(0, Number(query.get('limit') ?? 100)),
      };
    },
    'network/gateways': (now, query) => ({
      since: region.iso(now - 26 * 3_600_000),
      items: gateways
        .filter((g) => !query.get('tenant') || g.tenant === query.get('tenant'))
        .map((g) => region.healthOf(g, now)),
      next: null,
    }),
    latest: (now, query) => ({
      items: devices
        .filter((d) => !query.get('tenant') || d.tenant === query.get('tenant'))
        .flatMap((d) =>
          latestOf(d, now).map((v) => ({
            tenant: d.tenant,
            site: d.site,
            dev_eui: d.dev_eui,
            device: d.name,
            location: d.location,
            ...v,
          })),
        )
        .filter((v) => !query.get('measure') || v.measure === query.get('measure')),
    }),
    series: (now, query) =>
      paged(
        query,
        devices
          .filter((d) => !query.get('tenant') || d.tenant === query.get('tenant'))
          .filter((d) => !query.get('device') || d.dev_eui === query.get('device'))
          .flatMap((d) =>
            d.kind.series.map(([measure, unit, kind]) => ({
              tenant: d.tenant,
              site: d.site,
              dev_eui: d.dev_eui,
              device: d.name,
              measure,
              unit,
              kind,
              windows: ['PT15M', 'PT1H', 'PT1M'],
              first: region.iso(now - 400 * 86_400_000),
              last: region.iso(now - 120_000),
            })),
          )
          .filter((s) => !query.get('measure') || s.measure === query.get('measure')),
        (s) => s,
      ),
    'meter/report': (now, query) => meterReport(deviceOf(query), query, now),
    'meter/profile': (now, query) => meterProfile(deviceOf(query), query, now),
    'meter/substations': (_now, query) => substationsOf(measuring(query, 'heat_energy'), query),
    'meter/balance': (now, query) =>
      environment.balance(
        measuring(query, 'water_volume').filter((d) => d.site === query.get('zone')),
        query,
        now,
      ),
    'climate-days': (now, query) => ({
      items: measuring(query, 'temperature').map((d) => environment.climateYear(d, Number(query.get('year')), now)),
      next: null,
    }),
    noise: (now, query) => paged(query, measuring(query, 'sound_energy'), (d) => environment.noiseOf(d, query, now)),
    uv: (now, query) => paged(query, measuring(query, 'uv_index'), (d) => environment.sunOf(d, query, now)),
    'water-levels': (now, query) => {
      const measure = query.get('measure') ?? 'water_level';
      return paged(query, measuring(query, measure), (d) => environment.levelOf(d, measure, now));
    },
    thresholds: (now, query) => {
      const measure = query.get('measure') ?? 'water_level';
      const known = measure === 'water_level' && measuring(query, measure).length > 0;
      return { items: known ? environment.thresholds : [] };
    },
    'indoor-air': (now, query) => paged(query, measuring(query, 'co2'), (d) => indoors.airOf(d, query, now)),
    mould: (now, query) => paged(query, measuring(query, 'mould_humidity'), (d) => indoors.mouldOf(d, query, now)),
    rooms: (now, query) =>
      indoors.roomsOf(
        measuring(query, 'occupancy').filter(({ kind }) => !kind.series.some(([name]) => name === 'energy')),
        query,
        now,
      ),
    waste: (now, query) => utilisation.waste(measuring(query, 'fill_level'), now),
    batteries: (now, query) => utilisation.batteries(measuring(query, 'battery_level'), now),
    traffic: (now, query) => ({ items: measuring(query, 'vehicles').map((d) => utilisation.trafficOf(d, query, now)) }),
    'week-profile': (_now, query) => paged(query, measuring(query, query.get('measure')), (d) => utilisation.weekOf(d, query)),
    'charge-points': (now, query) => paged(query, measuring(query, 'occupancy'), (d) => utilisation.chargingOf(d, query, now)),
    'street-light': (now, query) => paged(query, measuring(query, 'energy'), (d) => utilisation.lightOf(d, query, now)),
    building: (_now, query) => utilisation.building(measuring(query, query.get('measure'))[0], query),
    rain: (now, query) => ({
      items: measuring(query, 'precipitation').map((d) => environment.rainOf(d, Date.parse(query.get('from')), now)),
      next: null,
    }),
    'rain-events': (now, query) => paged(query, measuring(query, 'precipitation'), (d) => environment.rainEventsOf(d, now)),
    wind: (now, query) =>
      paged(query, measuring(query, 'wind_speed'), (d) => environment.windOf(d, Date.parse(query.get('from')), now)),
    'open/agg': (now, query) => paged(query, environment.openRows(measuring(query, query.get('measure')), query, now), (row) => row),
    'air-quality': (now, query) =>
      environment.airOf(query.get('tenant'), query.get('site'), Date.parse(query.get('from')), now),
    'air-limits': (_now, query) => environment.limitsOf(query),
    'heat-hours': (now, query) =>
      paged(query, measuring(query, 'temperature'), (d) => environment.heatHoursOf(d, Date.parse(query.get('from')), now)),
    'heat-island': (now, query) =>
      environment.heatIsland(
        query.get('tenant'),
        query.get('site'),
        query.get('reference').split(','),
        Date.parse(query.get('from')),
        now,
      ),
    agg: (now, query) => {
      if (query.get('res') === '1d') {
        const rows = measuring(query, query.get('measure')).flatMap((d) => {
          const series = d.kind.series.find(([measure]) => measure === query.get('measure'));
          const base = region.aggregate(d, series, 'PT1H', 3_600_000, 0, 1) ?? {};
          return environment
            .localDays(Date.parse(query.get('from')), Date.parse(query.get('to')))
            .map((start) => environment.dayRow(d, series, start, now, base))
            .filter((row) => row !== null);
        });
        return paged(query, rows, (row) => row);
      }
      const [window, step] = steps[query.get('res')] ?? steps['15m'];
      const from = Math.ceil(Date.parse(query.get('from')) / step) * step;
      const to = Date.parse(query.get('to'));
      const rows = [];
      for (const d of devices) {
        if (query.get('tenant') && d.tenant !== query.get('tenant')) continue;
        if (query.get('device') && d.dev_eui !== query.get('device')) continue;
        const series = d.kind.series.find(([measure]) => measure === query.get('measure'));
        if (!series) continue;
        for (let start = Math.max(from, now - 30 * 86_400_000); start < to; start += step) {
          const row = region.aggregate(d, series, window, step, Math.floor(start / step) * step, now);
          if (row) rows.push(row);
        }
      }
      const place = query.get('group') === 'tenant';
      const shown = place ? environment.placeRows(query.get('tenant'), query.get('measure'), rows, now) : rows;
      return paged(query, shown, (row) => row);
    },
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://mock');
    const name = url.pathname.startsWith('/v1/') ? url.pathname.slice(4) : null;
    if (name === null) return void serveFile(root, url.pathname, response);
    if (token && request.headers.authorization !== `Bearer ${token}`)
      return answer(response, 401, { error: 'unauthorised', message: 'a token is needed' });
    if (name.startsWith('alerts/')) {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        const found = oneAlert(name.split('/').slice(1), text ? JSON.parse(text) : {});
        answer(response, found ? 200 : 404, found ?? { error: 'not_found', message: 'no such alert' });
      });
      return;
    }
    const route = routes[name];
    if (!route) return answer(response, 404, { error: 'not_found', message: 'no such resource' });
    if (ofOnePlace.has(name) && !url.searchParams.get('device') && !url.searchParams.get('site'))
      return answer(response, 400, { error: 'bad_parameter', message: 'device or site is required' });
    const body = route(Date.now(), url.searchParams);
    if (url.searchParams.get('format')?.startsWith('csv')) return csv(response, body.items ?? body.registers);
    answer(response, 200, body);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket) => {
    const url = new URL(request.url, 'http://mock');
    if (url.pathname !== '/v1/live' || (token && url.searchParams.get('token') !== token)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${accept}`,
        '',
        '',
      ].join('\r\n'),
    );
    live.add(socket);
    socket.on('data', (data) => (data[0] & 0x0f) === 8 && socket.end(Buffer.from([0x88, 0])));
    socket.on('close', () => live.delete(socket));
    socket.on('error', () => live.delete(socket));
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const timer =
    rate > 0 && devices.length > 0
      ? setInterval(() => uplink(devices[Math.floor(Math.random() * devices.length)]), 1000 / rate)
      : undefined;

  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    devices,
    uplink,
    broadcast,
    setAlerts: (list) => {
      alerts = list;
      for (const alert of list) broadcast({ type: 'alert', ...alert });
    },
    setLatest: (devEui, measure, change) => overrides.set(`${devEui}/${measure}`, change),
    // Like a killed process: no farewell on any connection.
    stop: () => {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function paged(query, items, show) {
  const limit = Math.min(Number(query.get('limit') ?? 100), 10_000);
  const from = Number(query.get('cursor') ?? 0);
  return {
    items: items.slice(from, from + limit).map(show),
    next: from + limit < items.length ? String(from + limit) : null,
  };
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function csv(response, items) {
  const columns = Object.keys(items[0] ?? {});
  response.writeHead(200, { 'content-type': 'text/csv' });
  response.end([columns.join(','), ...items.map((item) => columns.map((c) => item[c] ?? '').join(','))].join('\r\n'));
}

async function serveFile(root, path, response) {
  const file = join(root, normalize(path === '/' ? 'index.html' : path).replace(/^(\.\.[/\\])+/, ''));
  try {
    const body = await readFile(file);
    response.writeHead(200, { 'content-type': kinds[extname(file)] ?? 'application/octet-stream' });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

// An unmasked text frame (RFC 6455, 5.2).
function textFrame(text) {
  const body = Buffer.from(text);
  const head =
    body.length < 126
      ? Buffer.from([0x81, body.length])
      : Buffer.from([0x81, 126, body.length >> 8, body.length & 255]);
  return Buffer.concat([head, body]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const option = (name, otherwise) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? otherwise : process.argv[at + 1];
  };
  const mock = await startMock({
    port: Number(option('port', '8099')),
    root: option('root', undefined),
    token: option('token', ''),
    empty: process.argv.includes('--empty'),
    rate: Number(option('rate', '4')),
  });
  console.log(`ready http=${mock.url}`);
}
