/** Where the person is signed in, and the way out of each. */
import { formatMoment, type TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { SystemsList } from '../../ui/systems-list.tsx';
import type { PageProps } from './page.ts';

export interface SessionLine {
  id: string;
  /** What the browser says of itself. Hostile. */
  userAgent: string;
  /** ms */
  createdAt: number;
  seenAt: number;
  present: boolean;
}

/** Coarse on purpose: enough to know one's own devices by, and hard to get wrong. */
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];
const BROWSERS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const first = (list: [RegExp, string][], text: string) => list.find(([pattern]) => pattern.test(text))?.[1];

export function deviceName(userAgent: string): string | undefined {
  const parts = [first(BROWSERS, userAgent), first(SYSTEMS, userAgent)].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}

export const OwnSessions = ({ t, shell, sessions }: PageProps & { sessions: readonly SessionLine[] }) => (
  <section class="card" aria-labelledby="sessions">
    <h2 id="sessions">{t('sessions.title')}</h2>
    <SystemsList
      lines={sessions.map(({ id, userAgent, createdAt, seenAt, present }) => {
        const name = deviceName(userAgent) ?? t('sessions.unknown');
        const moment = (at: number) => formatMoment(shell.language, at, shell.timeZone);
        const seen: TextKey = 'sessions.seen';
        return {
          id,
          name,
          details: [t('sessions.since', { when: moment(createdAt) }), t(seen, { when: moment(seenAt) })],
          ...(present ? { tone: 'good' as const, state: t('sessions.this') } : {}),
          action: !present && (
            <Form shell={shell} action="/safety/sessions/end">
              <input type="hidden" name="session" value={id} />
              <Button look="link">{t('sessions.end')}</Button>
            </Form>
          ),
        };
      })}
    />
    {sessions.length > 1 && (
      <Form shell={shell} action="/safety/sessions/end">
        <Button look="quiet">{t('sessions.end-others')}</Button>
      </Form>
    )}
  </section>
);
