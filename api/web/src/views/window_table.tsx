import { useState } from 'preact/hooks';
import type { AggregateRow } from '../api/types';
import { valueText } from '../format/measures';
import { integer, percent } from '../format/numbers';
import { instant, windowLabel } from '../format/time';
import { useText } from '../i18n';
import { drawnValue, shapeOf } from '../plot/rows';

const most = 100;

// The plotted windows once more as a table, the newest first, for whoever reads numbers better than pictures.
export function WindowTable({ rows, kind }: { rows: readonly AggregateRow[]; kind: string }): preact.JSX.Element {
  const t = useText();
  const [open, setOpen] = useState(false);
  const shape = shapeOf(kind);
  const place = rows.some(({ members_total }) => members_total !== undefined);
  const newest = open ? [...rows].sort((a, b) => instant(b.start) - instant(a.start)).slice(0, most) : [];
  const shown = (row: AggregateRow, value: number | null): string => {
    if (value === null) return '–';
    return shape === 'state' ? percent(value, 1) : valueText(row.measure, value, row.unit);
  };
  return (
    <details class="table-details" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('plot.table')}</summary>
      <div class="scroll">
        <table data-test="windows">
          <thead>
            <tr>
              <th>{t('col.window')}</th>
              <th class="num">
                {t(shape === 'gauge' ? 'plot.mean' : shape === 'state' ? 'plot.occupied' : 'plot.sum')}
              </th>
              {shape === 'gauge' && (
                <>
                  <th class="num">{t('plot.min')}</th>
                  <th class="num">{t('plot.max')}</th>
                </>
              )}
              <th class="num">{t(place ? 'place.sites' : 'col.coverage')}</th>
              <th>{t('col.state')}</th>
            </tr>
          </thead>
          <tbody>
            {newest.map((row) => (
              <tr key={row.start} class={row.final ? undefined : 'provisional'}>
                <td class="num-left">{windowLabel(row.start, row.end)}</td>
                <td class="num">{shown(row, drawnValue(row, shape))}</td>
                {shape === 'gauge' && (
                  <>
                    <td class="num">{shown(row, row.min)}</td>
                    <td class="num">{shown(row, row.max)}</td>
                  </>
                )}
                <td class="num">
                  {row.members_total !== undefined
                    ? t('place.counted', { n: integer(row.members_used ?? 0), all: integer(row.members_total) })
                    : row.coverage === null
                      ? '–'
                      : percent(row.coverage)}
                  {row.valid === false && ` (${t('plot.invalid')})`}
                </td>
                <td>
                  {t(row.final ? 'plot.final' : 'plot.provisional')}
                  {row.revision > 0 ? `, ${t('plot.revision', { n: row.revision })}` : ''}
                  {row.left_out ? `, ${t('plot.leftout', { n: integer(row.left_out) })}` : ''}
                  {row.quality && row.quality !== 'P' && `, ${t(`quality.${row.quality}`)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most && <p class="quiet">{t('state.truncated', { count: integer(most) })}</p>}
    </details>
  );
}
