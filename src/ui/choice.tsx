/** Radio buttons drawn as cards: the whole card is the target. */
import type { Icon } from './icons.tsx';

export interface ChoiceOption {
  value: string;
  title: string;
  hint?: string | undefined;
  icon: Icon;
}

export interface ChoiceProps {
  name: string;
  /** Said by screen readers before the options; the page's title says it to everybody else. */
  legend: string;
  options: readonly ChoiceOption[];
  selected?: string | undefined;
}

export const Choice = ({ name, legend, options, selected }: ChoiceProps) => (
  <fieldset class="ways" id={name}>
    <legend class="unseen">{legend}</legend>
    {options.map(({ value, title, hint, icon: Drawing }) => (
      <label class="way" key={value}>
        <Drawing />
        <span>
          <b>{title}</b>
          {hint && (
            <small>
              <bdi>{hint}</bdi>
            </small>
          )}
        </span>
        <input type="radio" name={name} value={value} checked={value === selected} />
      </label>
    ))}
  </fieldset>
);
