/** A share over time. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { AmountAxis, amountScale, LEFT, NameAxis } from './axis.tsx';
import { Chart, type ChartProps, WIDTH } from './chart.tsx';

export interface LineChartProps extends Pick<ChartProps<string>, 't' | 'title' | 'says' | 'table'> {
  /** `value`: 0 to 1. */
  points: readonly { short: string; value: number }[];
  format(share: number): string;
}

const HEIGHT = 220;

export function LineChart({ t, title, says, table, points, format }: LineChartProps) {
  const y = amountScale(1, HEIGHT);
  const x = scaleLinear()
    .domain([0, Math.max(1, points.length - 1)])
    .range([LEFT + 24, WIDTH - 24]);
  const drawn = line<{ value: number }>()
    .x((_, n) => x(n))
    .y(({ value }) => y(value))([...points]);
  return (
    <Chart t={t} title={title} says={says} height={HEIGHT} table={table}>
      <AmountAxis y={y} format={format} />
      {drawn !== null && <path class="line" d={drawn} />}
      {points.length < 40 &&
        points.map(({ short, value }, n) => <circle key={short} class="s1" cx={x(n)} cy={y(value)} r={3.5} />)}
      <NameAxis names={points.map(({ short }) => short)} x={x} height={HEIGHT} />
    </Chart>
  );
}
