/** Lines and numbers at the side of a chart: few, round, and never above what is drawn. */
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { WIDTH } from './chart.tsx';

export const LEFT = 56;
export const TOP = 12;
export const BOTTOM = 28;

export const amountScale = (most: number, height: number): ScaleLinear<number, number> =>
  scaleLinear()
    .domain([0, Math.max(1, most)])
    .nice(4)
    .range([height - BOTTOM, TOP]);

export const AmountAxis = ({ y, format }: { y: ScaleLinear<number, number>; format: (n: number) => string }) => (
  <g class="axis">
    {y.ticks(4).map((tick) => (
      <g key={tick}>
        <line x1={LEFT} x2={WIDTH} y1={y(tick)} y2={y(tick)} />
        <text x={LEFT - 8} y={y(tick)} dy="0.32em" text-anchor="end">
          {format(tick)}
        </text>
      </g>
    ))}
  </g>
);

/** Names along the bottom: the first, the last, and some between that don't touch. */
export function NameAxis({ names, x, height }: { names: readonly string[]; x: (n: number) => number; height: number }) {
  const widest = Math.max(1, ...names.map((name) => name.length));
  const fits = Math.max(2, Math.floor((WIDTH - LEFT) / (widest * 9 + 16)));
  const every = Math.max(1, Math.ceil(names.length / fits));
  return (
    <g class="axis">
      {names.map(
        (name, n) =>
          n % every === 0 && (
            <text key={name} x={x(n)} y={height - 8} text-anchor="middle">
              {name}
            </text>
          ),
      )}
    </g>
  );
}
