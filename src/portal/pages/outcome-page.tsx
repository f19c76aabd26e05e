/** Where a journey ends or pauses without a new password: what happened, what to do next, one button. */
import { formatMoment, formatWait, type TextKey, type TextValues } from '../../text/index.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { dial } from '../../ui/footer.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';
import { ReplacementCode } from './replacement-code.tsx';

export type Outcome =
  | { is: 'expired' | 'cancelled' | 'frozen' | 'risk' | 'not-open' }
  /** The browser looks again by itself. `path`: GET. */
  | { is: 'directory-unavailable'; path: string }
  /** `until`: ms, when something that was added lately begins to count. */
  | { is: 'not-enough-ways'; until?: number | undefined }
  /** What became of something that needs no journey. */
  | { is: 'username-asked' | 'stopped' | 'stop-unknown' }
  | { is: 'blocked'; why: BlockedWhy /** ms */; until?: number | undefined }
  | { is: 'too-many'; seconds: number }
  /** The directory gave no clear answer: the new password may or may not be in force. */
  | { is: 'unknown-result'; signInUrl?: string }
  /** Still being applied; the browser looks again by itself. `path`: GET. */
  | { is: 'one-moment'; path: string };

export type BlockedWhy =
  | 'disabled'
  | 'account-expired'
  | 'protected'
  | 'cannot-change-password'
  | 'minimum-age'
  | 'admin-locked'
  | 'missing-right'
  /** Nothing to unlock. */
  | 'not-locked';

interface OutcomeLook {
  mark: 'done' | 'wait' | 'stop';
  title: TextKey;
  text: TextKey;
  next: TextKey;
  button: 'start' | 'call' | 'sign-in' | 'again';
}

const looks = {
  expired: {
    mark: 'wait',
    title: 'outcome.expired.title',
    text: 'outcome.expired.text',
    next: 'outcome.expired.next',
    button: 'start',
  },
  cancelled: {
    mark: 'done',
    title: 'outcome.cancelled.title',
    text: 'outcome.cancelled.text',
    next: 'outcome.cancelled.next',
    button: 'start',
  },
  'not-enough-ways': {
    mark: 'stop',
    title: 'outcome.not-enough-ways.title',
    text: 'outcome.not-enough-ways.text',
    next: 'outcome.not-enough-ways.next',
    button: 'call',
  },
  'directory-unavailable': {
    mark: 'wait',
    title: 'outcome.directory-unavailable.title',
    text: 'outcome.directory-unavailable.text',
    next: 'outcome.directory-unavailable.next',
    button: 'again',
  },
  'too-many': {
    mark: 'wait',
    title: 'outcome.too-many.title',
    text: 'outcome.too-many.text',
    next: 'outcome.too-many.next',
    button: 'start',
  },
  'unknown-result': {
    mark: 'wait',
    title: 'outcome.unknown-result.title',
    text: 'outcome.unknown-result.text',
    next: 'outcome.unknown-result.next',
    button: 'sign-in',
  },
  'one-moment': {
    mark: 'wait',
    title: 'outcome.one-moment.title',
    text: 'outcome.one-moment.text',
    next: 'outcome.one-moment.next',
    button: 'again',
  },
  'blocked-disabled': {
    mark: 'stop',
    title: 'outcome.blocked-disabled.title',
    text: 'outcome.blocked-disabled.text',
    next: 'outcome.blocked.next',
    button: 'call',
  },
  'blocked-account-expired': {
    mark: 'stop',
    title: 'outcome.blocked-account-expired.title',
    text: 'outcome.blocked-account-expired.text',
    next: 'outcome.blocked.next',
    button: 'call',
  },
  'blocked-protected': {
    mark: 'stop',
    title: 'outcome.blocked-protected.title',
    text: 'outcome.blocked-protected.text',
    next: 'outcome.blocked.next',
    button: 'call',
  },
  'blocked-cannot-change-password': {
    mark: 'stop',
    title: 'outcome.blocked-cannot-change-password.title',
    text: 'outcome.blocked-cannot-change-password.text',
    next: 'outcome.blocked.next',
    button: 'call',
  },
  'blocked-minimum-age': {
    mark: 'wait',
    title: 'outcome.blocked-minimum-age.title',
    text: 'outcome.blocked-minimum-age.text',
    next: 'outcome.blocked-minimum-age.next',
    button: 'start',
  },
  'blocked-admin-locked': {
    mark: 'stop',
    title: 'outcome.blocked-admin-locked.title',
    text: 'outcome.blocked-admin-locked.text',
    next: 'outcome.blocked.next',
    button: 'call',
  },
  'blocked-missing-right': {
    mark: 'stop',
    title: 'outcome.blocked-missing-right.title',
    text: 'outcome.blocked-missing-right.text',
    next: 'outcome.blocked-missing-right.next',
    button: 'call',
  },
  frozen: {
    mark: 'stop',
    title: 'outcome.frozen.title',
    text: 'outcome.frozen.text',
    next: 'outcome.frozen.next',
    button: 'call',
  },
  'not-open': {
    mark: 'wait',
    title: 'rollout.not-open.title',
    text: 'rollout.not-open.text',
    next: 'rollout.not-open.next',
    button: 'start',
  },
  risk: {
    mark: 'stop',
    title: 'outcome.risk.title',
    text: 'outcome.risk.text',
    next: 'outcome.risk.next',
    button: 'call',
  },
  'username-asked': {
    mark: 'done',
    title: 'outcome.username-asked.title',
    text: 'outcome.username-asked.text',
    next: 'outcome.username-asked.next',
    button: 'start',
  },
  stopped: {
    mark: 'done',
    title: 'outcome.stopped.title',
    text: 'outcome.stopped.text',
    next: 'outcome.stopped.next',
    button: 'call',
  },
  'stop-unknown': {
    mark: 'wait',
    title: 'outcome.stop-unknown.title',
    text: 'outcome.stop-unknown.text',
    next: 'outcome.stop-unknown.next',
    button: 'call',
  },
  'blocked-not-locked': {
    mark: 'done',
    title: 'outcome.blocked-not-locked.title',
    text: 'outcome.blocked-not-locked.text',
    next: 'outcome.blocked-not-locked.next',
    button: 'start',
  },
} as const satisfies Record<Exclude<Outcome['is'], 'blocked'> | `blocked-${BlockedWhy}`, OutcomeLook>;

export interface OutcomePageProps extends PageProps {
  outcome: Outcome;
  /** A saved code was used on the way: its replacement is shown here, because the journey goes no further. */
  replacementCode?: string | undefined;
}

export const OutcomePage = ({ t, shell, outcome, replacementCode }: OutcomePageProps) => {
  const code = outcome.is === 'blocked' ? (`blocked-${outcome.why}` as const) : outcome.is;
  const look: OutcomeLook = looks[code];
  const values: TextValues = { when: '', wait: '', hasWhen: 'no' };
  if (outcome.is === 'blocked' && outcome.until !== undefined) {
    values['hasWhen'] = 'yes';
    values['when'] = formatMoment(shell.language, outcome.until, shell.timeZone);
  }
  if (outcome.is === 'too-many') values['wait'] = formatWait(t, outcome.seconds);
  return (
    <Layout t={t} shell={shell} title={t(look.title)}>
      <div class="card" data-again={outcome.is === 'one-moment' ? outcome.path : undefined}>
        <Mark is={look.mark} />
        <h1>{t(look.title)}</h1>
        <p>{t(look.text, values)}</p>
        {outcome.is === 'not-enough-ways' && outcome.until !== undefined && (
          <p>
            {t('outcome.not-enough-ways.settling', {
              when: formatMoment(shell.language, outcome.until, shell.timeZone),
            })}
          </p>
        )}
        <p>{t(look.next, values)}</p>
        {replacementCode && <ReplacementCode t={t} code={replacementCode} />}
        <OutcomeButton t={t} shell={shell} outcome={outcome} button={look.button} />
      </div>
    </Layout>
  );
};

type OutcomeButtonProps = PageProps & { outcome: Outcome; button: OutcomeLook['button'] };

const OutcomeButton = ({ t, shell, outcome, button }: OutcomeButtonProps) => {
  const { phone } = shell.organisation.help;
  if (button === 'call' && phone) return <ButtonLink href={dial(phone)}>{t('outcome.call', { phone })}</ButtonLink>;
  if (outcome.is === 'unknown-result' && outcome.signInUrl)
    return <ButtonLink href={outcome.signInUrl}>{t('outcome.try-sign-in')}</ButtonLink>;
  if (outcome.is === 'one-moment' || outcome.is === 'directory-unavailable')
    return <ButtonLink href={outcome.path}>{t('outcome.look-again')}</ButtonLink>;
  return <ButtonLink href={paths.start}>{t('outcome.start')}</ButtonLink>;
};
