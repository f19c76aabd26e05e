/** The frame of every chart: a title, the drawing with one sentence for whoever can't see it, and the same numbers as a table. */
import type { ComponentChildren } from 'preact';
import type { Translate } from '../../../text/index.ts';
import { DataTable, type DataTableProps } from '../data-table.tsx';

export const WIDTH = 640;

export interface ChartProps<Key extends string> {
  t: Translate;
  title: string;
  /** What the drawing shows, in one sentence. */
  says: string;
  /** Of the drawing, in its own units. */
  height: number;
  table: Pick<DataTableProps<Key>, 'columns' | 'rows'>;
  /** What colours mean, in their order. */
  legend?: readonly string[];
  children: ComponentChildren;
}

export function Chart<Key extends string>({ t, title, says, height, table, legend = [], children }: ChartProps<Key>) {
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      {legend.length > 0 && (
        <ul class="legend">
          {legend.map((name, n) => (
            <li key={name} class={`s${n + 1}`}>
              {name}
            </li>
          ))}
        </ul>
      )}
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={says} direction="ltr">
        {children}
      </svg>
      <details>
        <summary>{t('reports.table')}</summary>
        <DataTable caption={title} empty="" {...table} />
      </details>
    </figure>
  );
}
