/** What the browser script is told while somebody types: how the rules stand, in words, and how strong it is. */
import type { FastifyRequest } from 'fastify';
import type { PasswordRulesService } from '../../flow/password-rules.ts';
import type { Account } from '../../kernel/account.ts';
import type { Suggestion } from '../../policy/passwords/generator.ts';
import type { Translate } from '../../text/index.ts';
import type { StrengthView } from '../../ui/strength-meter.tsx';
import { ruleView } from './rule-view.ts';
import { strengthView } from './strength-view.ts';

export interface NewPasswordAnswer {
  /** `text` is for rules that the page does not show yet. */
  rules: { id: string; state: 'ok' | 'no' | 'open'; text: string }[];
  /** Absent: there is no estimate, which means nothing. */
  strength?: StrengthView;
}

export async function newPasswordAnswer(
  rules: Pick<PasswordRulesService, 'judge' | 'strength'>,
  t: Translate,
  password: string,
  account: Account | undefined,
): Promise<NewPasswordAnswer> {
  const [judged, strength] = await Promise.all([rules.judge(password, account), rules.strength(password, account)]);
  return {
    rules: judged.map((rule) => {
      const { id, state, text } = ruleView(t, rule);
      return { id, state, text };
    }),
    ...(strength ? { strength: strengthView(t, strength) } : {}),
  };
}

/** The script asks for data, a form for a page. */
export const wantsJson = (request: FastifyRequest): boolean => request.headers.accept === 'application/json';

/** What a page with a suggestion has beside everything else. */
export const suggestedBy = (
  made: Suggestion | undefined,
): { suggestion: string } | { error: { is: 'no-suggestion' } } =>
  made ? { suggestion: made.password } : { error: { is: 'no-suggestion' } };
