import type { ComponentChildren } from 'preact';
import { useText } from '../i18n';

export interface Column {
  label: string;
  num?: boolean;
}

export interface TableRow {
  key: string;
  cells: readonly ComponentChildren[];
  weak?: boolean;
}

// What a picture shows once more as a table, for whoever reads numbers better.
export function TableBehind(props: {
  columns: readonly Column[];
  rows: readonly TableRow[];
  test: string;
  summary?: string; // where it says more than the picture
}): preact.JSX.Element {
  const t = useText();
  return (
    <details class="table-details">
      <summary>{props.summary ?? t('plot.table')}</summary>
      <div class="scroll">
        <NumberTable {...props} />
      </div>
    </details>
  );
}

export function NumberTable(props: {
  columns: readonly Column[];
  rows: readonly TableRow[];
  test: string;
}): preact.JSX.Element {
  const { columns } = props;
  return (
    <table data-test={props.test}>
      <thead>
        <tr>
          {columns.map(({ label, num }) => (
            <th key={label} class={num ? 'num' : undefined}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map(({ key, cells, weak }) => (
          <tr key={key} class={weak ? 'provisional' : undefined}>
            {cells.map((cell, i) => (
              <td key={columns[i]?.label} class={columns[i]?.num ? 'num' : undefined}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
