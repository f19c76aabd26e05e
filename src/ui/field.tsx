/** A labelled text input with its hint and its error tied to it. */
import type { ComponentChildren } from 'preact';
import { StopIcon } from './icons.tsx';

export interface FieldFrameProps {
  id: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  children: ComponentChildren;
}

/** Ids for `aria-describedby`, in reading order. */
export const describedBy = (id: string, hint?: string, error?: string): string | undefined =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;

export const FieldFrame = ({ id, label, hint, error, children }: FieldFrameProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    {hint && (
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
    )}
    {error && (
      <p class="wrong" id={`${id}-error`}>
        <StopIcon />
        <span>{error}</span>
      </p>
    )}
    {children}
  </div>
);

export interface FieldProps {
  /** Also the field's id. */
  name: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  /** Which keyboard a phone shows. The type stays text: browsers rewrite what is typed into an email field. */
  keyboard?: 'text' | 'email' | 'tel';
  value?: string | undefined;
  /** `username webauthn`: the browser may offer passkeys in its list of names. */
  autocomplete?: 'username' | 'username webauthn' | 'email' | 'tel' | 'off';
  maxLength?: number;
  optional?: boolean;
  /** Names and addresses are written left to right in every language. */
  ltr?: boolean;
}

export const Field = (props: FieldProps) => {
  const { name, label, hint, error, keyboard = 'text', value, autocomplete, maxLength = 256, optional, ltr } = props;
  return (
    <FieldFrame id={name} label={label} hint={hint} error={error}>
      <input
        class="text"
        id={name}
        name={name}
        type="text"
        inputMode={keyboard}
        value={value}
        autocomplete={autocomplete ?? 'off'}
        autocapitalize="none"
        spellcheck={false}
        maxLength={maxLength}
        dir={ltr ? 'auto' : undefined}
        required={!optional}
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={describedBy(name, hint, error)}
      />
    </FieldFrame>
  );
};
