/** Amounts over time as columns, each made of the same parts, one upon the other. */
import { max, sum } from 'd3-array';
import { scaleBand } from 'd3-scale';
import { AmountAxis, amountScale, LEFT, NameAxis } from './axis.tsx';
import { Chart, type ChartProps, WIDTH } from './chart.tsx';

export interface ColumnsChartProps extends Pick<ChartProps<string>, 't' | 'title' | 'says'> {
  parts: readonly string[];
  /** `values` in the order of `parts`. */
  columns: readonly { name: string; short: string; values: readonly number[] }[];
  /** What `name` is: the title of the first column of the table. */
  nameTitle: string;
  format(n: number): string;
}

const HEIGHT = 240;

export function ColumnsChart({ t, title, says, parts, columns, nameTitle, format }: ColumnsChartProps) {
  const y = amountScale(max(columns, ({ values }) => sum(values)) ?? 0, HEIGHT);
  const x = scaleBand<number>(
    columns.map((_, n) => n),
    [LEFT, WIDTH],
  ).padding(0.2);
  const at = (n: number) => (x(n) ?? 0) + x.bandwidth() / 2;
  return (
    <Chart
      t={t}
      title={title}
      says={says}
      height={HEIGHT}
      legend={parts.length > 1 ? parts : []}
      table={{
        columns: [
          { key: 'name', title: nameTitle },
          ...parts.map((part) => ({ key: part, title: part, numeric: true })),
        ],
        rows: columns.map(({ name, values }) => ({
          cells: Object.fromEntries([['name', name], ...parts.map((part, n) => [part, format(values[n] ?? 0)])]),
        })),
      }}
    >
      <AmountAxis y={y} format={format} />
      {columns.map(({ name, values }, n) =>
        values.map((value, part) => {
          const below = sum(values.slice(0, part));
          return (
            value > 0 && (
              <rect
                key={`${name} ${parts[part]}`}
                class={`s${part + 1}`}
                x={x(n)}
                width={x.bandwidth()}
                y={y(below + value)}
                height={y(below) - y(below + value)}
              />
            )
          );
        }),
      )}
      <NameAxis names={columns.map(({ short }) => short)} x={at} height={HEIGHT} />
    </Chart>
  );
}
