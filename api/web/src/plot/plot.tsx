import { useEffect, useRef, useState } from 'preact/hooks';
import { useStore } from '../store';
import { language, useText } from '../i18n';
import { dateTime, durationText } from '../format/time';
import { measureName } from '../format/measures';
import type { AggregateRow } from '../api/types';
import { draw, type Drawing } from './draw';
import type { PlotLine } from './options';
import { columns, shapeOf } from './rows';
import { useScheme } from './theme';
import { describe } from './tooltip';

export interface PlotProps {
  rows: readonly AggregateRow[];
  measure: string;
  unit: string;
  kind: string;
  window: string;
  from: number;
  to: number;
  name: string;
  thresholds?: readonly PlotLine[];
}

const height = 300;

// One series: legend, plot, coverage strip. Everything that the pointer can do, the arrow keys can do too.
export function Plot(props: PlotProps): preact.JSX.Element {
  const t = useText();
  const lang = useStore(language);
  const scheme = useScheme();
  const host = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const view = useRef<{ from: number; to: number } | null>(null);
  const [spoken, setSpoken] = useState('');
  const [zoomed, setZoomed] = useState(false);
  const shape = shapeOf(props.kind);
  const data = columns(props.rows, shape, props.window);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    // Fresh rows must not throw away the reader's zoom.
    const kept = view.current;
    const made = draw({
      host: element,
      columns: data,
      unit: props.unit,
      from: props.from,
      to: props.to,
      height,
      thresholds: props.thresholds ?? [],
      onZoom: (from, to, less) => {
        view.current = less ? { from, to } : null;
        setZoomed(less);
      },
    });
    drawing.current = made;
    if (kept) made.zoomTo(kept.from, kept.to);
    const watcher = new ResizeObserver(() => made.resize(element.clientWidth));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      drawing.current = null;
    };
  }, [props.rows, props.window, props.from, props.to, props.kind, props.thresholds, lang, scheme]);

  const pressed = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const index = drawing.current?.step(by) ?? null;
    const row = index === null ? null : data.rows[index];
    if (!row) return;
    const { head, main, lines, state } = describe(row);
    setSpoken([head, main, ...lines, state].join('; '));
  };

  const present = data.rows.filter((row) => row !== null);
  const label = t('plot.summary', {
    name: `${props.name}, ${measureName(props.measure)}`,
    count: present.length,
    window: durationText(data.step),
    from: dateTime(props.from * 1000),
    to: dateTime(props.to * 1000),
  });
  return (
    <figure class="plot">
      <Legend
        shape={shape}
        provisional={present.some((row) => !row.final)}
        unknown={present.some((row) => row.coverage === null)}
        leftOut={present.some((row) => (row.left_out ?? 0) > 0)}
        thresholds={props.thresholds ?? []}
        place={present.some((row) => row.members_total !== undefined)}
      />
      <div class="plot-host" ref={host} tabIndex={0} role="img" aria-label={label} onKeyDown={pressed} />
      <p class="visually-hidden" aria-live="polite">
        {spoken}
      </p>
      <figcaption class="plot-caption">
        <span>{t('plot.gap')}</span> <span class="wide-only">{t('plot.keys')}</span>
        {zoomed && (
          <button type="button" class="link" onClick={() => drawing.current?.reset()}>
            {t('plot.reset')}
          </button>
        )}
      </figcaption>
    </figure>
  );
}

function Legend(props: {
  shape: string;
  provisional: boolean;
  unknown: boolean;
  leftOut: boolean;
  thresholds: readonly PlotLine[];
  place: boolean;
}): preact.JSX.Element {
  const { shape, provisional, unknown } = props;
  const t = useText();
  const main = shape === 'gauge' ? 'plot.mean' : shape === 'state' ? 'plot.share' : 'plot.sum';
  return (
    <ul class="plot-legend">
      <li>
        <i class={shape === 'gauge' ? 'key-line' : 'key-bar'} />
        {t(main)}
      </li>
      {shape === 'gauge' && (
        <li>
          <i class="key-band" />
          {t('plot.band')}
        </li>
      )}
      {provisional && (
        <li>
          <i class={shape === 'gauge' ? 'key-line dashed' : 'key-bar dashed'} />
          {t('plot.provisional')}
        </li>
      )}
      <li>
        <i class="key-coverage" />
        {t(props.place ? 'place.coverage' : 'plot.coverage')}
      </li>
      <li>
        <i class="key-coverage bad" />
        {t('plot.invalid')}
      </li>
      {unknown && (
        <li>
          <i class="key-line unknown" />
          {t('plot.unknown')}
        </li>
      )}
      {props.leftOut && (
        <li>
          <i class="key-left-out" />
          {t('plot.leftout.key')}
        </li>
      )}
      {props.thresholds.map(({ label, severity }) => (
        <li key={label}>
          <i class={`key-line threshold ${severity}`} />
          {t('plot.threshold', { label })}
        </li>
      ))}
    </ul>
  );
}
