/** The two inputs of a new password with its rules, the same for recovery and change. Never refilled. */
import type { Translate } from '../../text/index.ts';
import type { Mistake } from '../../ui/error-summary.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { RulesList, type RuleView } from '../../ui/rules-list.tsx';
import { StrengthMeter, type StrengthView } from '../../ui/strength-meter.tsx';
import { type Refusal, refusalText } from './rule-view.ts';

export interface NewPasswordInput {
  rules: readonly RuleView[];
  /** Where the script asks how the rules stand (new-password-answer.ts). */
  rulesUrl?: string;
  minLength?: number;
  maxLength?: number;
  /** Fills the first field, readable, and leaves out the second. */
  suggestion?: string;
  /** Shown once something is typed. */
  strength?: StrengthView;
  /** Why the last one was not taken. Fields `password` and `again`. */
  error?:
    | { is: 'missing' | 'differ' | 'not-applied' | 'no-suggestion' }
    | { is: 'refused'; refusals: readonly Refusal[] };
}

const mistakes = {
  missing: (t) => ({ text: t('password.missing'), field: 'password' }),
  differ: (t) => ({ text: t('password.differ'), field: 'again' }),
  'not-applied': (t) => ({ text: t('password.not-applied'), field: 'password' }),
  'no-suggestion': (t) => ({ text: t('suggest.none') }),
} as const satisfies Record<string, (t: Translate) => Mistake>;

export function newPasswordMistakes(t: Translate, { error }: NewPasswordInput): Mistake[] {
  if (!error) return [];
  if (error.is === 'refused') {
    const texts = error.refusals.map((refusal) => refusalText(t, refusal));
    return (texts.length > 0 ? texts : [t('refused.quality')]).map((text) => ({ text, field: 'password' }));
  }
  return [mistakes[error.is](t)];
}

export const newPasswordHeading = (t: Translate, { error }: NewPasswordInput): string => {
  if (error?.is === 'refused') return t('password.refused', { n: Math.max(1, error.refusals.length) });
  if (error?.is === 'not-applied' || error?.is === 'no-suggestion') return t('change.failed');
  return t(error?.is === 'differ' ? 'mistake.look' : 'mistake.missing');
};

const passwordRules = (min = 15, max = 128) => `minlength: ${min}; maxlength: ${max}; allowed: unicode;`;

export const NewPasswordFields = ({ t, ...input }: NewPasswordInput & { t: Translate }) => {
  const found = newPasswordMistakes(t, input);
  // The reasons stand above the title; the field only says that it is meant.
  const wrongIn = (field: string) =>
    input.error?.is === 'refused' && field === 'password'
      ? t('password.another')
      : found.find((mistake) => mistake.field === field)?.text;
  const rules = passwordRules(input.minLength, input.maxLength);
  return (
    <>
      {input.suggestion !== undefined && (
        <div class="suggested">
          <p class="soft">{t('suggest.note')}</p>
          <code class="secret" dir="ltr">
            {input.suggestion}
          </code>
        </div>
      )}
      <PasswordField
        t={t}
        name="password"
        label={t('password.new')}
        error={wrongIn('password')}
        autocomplete="new-password"
        minLength={input.minLength}
        rules={rules}
        explainedBy="rules"
        suggestion={input.suggestion}
      />
      <StrengthMeter strength={input.strength} />
      <RulesList t={t} id="rules" rules={input.rules} url={input.rulesUrl} />
      {input.suggestion === undefined && (
        <PasswordField
          t={t}
          name="again"
          label={t('password.again')}
          error={wrongIn('again')}
          autocomplete="new-password"
          minLength={input.minLength}
          rules={rules}
          repeats="password"
        />
      )}
    </>
  );
};
