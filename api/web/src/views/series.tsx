import { useEffect, useMemo, useRef } from 'preact/hooks';
import { apiUrl, download } from '../api/client';
import { onFrame } from '../api/frames';
import { useResource } from '../api/resource';
import { seriesOfDevice, windowsOf, type WindowQuery } from '../api/series';
import type { AggregateRow, Series } from '../api/types';
import { judgedOf, type Threshold } from '../api/thresholds';
import { measureName, unitDigits, unitSymbol, windowsToOffer } from '../format/measures';
import { fixed, integer } from '../format/numbers';
import { dateTime, durationSeconds, instant, resolution, windowName } from '../format/time';
import { language, useText, type Key } from '../i18n';
import { AlertList } from '../parts/alert_list';
import { Icon } from '../parts/icons';
import { Choices, useTenantTitle } from '../parts/pickers';
import { Empty, Loaded } from '../parts/states';
import type { PlotLine } from '../plot/options';
import { Plot } from '../plot/plot';
import { maxWindows, shapeOf } from '../plot/rows';
import { href, replaceRoute, useRoute } from '../router';
import { token } from '../session';
import { useStore } from '../store';
import { WindowTable } from './window_table';

const hours: Record<string, number> = { '6h': 6, '24h': 24, '7d': 168, '30d': 720 };
const renewMs = 20_000;

export function SeriesView({ eui, measure }: { eui: string; measure: string }): preact.JSX.Element {
  const t = useText();
  const { query } = useRoute();
  const tenant = query.get('tenant') ?? '';
  const series = useResource(`series of ${tenant} ${eui}`, (signal) => seriesOfDevice(tenant, eui, signal), 60_000);
  return (
    <section class="page">
      <p class="crumb">
        <a href={href(['series'], { tenant })}>
          <Icon name="back" />
          {t('series.back')}
        </a>
      </p>
      <Loaded resource={series}>
        {(items) => {
          const found = items.find((item) => item.measure === measure);
          return found ? <Found series={found} siblings={items} /> : <Empty>{t('series.unknown')}</Empty>;
        }}
      </Loaded>
    </section>
  );
}

function Found({ series, siblings }: { series: Series; siblings: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const title = useTenantTitle();
  const { query } = useRoute();
  const windows = windowsToOffer(series);
  const range = query.get('range') ?? '24h';
  const span = (hours[range] ?? 24) * 3_600_000;
  const window = windows.find((w) => resolution(w) === query.get('res')) ?? preferredWindow(windows, span);
  const path = ['series', series.dev_eui, series.measure];
  const go = (next: Record<string, string>): void => {
    const kept = { tenant: series.tenant, range, res: query.get('res') ?? undefined };
    replaceRoute(href(path, { ...kept, ...next }));
  };
  const judged = useResource(
    `judged ${series.tenant} ${series.dev_eui} ${series.measure}`,
    (signal) => judgedOf(series.tenant, series.dev_eui, series.measure, signal),
    30_000,
  );
  const lang = useStore(language);
  // The same array as long as nothing changes: a new one would draw the plot anew, under the reader's pointer.
  const version = JSON.stringify([lang, window, judged.data?.thresholds ?? []]);
  const lines = useMemo(() => thresholdLines(judged.data?.thresholds ?? [], series, window), [version]);
  const place = [title(series.tenant), series.site].filter(Boolean).join(' · ');
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>{measureName(series.measure)}</h1>
        <p class="quiet">
          <a href={href(['devices', series.dev_eui])}>{series.device || series.dev_eui}</a> · {place}
        </p>
      </div>
      {siblings.length > 1 && (
        <nav class="chips" aria-label={t('device.series')}>
          {siblings.map(({ measure }) => (
            <a
              key={measure}
              class="chip"
              aria-current={measure === series.measure ? 'page' : undefined}
              href={href(['series', series.dev_eui, measure], { tenant: series.tenant, range })}
            >
              {measureName(measure)}
            </a>
          ))}
        </nav>
      )}
      <div class="card plot-card">
        <div class="controls">
          <Choices
            label={t('plot.window')}
            value={window}
            change={(next) => go({ res: resolution(next) })}
            choices={windows.map((value) => ({ value, label: windowName(value) }))}
          />
          <Choices
            label={t('plot.range')}
            value={range}
            change={(next) => go({ range: next })}
            choices={Object.keys(hours).map((value) => ({ value, label: t(`plot.range.${value}` as Key) }))}
          />
        </div>
        {windows.length === 0 ? (
          <Empty>{t('plot.nowindows')}</Empty>
        ) : (
          <Windows
            key={`${series.dev_eui} ${series.measure} ${window} ${range}`}
            series={series}
            window={window}
            span={span}
            lines={lines}
          />
        )}
      </div>
      {judged.data && judged.data.alerts.length > 0 && (
        <section aria-label={t('alerts.title')} data-test="series-alerts">
          <h2>{t('series.alerts')}</h2>
          <AlertList alerts={judged.data.alerts} changed={judged.reload} ofOneDevice />
        </section>
      )}
    </>
  );
}

// "Informationswert 2 · 1,60 m": the text of a rule says more than its name, up to its first stop.
// A bound of a window's sum or count says nothing about another window's.
function thresholdLines(thresholds: readonly Threshold[], { unit, kind }: Series, shown: string): PlotLine[] {
  const amounts = shapeOf(kind) === 'sum';
  const fits = ({ statistic, window }: Threshold): boolean =>
    amounts ? window === shown && statistic === 'sum' : statistic !== 'sum' && statistic !== 'count';
  return thresholds.filter(fits).map(({ threshold: value, severity, text, rule }) => ({
    value,
    severity,
    label: `${(text[language.get()] ?? rule).split(/[.:,]/)[0] ?? rule} · ${fixed(value, unitDigits(unit))}\u202f${unitSymbol(unit)}`,
  }));
}

// The finest window that keeps a plot below some 400 positions.
function preferredWindow(windows: readonly string[], spanMs: number): string {
  return (
    windows.find((window) => spanMs / 1000 / durationSeconds(window) <= 400) ?? windows[windows.length - 1] ?? 'PT15M'
  );
}

interface Shown {
  rows: AggregateRow[];
  complete: boolean;
  query: WindowQuery;
  from: number;
  to: number;
}

// A series that has just begun fills the plot instead of clinging to its right edge.
const leastWindows = 12;

function beginning(series: Series, step: number, to: number): number {
  const first = series.first === null ? to : instant(series.first);
  return Math.min(Math.floor(first / step) * step - step, to - leastWindows * step);
}

async function load(series: Series, window: string, span: number, signal: AbortSignal): Promise<Shown> {
  // Whole windows: the range ends with the window that is open now.
  const step = durationSeconds(window) * 1000;
  const to = Math.ceil(Date.now() / step) * step;
  const from = Math.max(Math.floor((to - span) / step) * step, beginning(series, step, to));
  const query: WindowQuery = {
    tenant: series.tenant,
    device: series.dev_eui,
    measure: series.measure,
    res: resolution(window),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  };
  const { items, complete } = await windowsOf(query, maxWindows, signal);
  return { rows: items, complete, query, from: from / 1000, to: to / 1000 };
}

function Windows(props: {
  series: Series;
  window: string;
  span: number;
  lines: readonly PlotLine[];
}): preact.JSX.Element {
  const { series, window, span, lines } = props;
  const t = useText();
  const shown = useResource(
    `windows ${series.dev_eui} ${series.measure} ${window} ${span}`,
    (signal) => load(series, window, span, signal),
    renewMs,
  );
  useRenewed(series.dev_eui, shown.reload);
  return (
    <Loaded resource={shown}>
      {({ rows, complete, query, from, to }) => (
        <>
          {rows.length === 0 ? (
            <Empty>{t('plot.nodata')}</Empty>
          ) : (
            <Plot
              rows={rows}
              measure={series.measure}
              unit={series.unit}
              kind={series.kind}
              window={window}
              from={from}
              to={to}
              name={series.device || series.dev_eui}
              thresholds={lines}
            />
          )}
          {!complete && <p class="quiet">{t('plot.truncated', { count: integer(rows.length) })}</p>}
          <div class="plot-foot">
            <CsvLink query={query} name={`${series.device || series.dev_eui}_${series.measure}_${query.res}`} />
            <span class="quiet">
              {dateTime(from * 1000)} – {dateTime(to * 1000)}
            </span>
          </div>
          {rows.length > 0 && <WindowTable rows={rows} kind={series.kind} />}
        </>
      )}
    </Loaded>
  );
}

// A frame of this device changes its open window: ask again soon, though not more than every five seconds.
function useRenewed(eui: string, reload: () => void): void {
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onFrame((frame) => {
      if (frame.dev_eui !== eui || frame.type !== 'uplink' || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        latest.current();
      }, 5_000);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [eui]);
}

function CsvLink({ query, name }: { query: WindowQuery; name: string }): preact.JSX.Element {
  const t = useText();
  const bearer = useStore(token);
  const url = apiUrl('agg', { ...query, limit: 10_000, format: 'csv' });
  const file = `${name.replace(/[^\w.-]+/g, '-')}.csv`;
  const click = (event: Event): void => {
    if (!bearer) return;
    event.preventDefault();
    void download(url, file).catch(() => undefined);
  };
  return (
    <a class="button" href={url} download={file} onClick={click} data-test="csv">
      <Icon name="download" />
      {t('plot.csv')}
    </a>
  );
}
