/** Amounts with names, one below the other; read from the side on which the language begins. */
import { max } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { Chart, type ChartProps, WIDTH } from './chart.tsx';

export interface BarsChartProps extends Pick<ChartProps<string>, 't' | 'title' | 'says' | 'table'> {
  bars: readonly { name: string; value: number; says: string }[];
  rtl: boolean;
}

const ROW = 46;

export function BarsChart({ t, title, says, table, bars, rtl }: BarsChartProps) {
  const x = scaleLinear()
    .domain([0, Math.max(1, max(bars, ({ value }) => value) ?? 0)])
    .range([0, WIDTH]);
  const begin = rtl ? WIDTH : 0;
  const end = rtl ? 0 : WIDTH;
  return (
    <Chart t={t} title={title} says={says} height={Math.max(1, bars.length) * ROW} table={table}>
      {bars.map(({ name, value, says: figure }, n) => (
        <g key={name}>
          <text class="name" x={begin} y={n * ROW + 16} text-anchor={rtl ? 'end' : 'start'}>
            {name}
          </text>
          <text class="figure" x={end} y={n * ROW + 16} text-anchor={rtl ? 'start' : 'end'}>
            {figure}
          </text>
          <rect class="rail" x={0} width={WIDTH} y={n * ROW + 24} height={12} rx={6} />
          <rect class="s1" x={rtl ? WIDTH - x(value) : 0} width={x(value)} y={n * ROW + 24} height={12} rx={6} />
        </g>
      ))}
    </Chart>
  );
}
