/** A labelled list to choose one from, with its error tied to it. */
import { describedBy, FieldFrame } from './field.tsx';

export interface SelectProps {
  /** Also the field's id. */
  name: string;
  label: string;
  /** First line while nothing is chosen. */
  empty: string;
  options: readonly { value: string; text: string }[];
  selected?: string | undefined;
  error?: string | undefined;
}

export const Select = ({ name, label, empty, options, selected, error }: SelectProps) => (
  <FieldFrame id={name} label={label} error={error}>
    <select
      class="text"
      id={name}
      name={name}
      required
      aria-invalid={error ? 'true' : undefined}
      aria-describedby={describedBy(name, undefined, error)}
    >
      <option value="">{empty}</option>
      {options.map(({ value, text }) => (
        <option key={value} value={value} selected={value === selected}>
          {text}
        </option>
      ))}
    </select>
  </FieldFrame>
);
