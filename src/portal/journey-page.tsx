/** Where a journey stands, as a page. Every state has exactly one; a person's own details only after the first gate. */
import type { VNode } from 'preact';
import { isAnonymous, type Problem } from '../flow/journey/states.ts';
import type { Live } from '../flow/journey/store.ts';
import { usableOf } from '../flow/usable.ts';
import { minutes } from '../kernel/clock.ts';
import { paths } from '../ui/paths.ts';
import { gatePage } from './gate-page.tsx';
import { ChooseLostPage } from './pages/choose-lost-page.tsx';
import { ChooseMethodPage } from './pages/choose-method-page.tsx';
import type { CodeError } from './pages/code-error.ts';
import { ConfirmUnlockPage } from './pages/confirm-unlock-page.tsx';
import { DonePage } from './pages/done-page.tsx';
import { isMethodId, type MethodId, offerHint } from './pages/method-look.ts';
import { NewPasswordPage, type NewPasswordPageProps } from './pages/new-password-page.tsx';
import { type BlockedWhy, type Outcome, OutcomePage } from './pages/outcome-page.tsx';
import { ruleView } from './pages/rule-view.ts';
import { WaitingPage } from './pages/waiting-page.tsx';
import type { Portal, Visit } from './portal.ts';

/** How long a write without an answer is just a moment. */
const HOPE = minutes(1);

export interface Told {
  /** The answer just given came after all tries of its code were used. */
  spent?: boolean;
  /** Nothing was ticked. */
  missing?: boolean;
}

/** `suggested`: what only this answer says. `undefined`: the directory can't be asked now. */
export async function journeyPage(
  portal: Portal,
  visit: Visit,
  live: Live,
  told: Told = {},
  suggested: Pick<NewPasswordPageProps, 'suggestion' | 'error'> = {},
): Promise<VNode | undefined> {
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
  const shown = state.at === 'choosing' || state.at === 'answering' || state.at === 'choosing-lost';
  const own = anonymous || !shown ? [] : await journeys.store.authenticatorsOf(journey);
  const next = journeys.nextMethods(journey, own);
  const passwordStep = journey.kind === 'recovery' || journey.kind === 'unlock' ? 1 : 0;
  const common = {
    t,
    shell,
    step: journey.step,
    practice: journey.kind === 'practice',
    cancelAction: '/recover/cancel',
    ...(journey.kind === 'sign-in' ? { lostAction: paths.lost } : {}),
  };
  const at = (number: number, of: number) => ({ at: number, of: Math.max(of, number) + passwordStep });

  switch (state.at) {
    case 'choosing': {
      if (next.is !== 'gate') return outcome({ is: 'not-enough-ways' });
      const { problem } = state;
      const error = problem && codeProblem(portal, problem);
      const about = problem?.is === 'void' ? problem.method : undefined;
      const methods = next.methods.filter(isMethodId).map((id) => ({ id, hint: anonymous ? undefined : hint(id) }));
      return (
        <ChooseMethodPage
          {...common}
          action="/recover/method"
          gate={journey.passed.length === 0 ? 'first' : 'later'}
          methods={methods}
          progress={at(next.number, next.of)}
          {...(error ? { error } : {})}
          {...(about !== undefined && isMethodId(about) ? { about } : {})}
          settlesAt={settlesAt()}
        />
      );
    }
    case 'answering': {
      const number = journey.passed.length + 1;
      const problem: Problem | undefined = told.spent ? { is: 'void' } : state.problem;
      const mayResend = state.prompt.resendable && state.sends <= portal.deps.resends;
      const inSeconds = Math.max(0, Math.ceil((state.resendAt - portal.deps.clock.now()) / 1_000));
      return gatePage({
        ...common,
        method: state.method as MethodId,
        prompt: state.prompt,
        hint: anonymous ? undefined : hint(state.method as MethodId),
        error: problem && codeProblem(portal, problem),
        waiting: problem?.is === 'waiting',
        progress: at(number, next.is === 'gate' ? next.of : number),
        resent: state.prompt.resendable && state.sends > 1,
        resend: mayResend ? { action: '/recover/resend', inSeconds } : undefined,
        now: portal.deps.clock.now(),
        others: next.is === 'gate' ? next.methods : [],
      });
    }
    case 'waiting-out':
      return (
        <WaitingPage
          {...common}
          action="/recover/waited"
          until={state.until}
          told={state.told}
          over={portal.deps.clock.now() >= state.until}
        />
      );
    case 'confirming-unlock':
      return <ConfirmUnlockPage {...common} action="/recover/unlock" failed={state.problem !== undefined} />;
    case 'choosing-lost':
      return (
        <ChooseLostPage
          {...common}
          action={`${paths.lost}/remove`}
          factors={portal.deps.lostFactor
            .losable(own)
            .flatMap(({ id, method, label }) => (isMethodId(method) ? [{ id, method, label }] : []))}
          missing={told.missing ?? false}
        />
      );
    case 'choosing-password': {
      const found = journey.account && (await directory.load(journey.account.key));
      if (found?.is !== 'found') return undefined;
      const rules = await passwords.rules.rulesFor(found.account);
      const judged = await passwords.rules.judge(suggested.suggestion ?? '', found.account, 'here', rules);
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
          {...suggested}
        />
      );
    }
    case 'applying':
      return outcome({ is: 'one-moment', path: visit.lookAgain() });
    case 'unsettled':
      // Usually it is found out at the first look, as soon as the directory answers again.
      return portal.deps.clock.now() < state.since + HOPE
        ? outcome({ is: 'one-moment', path: visit.lookAgain() })
        : outcome({ is: 'unknown-result', signInUrl });
    case 'done':
    case 'practised':
      return (
        <DonePage
          t={t}
          shell={shell}
          name={journey.account?.givenName ?? journey.account?.displayName ?? ''}
          told={state.at === 'done' ? state.told : []}
          systems={
            state.at === 'done' && state.what !== 'unlocked' && journey.account
              ? await portal.deps.ownSystems.of(journey.account.id)
              : []
          }
          practice={state.at === 'practised'}
          unlocked={state.at === 'done' && state.what === 'unlocked'}
          rate={portal.deps.ratings.mayRate(live)}
          {...(journey.replacements[0] ? { replacementCode: journey.replacements[0] } : {})}
          signInUrl={signInUrl}
        />
      );
    case 'signed-in':
      return outcome({ is: 'expired' });
    case 'stopped': {
      if (state.why === 'blocked' && state.block === 'not-open') return outcome({ is: 'not-open' });
      if (state.why === 'blocked')
        return outcome({
          is: 'blocked',
          why: state.block as BlockedWhy,
          ...(state.until === undefined ? {} : { until: state.until }),
        });
      if (state.why === 'failed') return outcome({ is: 'blocked', why: 'missing-right' });
      if (state.why === 'not-enough-ways') return outcome({ is: state.why, until: state.until });
      return outcome({ is: state.why });
    }
  }

  /** The next instant at which something that was added lately begins to count; never looked up for a stranger. */
  function settlesAt(): number | undefined {
    const now = portal.deps.clock.now();
    const instants = own.flatMap((one) => (one.settlesAt !== undefined && one.settlesAt > now ? [one.settlesAt] : []));
    return instants.sort((a, b) => a - b)[0];
  }

  function hint(id: MethodId): string | undefined {
    const method = portal.deps.methods.get(id);
    if (!method || !journey.account) return undefined;
    const offer = method.offer(usableOf(own, method, portal.deps.clock.now()), journey.account);
    return offer && offerHint(t, offer);
  }
}

function codeProblem(portal: Portal, problem: Problem): CodeError | undefined {
  switch (problem.is) {
    case 'mismatch':
      return { is: 'mismatch', triesLeft: problem.triesLeft };
    case 'void':
      return { is: 'expired' };
    case 'unanswered':
      return { is: problem.because };
    case 'wait':
      return { is: 'wait', seconds: portal.secondsUntil(problem.until) };
    default:
      return undefined;
  }
}
