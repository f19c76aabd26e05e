/**
 * What a mail says, as data. HTML and plain text are two renderings of it, so they can't tell different things.
 * Codes are in no subject and no preview: a locked phone shows both.
 */
import type { Amounts, TextKey, Translate } from '../../text/index.ts';
import { greetable, oneLine } from './hostile.ts';
import type { MailTemplate, MailValues } from './values.ts';

export interface MailContent {
  subject: string;
  greeting: string;
  title: string;
  lead: string;
  code?: { label: string; digits: string; note: string };
  button?: { label: string; href: string; note: string };
  /** Label and value. */
  facts: [string, string][];
  /** `alarm`: something happened already, so it is urgent. `calm`: nothing has. */
  notYou: { title: string; text: string; tone: 'alarm' | 'calm'; stop?: { label: string; href: string; note: string } };
}

export interface Voice {
  t: Translate;
  organisation: string;
  /** Scheme, host and port of the portal, from the configuration. */
  origin: string;
  /** Date, time and offset in words. */
  moment(at: number): string;
  amounts: Amounts;
}

type Contents = { [Template in MailTemplate]: (values: MailValues[Template], voice: Voice) => MailContent };

const greeting = ({ t }: Voice, name: string): string => {
  const known = greetable(name);
  return known === undefined ? t('mail.hello') : t('mail.hello-name', { name: known });
};

const whenAndWhere = (values: { at: number; ip?: string }, { t, moment }: Voice): [string, string][] => [
  [t('mail.when'), moment(values.at)],
  ...(values.ip === undefined ? [] : [[t('mail.from'), oneLine(values.ip, 45)] satisfies [string, string]]),
];

const ways = [
  'email',
  'totp',
  'recovery-code',
  'sms',
  'voice',
  'passkey',
  'questions',
  'directory-facts',
  'helper-pass',
  'contact-approval',
  'oidc',
] as const;

const wayOf = ({ t }: Voice, method: string): string => t(`mail.way.${ways.find((way) => way === method) ?? 'other'}`);

const which = ({ method, label = '' }: MailValues['factor-added-notice'], voice: Voice): [string, string] => {
  const way = wayOf(voice, method);
  const own = oneLine(label, 80);
  return [voice.t('mail.which'), own === '' ? way : `${way} (${own})`];
};

const calm = ({ t, organisation }: Voice, key: TextKey): MailContent['notYou'] => ({
  title: t('mail.not-you'),
  text: t(key, { organisation }),
  tone: 'calm',
});

const codeOf = (values: MailValues['confirm-address'], { t }: Voice): NonNullable<MailContent['code']> => ({
  label: t('mail.code'),
  digits: values.code,
  note: t('mail.code-note', { minutes: values.minutes }),
});

type NoticeKey =
  | 'password-reset'
  | 'password-changed'
  | 'unlocked'
  | 'waiting'
  | 'frozen'
  | 'helper-issued'
  | 'helper-used'
  | 'helper-unlocked'
  | 'helper-cleared'
  | 'helper-frozen'
  | 'helper-thawed'
  | 'helper-must-change'
  | 'factor-added'
  | 'factor-removed'
  | 'code-used'
  | 'contact-approved'
  | 'approval-refused'
  | 'system-failed'
  | 'attempt';

/** In the fragment, like every bearer value of a mail: no server, proxy or Referer ever sees it (C-05). */
const stopOf = (stop: string, { t, origin }: Voice): NonNullable<MailContent['notYou']['stop']> => ({
  label: t('mail.stop.button'),
  href: `${origin}/stop#${stop}`,
  note: t('mail.stop.note'),
});

/** Something has happened: what, when, and what to do at once if it was somebody else. */
const notice = (
  key: NoticeKey,
  { stop, ...values }: MailValues['password-reset-notice'],
  voice: Voice,
  facts: { before?: [string, string][]; after?: [string, string][] } = {},
): MailContent => ({
  subject: voice.t(`mail.${key}.subject`),
  greeting: greeting(voice, values.name),
  title: voice.t(`mail.${key}.title`),
  lead: voice.t(`mail.${key}.lead`, { organisation: voice.organisation }),
  facts: [...(facts.before ?? []), ...whenAndWhere(values, voice), ...(facts.after ?? [])],
  notYou: {
    title: voice.t('mail.not-you'),
    text: voice.t(`mail.${key}.not-you`),
    tone: 'alarm',
    ...(stop === undefined ? {} : { stop: stopOf(stop, voice) }),
  },
});

/** Who asks a contact. Hostile: somebody may be called like an address. */
const asking = (name: string, { t }: Voice): string => greetable(name) ?? t('mail.somebody');

const approveUrl = (token: string, { origin }: Voice): string => `${origin}/approve#${token}`;

export const contents: Contents = {
  'recovery-code-mail': (values, voice) => {
    const { t, organisation, origin } = voice;
    const button = (token: string): NonNullable<MailContent['button']> => ({
      label: t('mail.recovery-code.button'),
      // In the fragment: no server, proxy or Referer ever sees it (C-05).
      href: `${origin}/recover/link#${token}`,
      note: t('mail.recovery-code.button-note'),
    });
    return {
      subject: t('mail.recovery-code.subject'),
      greeting: greeting(voice, values.name),
      title: t('mail.recovery-code.title'),
      lead: t('mail.recovery-code.lead', { organisation }),
      code: codeOf(values, voice),
      ...(values.token === undefined ? {} : { button: button(values.token) }),
      facts: whenAndWhere(values, voice),
      notYou: calm(voice, 'mail.recovery-code.not-you'),
    };
  },
  // Without a name: the address is not confirmed yet, so a stranger may be reading.
  'confirm-address': (values, voice) => ({
    subject: voice.t('mail.confirm.subject'),
    greeting: voice.t('mail.hello'),
    title: voice.t('mail.confirm.title'),
    lead: voice.t('mail.confirm.lead', { organisation: voice.organisation }),
    code: codeOf(values, voice),
    facts: whenAndWhere(values, voice),
    notYou: calm(voice, 'mail.confirm.not-you'),
  }),
  'caller-code': (values, voice) => ({
    subject: voice.t('mail.caller.subject'),
    greeting: voice.t('mail.hello'),
    title: voice.t('mail.caller.title'),
    lead: voice.t('mail.caller.lead', { organisation: voice.organisation, helper: oneLine(values.helper, 80) }),
    code: codeOf(values, voice),
    facts: whenAndWhere(values, voice),
    notYou: calm(voice, 'mail.caller.not-you'),
  }),
  'password-reset-notice': (values, voice) => notice('password-reset', values, voice),
  'password-changed-notice': (values, voice) => notice('password-changed', values, voice),
  'unlocked-notice': (values, voice) => notice('unlocked', values, voice),
  'waiting-notice': ({ until, ...values }, voice) =>
    notice('waiting', values, voice, { after: [[voice.t('mail.waiting.until'), voice.moment(until)]] }),
  'frozen-notice': (values, voice) => notice('frozen', values, voice),
  'usernames-mail': ({ usernames, ...values }, voice) => ({
    subject: voice.t('mail.usernames.subject'),
    greeting: voice.t('mail.hello'),
    title: voice.t('mail.usernames.title', { n: usernames.length }),
    lead: voice.t('mail.usernames.lead', { organisation: voice.organisation, n: usernames.length }),
    facts: [
      ...usernames.map((name): [string, string] => [voice.t('mail.usernames.name'), oneLine(name, 120)]),
      ...whenAndWhere(values, voice),
    ],
    notYou: calm(voice, 'mail.usernames.not-you'),
  }),
  'incident-alert': ({ account, incident, says, ...values }, voice) => ({
    subject: voice.t('mail.incident.subject'),
    greeting: voice.t('mail.hello'),
    title: voice.t('mail.incident.title'),
    lead: oneLine(says, 300),
    facts: [
      [voice.t('mail.incident.account'), oneLine(account, 40)],
      [voice.t('mail.incident.number'), oneLine(incident, 40)],
      ...whenAndWhere(values, voice),
    ],
    notYou: { title: voice.t('mail.incident.next'), text: voice.t('mail.incident.next-text'), tone: 'calm' },
  }),
  'test-message': (values, voice) => ({
    subject: voice.t('mail.test.subject'),
    greeting: greeting(voice, values.name),
    title: voice.t('mail.test.title'),
    lead: voice.t('mail.test.lead', { organisation: voice.organisation }),
    facts: whenAndWhere(values, voice),
    notYou: calm(voice, 'mail.test.nothing'),
  }),
  'helper-action-notice': ({ action, helper, ...values }, voice) => {
    const name = oneLine(helper, 80);
    return notice(`helper-${action}`, values, voice, {
      before: name === '' ? [] : [[voice.t('mail.helper'), name]],
    });
  },
  'approval-request': (values, voice) => {
    const { t, organisation } = voice;
    const asks = asking(values.asks, voice);
    const note = t(values.signIn ? 'mail.approval.sign-in-note' : 'mail.approval.button-note', {
      minutes: values.minutes,
    });
    return {
      subject: t('mail.approval.subject', { asks }),
      greeting: greeting(voice, values.name),
      title: t('mail.approval.title', { asks }),
      lead: t('mail.approval.lead', { asks, organisation }),
      button: { label: t('mail.approval.button'), href: approveUrl(values.token, voice), note },
      facts: whenAndWhere(values, voice),
      notYou: { title: t('mail.approval.unknown'), text: t('mail.approval.not-you', { asks }), tone: 'calm' },
    };
  },
  'approval-consent': (values, voice) => {
    const { t, organisation } = voice;
    const asks = asking(values.asks, voice);
    return {
      subject: t('mail.consent.subject', { asks }),
      greeting: greeting(voice, values.name),
      title: t('mail.consent.title', { asks }),
      lead: t('mail.consent.lead', { asks, organisation }),
      button: {
        label: t('mail.consent.button'),
        href: approveUrl(values.token, voice),
        note: t('mail.consent.button-note'),
      },
      facts: whenAndWhere(values, voice),
      notYou: { title: t('mail.approval.unknown'), text: t('mail.consent.not-you'), tone: 'calm' },
    };
  },
  'approval-given': (values, voice) => {
    const { t, organisation } = voice;
    const asks = asking(values.asks, voice);
    return {
      subject: t('mail.given.subject'),
      greeting: greeting(voice, values.name),
      title: t('mail.given.title'),
      lead: t('mail.given.lead', { asks, organisation }),
      facts: whenAndWhere(values, voice),
      notYou: { title: t('mail.not-you'), text: t('mail.given.not-you'), tone: 'alarm' },
    };
  },
  'enrol-reminder': ({ says, optOut, ...values }, voice) => {
    const { t, organisation, origin } = voice;
    return {
      subject: t('mail.reminder.subject'),
      greeting: greeting(voice, values.name),
      title: t('mail.reminder.title'),
      lead: says ? oneLine(says, 600) : t('mail.reminder.lead', { organisation }),
      button: { label: t('mail.reminder.button'), href: `${origin}/enrol`, note: t('mail.reminder.button-note') },
      facts: whenAndWhere(values, voice),
      notYou: {
        title: t('mail.reminder.why'),
        text: t('mail.reminder.why-text', { organisation }),
        tone: 'calm',
        stop: {
          label: t('mail.reminder.stop'),
          href: `${origin}/reminders/stop#${optOut}`,
          note: t('mail.reminder.stop-note'),
        },
      },
    };
  },
  'weekly-report': (
    { from, to, resets, unlocks, calls, currency, saved, adoption, median, rating, ...values },
    voice,
  ) => {
    const { t, origin, organisation, amounts } = voice;
    const facts: [string, string | undefined][] = [
      [t('reports.resets'), amounts.number(resets)],
      [t('reports.unlocks'), amounts.number(unlocks)],
      [t('reports.calls-avoided'), amounts.number(calls)],
      [t('reports.saved'), saved === undefined ? undefined : amounts.money(saved, currency)],
      [t('reports.adoption'), adoption === undefined ? undefined : amounts.percent(adoption)],
      [t('reports.median'), median === undefined ? undefined : amounts.span(median * 1_000)],
      [t('reports.rating'), rating === undefined ? undefined : `${amounts.rating(rating)} / 5`],
    ];
    return {
      subject: t('mail.weekly.subject', { resets: amounts.number(resets), calls: amounts.number(calls) }),
      greeting: t('mail.hello'),
      title: t('mail.weekly.title'),
      lead: t('mail.weekly.lead', { organisation }),
      button: {
        label: t('mail.weekly.button'),
        href: `${origin}/console/reports?from=${from}&to=${to}`,
        note: t('mail.weekly.button-note'),
      },
      facts: [
        [t('mail.weekly.week'), `${amounts.day(from)} – ${amounts.day(to)}`],
        ...facts.filter((one): one is [string, string] => one[1] !== undefined),
        ...whenAndWhere(values, voice),
      ],
      notYou: { title: t('mail.weekly.why'), text: t('mail.weekly.why-text'), tone: 'calm' },
    };
  },
  'contact-approved-notice': ({ contact, ...values }, voice) =>
    notice('contact-approved', values, voice, { before: [[voice.t('mail.contact'), oneLine(contact, 80)]] }),
  'approval-refused-notice': ({ contact, ...values }, voice) =>
    notice('approval-refused', values, voice, { before: [[voice.t('mail.contact'), oneLine(contact, 80)]] }),
  'factor-added-notice': (values, voice) => notice('factor-added', values, voice, { before: [which(values, voice)] }),
  'factor-removed-notice': (values, voice) =>
    notice('factor-removed', values, voice, { before: [which(values, voice)] }),
  'recovery-code-used-notice': ({ left, ...values }, voice) => {
    const { t } = voice;
    if (left === undefined) return notice('code-used', values, voice);
    return notice('code-used', values, voice, {
      after: [[t('mail.code-used.left'), t('mail.code-used.codes', { n: left })]],
    });
  },
  'system-failed-notice': ({ system, ...values }, voice) =>
    notice('system-failed', values, voice, { before: [[voice.t('mail.system-failed.system'), oneLine(system, 80)]] }),
  'attempt-notice': ({ method, ...values }, voice) => {
    if (method === undefined) return notice('attempt', values, voice);
    return notice('attempt', values, voice, { after: [[voice.t('mail.attempt.passed'), wayOf(voice, method)]] });
  },
};
