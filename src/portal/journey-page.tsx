/** Where a journey stands, as a page. Every state has exactly one; a person's own details only after the first gate. */
import type { VNode } from 'preact';
import { isAnonymous, type Problem } from '../flow/journey/states.ts';
import { type Live, usableOf } from '../flow/journey/store.ts';
import { ChooseMethodPage } from './pages/choose-method-page.tsx';
import type { CodeError } from './pages/code-error.ts';
import { DonePage } from './pages/done-page.tsx';
import { EnterCodePage } from './pages/enter-code-page.tsx';
import { isMethodId, type MethodId, offerHint } from './pages/method-look.ts';
import { NewPasswordPage } from './pages/new-password-page.tsx';
import { type BlockedWhy, type Outcome, OutcomePage } from './pages/outcome-page.tsx';
import { ruleView } from './pages/rule-view.ts';
import type { Portal, Visit } from './portal.ts';

/**
 * `spent`: the answer just given came after all tries of its code were used. `undefined`: the directory can't be asked now.
 */
export async function journeyPage(portal: Portal, visit: Visit, live: Live, spent = false): Promise<VNode | undefined> {
  const { journeys, passwords, directory, signInUrl } = portal.deps;
  const { journey } = live;
  const { t } = visit;
  const { state } = journey;
  const shell = visit.shell();
  // Whoever finds an expired journey on a shared computer must not be given somebody's code.
  const replacementCode = state.at === 'stopped' && state.why === 'expired' ? undefined : journey.replacements[0];
  const outcome = (is: Outcome): VNode => (
    <OutcomePage t={t} shell={shell} outcome={is} replacementCode={replacementCode} />
  );
  const anonymous = isAnonymous(journey);
  // Not even looked up for a stranger: this answer has no floor, and only real accounts have any.
  const own = anonymous ? [] : await journeys.store.authenticatorsOf(journey);
  const next = journeys.nextMethods(journey, own);
  const passwordStep = journey.kind === 'recovery' ? 1 : 0;
  const common = {
    t,
    shell,
    step: journey.step,
    practice: journey.kind === 'practice',
    cancelAction: '/recover/cancel',
  };
  const at = (number: number, of: number) => ({ at: number, of: Math.max(of, number) + passwordStep });

  switch (state.at) {
    case 'choosing': {
      if (next.is !== 'gate') return outcome({ is: 'not-enough-ways' });
      const error = state.problem && codeProblem(portal, state.problem);
      const methods = next.methods.filter(isMethodId).map((id) => ({ id, hint: anonymous ? undefined : hint(id) }));
      return (
        <ChooseMethodPage
          {...common}
          action="/recover/method"
          gate={journey.passed.length === 0 ? 'first' : 'later'}
          methods={methods}
          progress={at(next.number, next.of)}
          {...(error ? { error } : {})}
        />
      );
    }
    case 'answering': {
      const number = journey.passed.length + 1;
      const method = state.method as MethodId;
      const sentTo = anonymous || method !== 'email' ? undefined : hint('email');
      const problem: Problem | undefined = spent ? { is: 'void' } : state.problem;
      const error = problem && codeProblem(portal, problem);
      const mayResend = state.prompt.resendable && state.sends <= portal.deps.resends;
      return (
        <EnterCodePage
          {...common}
          action="/recover/answer"
          method={method}
          alphabet={state.prompt.alphabet}
          length={state.prompt.length}
          progress={at(number, next.is === 'gate' ? next.of : number)}
          resent={state.prompt.resendable && state.sends > 1}
          anotherAction="/recover/another"
          {...(sentTo ? { sentTo } : {})}
          {...(error ? { error } : {})}
          {...(mayResend
            ? {
                resend: {
                  action: '/recover/resend',
                  inSeconds: Math.max(0, Math.ceil((state.resendAt - portal.deps.clock.now()) / 1_000)),
                },
              }
            : {})}
        />
      );
    }
    case 'choosing-password': {
      const found = journey.account && (await directory.load(journey.account.key));
      if (found?.is !== 'found') return undefined;
      const rules = await passwords.rules.rulesFor(found.account);
      const judged = await passwords.rules.judge('', found.account);
      const { problem } = state;
      const gates = journey.passed.length + 1;
      return (
        <NewPasswordPage
          {...common}
          action="/recover/password"
          username={found.account.username}
          rules={judged.map((rule) => ruleView(t, rule))}
          rulesUrl="/recover/password/rules"
          minLength={rules.minLength}
          maxLength={rules.maxLength}
          progress={{ at: gates, of: gates }}
          {...(problem?.is === 'differs' ? { error: { is: 'differ' } } : {})}
          {...(problem?.is === 'refused' ? { error: { is: 'refused', refusals: problem.rules } } : {})}
          {...(problem?.is === 'not-applied' ? { error: { is: 'not-applied' } } : {})}
        />
      );
    }
    case 'applying':
      return outcome({ is: 'one-moment', path: '/recover' });
    case 'unsettled':
      return outcome({ is: 'unknown-result', signInUrl });
    case 'done':
    case 'practised':
      return (
        <DonePage
          t={t}
          shell={shell}
          name={journey.account?.givenName ?? journey.account?.displayName ?? ''}
          told={state.at === 'done' ? state.told : []}
          practice={state.at === 'practised'}
          {...(journey.replacements[0] ? { replacementCode: journey.replacements[0] } : {})}
          signInUrl={signInUrl}
        />
      );
    case 'signed-in':
      return outcome({ is: 'expired' });
    case 'stopped': {
      if (state.why === 'blocked')
        return outcome({
          is: 'blocked',
          why: state.block as BlockedWhy,
          ...(state.until === undefined ? {} : { until: state.until }),
        });
      if (state.why === 'failed' || state.why === 'frozen') return outcome({ is: 'blocked', why: 'missing-right' });
      return outcome({ is: state.why });
    }
  }

  function hint(id: MethodId): string | undefined {
    const offer = portal.deps.methods.get(id)?.offer(usableOf(own, id));
    return offer && offerHint(t, offer);
  }
}

function codeProblem(portal: Portal, problem: Problem): CodeError | undefined {
  switch (problem.is) {
    case 'mismatch':
      return { is: 'mismatch', triesLeft: problem.triesLeft };
    case 'void':
      return { is: 'expired' };
    case 'wait':
      return { is: 'wait', seconds: portal.secondsUntil(problem.until) };
    default:
      return undefined;
  }
}
