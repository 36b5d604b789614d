import type { ComponentChildren } from 'preact';

export interface StackedColumn {
  label: string;
  num?: boolean;
  hint?: string;
}

// A table that becomes a list of small cards where there is no room: each cell knows what its column is called.
export function StackedTable(props: {
  test: string;
  columns: readonly StackedColumn[];
  rows: readonly { key: string; cells: readonly ComponentChildren[] }[];
}): preact.JSX.Element {
  const { columns } = props;
  return (
    <table class="stacked" data-test={props.test}>
      <thead>
        <tr>
          {columns.map(({ label, num, hint }) => (
            <th key={label} class={num ? 'num' : undefined} title={hint}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, i) => (
              <td key={columns[i]?.label} class={columns[i]?.num ? 'num' : undefined} data-label={columns[i]?.label}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
