/** "How safe am I?": which ways back in there are, what is missing, what to do about it. */
import type { OwnSystem } from '../../flow/own-systems.ts';
import { formatDay, formatMoment, type TextKey } from '../../text/index.ts';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Notice } from '../../ui/notice.tsx';
import { paths } from '../../ui/paths.ts';
import { SystemsList } from '../../ui/systems-list.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import { type ActivityLine, OwnActivity } from './own-activity.tsx';
import { OwnSessions, type SessionLine } from './own-sessions.tsx';
import { OwnSystems } from './own-systems.tsx';
import type { PageProps } from './page.ts';

export type WayState = 'ready' | 'unconfirmed' | 'same-mailbox' | 'settling' | 'disabled';

export interface Way {
  /** The authenticator's id. */
  id: string;
  method: MethodId;
  /** Masked address or the person's own name for it. */
  label?: string;
  state: WayState;
  /** Saved codes only. */
  codesLeft?: number;
  /** ms */
  lastUsedAt?: number;
  /** GET: the page that asks before it removes. */
  removeUrl?: string;
  /** GET: give it another name. */
  renameUrl?: string;
  /** ms: opens nothing before. */
  settlesAt?: number;
  /** GET: where an unconfirmed address is confirmed. */
  confirmUrl?: string;
}

/** What keeps this person from getting back in, worst first. */
export type SafetyGap =
  | 'frozen'
  | 'no-way'
  | 'one-more'
  | 'same-mailbox'
  | 'unconfirmed'
  | 'disabled'
  | 'few-codes'
  | 'reconfirm';

export interface SafetyPageProps extends PageProps {
  ways: readonly Way[];
  /** Methods that could be added: shown as lines with "add". */
  missing: readonly { method: MethodId; addUrl: string }[];
  gaps: readonly SafetyGap[];
  notice?: keyof typeof notices;
  sessions: readonly SessionLine[];
  activity: readonly ActivityLine[];
  /** Connected systems that got the newest password, or wait for it. */
  systems: readonly OwnSystem[];
}

const states = {
  ready: { text: 'ways.ready', tone: 'good' },
  unconfirmed: { text: 'ways.unconfirmed', tone: 'late' },
  'same-mailbox': { text: 'ways.same-mailbox', tone: 'late' },
  settling: { text: 'ways.settling', tone: 'late' },
  disabled: { text: 'ways.disabled', tone: 'late' },
} as const satisfies Record<WayState, { text: TextKey; tone: 'good' | 'late' }>;

const gapTexts = {
  frozen: 'safety.gap.frozen',
  'no-way': 'safety.gap.no-way',
  'one-more': 'safety.gap.one-more',
  'same-mailbox': 'safety.gap.same-mailbox',
  unconfirmed: 'safety.gap.unconfirmed',
  disabled: 'safety.gap.disabled',
  'few-codes': 'safety.gap.few-codes',
  reconfirm: 'safety.gap.reconfirm',
} as const satisfies Record<SafetyGap, TextKey>;

const notices = {
  added: 'safety.added',
  removed: 'safety.removed',
  renamed: 'safety.renamed',
  reconfirmed: 'safety.reconfirmed',
  ended: 'safety.ended',
  'signed-in': 'safety.signed-in',
} as const satisfies Record<string, TextKey>;

export const SafetyPage = (props: SafetyPageProps) => {
  const { t, shell, ways, missing, gaps, notice, sessions, activity, systems } = props;
  const safe = gaps.length === 0;
  return (
    <Layout t={t} shell={shell} title={t('safety.title')}>
      <div class="card">
        {notice && (
          <Notice news>
            <p>{t(notices[notice])}</p>
          </Notice>
        )}
        <h1>{t('safety.title')}</h1>
        <p class="soft">{t(ways.length === 0 ? 'safety.lead-none' : 'safety.lead')}</p>
        <SystemsList
          lines={[
            ...ways.map((way) => wayLine(t, shell, way)),
            ...missing.map(({ method, addUrl }) => ({
              id: `add-${method}`,
              name: t(lookOf(method).name),
              action: (
                <a href={addUrl} aria-label={t('ways.add-named', { name: t(lookOf(method).name) })}>
                  {t('ways.add')}
                </a>
              ),
            })),
          ]}
        />
        {safe ? (
          <Notice title={t('safety.safe.title')}>
            <p>{t('safety.safe.text')}</p>
          </Notice>
        ) : (
          <Notice tone="wait" title={t('safety.gap.title', { n: gaps.length })}>
            {gaps.map((gap) => (
              <p key={gap}>{t(gapTexts[gap])}</p>
            ))}
          </Notice>
        )}
        {gaps.includes('reconfirm') && (
          <Form shell={shell} action="/safety/reconfirm">
            <Button look="quiet">{t('safety.reconfirm')}</Button>
          </Form>
        )}
        {!safe && <ButtonLink href={paths.addWay}>{t('safety.add')}</ButtonLink>}
        <Form shell={shell} action={paths.practice}>
          <Button look={safe ? 'main' : 'quiet'}>{t('safety.practice')}</Button>
        </Form>
        <ul class="or">
          {safe && (
            <li>
              <a href={paths.addWay}>{t('safety.add')}</a>
            </li>
          )}
          <li>
            <a href={paths.change}>{t('safety.change')}</a>
          </li>
          <li>
            <a href={paths.helperCheck}>{t('desk.check.link')}</a>
          </li>
        </ul>
      </div>
      {systems.length > 0 && (
        <div class="card">
          <OwnSystems t={t} systems={systems} url={paths.ownSystems} />
        </div>
      )}
      <OwnSessions t={t} shell={shell} sessions={sessions} />
      <OwnActivity t={t} shell={shell} activity={activity} />
    </Layout>
  );
};

function wayLine(t: PageProps['t'], shell: PageProps['shell'], way: Way) {
  const name = t(lookOf(way.method).name);
  const details = [
    way.label,
    way.codesLeft === undefined ? undefined : t('ways.codes-left', { n: way.codesLeft }),
    way.lastUsedAt === undefined
      ? undefined
      : t('ways.last-used', { day: formatDay(shell.language, way.lastUsedAt, shell.timeZone) }),
    way.state === 'settling' && way.settlesAt !== undefined
      ? t('ways.settles', { when: formatMoment(shell.language, way.settlesAt, shell.timeZone) })
      : undefined,
  ].filter((detail) => detail !== undefined);
  const spoken = way.label ? `${name} ${way.label}` : name;
  return {
    id: way.id,
    name,
    details,
    tone: states[way.state].tone,
    state: t(states[way.state].text),
    action: (way.confirmUrl || way.renameUrl || way.removeUrl) && (
      <>
        {way.confirmUrl && (
          <a href={way.confirmUrl} aria-label={t('ways.confirm-named', { name: spoken })}>
            {t('ways.confirm')}
          </a>
        )}
        {way.renameUrl && (
          <a href={way.renameUrl} aria-label={t('ways.rename-named', { name: spoken })}>
            {t('ways.rename')}
          </a>
        )}
        {way.removeUrl && (
          <a href={way.removeUrl} aria-label={t('ways.remove-named', { name: spoken })}>
            {t('ways.remove')}
          </a>
        )}
      </>
    ),
  };
}
