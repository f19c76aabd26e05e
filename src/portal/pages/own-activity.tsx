/** What happened to the account lately, in words, and everything that is kept as a file. */
import { formatMoment, type TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { SystemsList } from '../../ui/systems-list.tsx';
import { isMethodId, lookOf } from './method-look.ts';
import type { PageProps } from './page.ts';

export interface ActivityLine {
  event: string;
  outcome: string;
  /** ms */
  at: number;
  ip?: string | undefined;
  method?: string | undefined;
}

/** Endings of event names, and what they mean to the person. */
const SAYS: [RegExp, TextKey][] = [
  [/\.password-set$/, 'activity.password-set'],
  [/\.password-(refused|failed|not-set|unknown)$/, 'activity.password-not-set'],
  [/\.verified$/, 'activity.verified'],
  [/\.(mismatched|voided)$/, 'activity.mismatched'],
  [/\.(stopped|waiting)$/, 'activity.stopped'],
  [/^enrolment\.added$/, 'activity.added'],
  [/^enrolment\.renamed$/, 'activity.renamed'],
  [/^enrolment\.confirmed$/, 'activity.confirmed'],
  [/^(enrolment\.(removed|cleared)|authenticator\.disabled)$/, 'activity.removed'],
  [/^session\.opened$/, 'activity.signed-in'],
  [/^session\.(closed|ended)$/, 'activity.signed-out'],
  [/^sign-in\.refused$/, 'activity.refused'],
  [/^recovery\.frozen$/, 'activity.frozen'],
  [/^recovery\.thawed$/, 'activity.thawed'],
  [/^helper-pass\.issued$/, 'activity.helper'],
  [/^username\.sent$/, 'activity.username'],
  [/^data\.exported$/, 'activity.exported'],
];

/** `undefined`: nothing that the person could make anything of. */
export const activityText = (event: string): TextKey | undefined => SAYS.find(([pattern]) => pattern.test(event))?.[1];

export const OwnActivity = ({ t, shell, activity }: PageProps & { activity: readonly ActivityLine[] }) => (
  <section class="card" aria-labelledby="activity">
    <h2 id="activity">{t('activity.title')}</h2>
    <SystemsList
      lines={activity.flatMap(({ event, at, ip, method }, n) => {
        const says = activityText(event);
        if (!says) return [];
        const details = [
          formatMoment(shell.language, at, shell.timeZone),
          ...(method && isMethodId(method) ? [t(lookOf(method).name)] : []),
          ...(ip ? [t('activity.from', { ip })] : []),
        ];
        return [{ id: `${at}-${n}`, name: t(says), details }];
      })}
    />
    <p class="soft">{t('activity.export-hint')}</p>
    <Form shell={shell} action="/safety/export">
      <Button look="quiet">{t('activity.export')}</Button>
    </Form>
  </section>
);
