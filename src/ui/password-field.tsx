/** A password input. Paste and password managers work; the browser script adds the show/hide button, so none is dead without it. */
import type { Translate } from '../text/index.ts';
import { describedBy, FieldFrame } from './field.tsx';

export interface PasswordFieldProps {
  t: Translate;
  name: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  autocomplete: 'current-password' | 'new-password';
  /** The second field: the script takes it away where people can look at what they type. */
  repeats?: string;
  minLength?: number | undefined;
  /** Safari's and password managers' hint for generating one. */
  rules?: string | undefined;
  /** Id of a list that explains what is expected. */
  explainedBy?: string;
  /** A suggestion of ours, shown readable. What a person typed is never filled in again. */
  suggestion?: string | undefined;
}

export const PasswordField = (props: PasswordFieldProps) => {
  const { t, name, label, hint, error, autocomplete, repeats, minLength, rules, explainedBy, suggestion } = props;
  const described = [describedBy(name, hint, error), explainedBy].filter(Boolean).join(' ') || undefined;
  return (
    <div data-repeats={repeats}>
      <FieldFrame id={name} label={label} hint={hint} error={error}>
        <div class="peek" data-show={t('password.show')} data-hide={t('password.hide')}>
          <input
            class="text"
            id={name}
            name={name}
            {...(suggestion === undefined ? { type: 'password' } : { type: 'text', value: suggestion })}
            autocomplete={autocomplete}
            autocapitalize="none"
            spellcheck={false}
            minLength={minLength}
            dir="auto"
            required
            aria-invalid={error ? 'true' : undefined}
            aria-describedby={described}
            {...(rules ? { passwordrules: rules } : {})}
          />
        </div>
      </FieldFrame>
    </div>
  );
};
