/** A few numbers that matter, each with what it counts. */
import type { ComponentChildren } from 'preact';

export interface Figure {
  label: string;
  value: string | number;
  note?: ComponentChildren;
  /** The words carry it; the colour only repeats it. */
  tone?: 'good' | 'wait' | 'bad' | undefined;
}

export const Figures = ({ items }: { items: readonly Figure[] }) => (
  <ul class="figures">
    {items.map(({ label, value, note, tone }) => (
      <li key={label} class={tone}>
        <span class="figure">{value}</span>
        <span class="label">{label}</span>
        {note && <small>{note}</small>}
      </li>
    ))}
  </ul>
);
