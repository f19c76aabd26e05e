/** One input for a whole code: it can be pasted or filled in with spaces and hyphens, and reads left to right everywhere. */
import { describedBy, FieldFrame } from './field.tsx';

export interface CodeFieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  alphabet: 'digits' | 'crockford';
  length: number;
  name?: string;
}

export const CodeField = ({ label, hint, error, alphabet, length, name = 'code' }: CodeFieldProps) => {
  const digits = alphabet === 'digits';
  return (
    <FieldFrame id={name} label={label} hint={hint} error={error}>
      <input
        class={digits ? 'text code' : 'text code long mono'}
        id={name}
        name={name}
        type="text"
        dir="ltr"
        inputMode={digits ? 'numeric' : 'text'}
        autocomplete={digits ? 'one-time-code' : 'off'}
        autocapitalize={digits ? 'none' : 'characters'}
        autocorrect="off"
        spellcheck={false}
        maxLength={length * 3}
        required
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={describedBy(name, hint, error)}
      />
    </FieldFrame>
  );
};
