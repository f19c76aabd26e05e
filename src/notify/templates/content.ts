/**
 * What a mail says, as data. HTML and plain text are two renderings of it, so they can't tell different things.
 * Codes are in no subject and no preview: a locked phone shows both.
 */
import type { TextKey, Translate } from '../../text/index.ts';
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
  notYou: { title: string; text: string; tone: 'alarm' | 'calm' };
}

export interface Voice {
  t: Translate;
  organisation: string;
  /** Scheme, host and port of the portal, from the configuration. */
  origin: string;
  /** Date, time and offset in words. */
  moment(at: number): string;
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

type NoticeKey = 'password-reset' | 'password-changed' | 'factor-added' | 'factor-removed' | 'code-used' | 'attempt';

/** Something has happened: what, when, and what to do at once if it was somebody else. */
const notice = (
  key: NoticeKey,
  values: MailValues['password-reset-notice'],
  voice: Voice,
  facts: { before?: [string, string][]; after?: [string, string][] } = {},
): MailContent => ({
  subject: voice.t(`mail.${key}.subject`),
  greeting: greeting(voice, values.name),
  title: voice.t(`mail.${key}.title`),
  lead: voice.t(`mail.${key}.lead`, { organisation: voice.organisation }),
  facts: [...(facts.before ?? []), ...whenAndWhere(values, voice), ...(facts.after ?? [])],
  notYou: { title: voice.t('mail.not-you'), text: voice.t(`mail.${key}.not-you`), tone: 'alarm' },
});

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
  'password-reset-notice': (values, voice) => notice('password-reset', values, voice),
  'password-changed-notice': (values, voice) => notice('password-changed', values, voice),
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
  'attempt-notice': ({ method, ...values }, voice) => {
    if (method === undefined) return notice('attempt', values, voice);
    return notice('attempt', values, voice, { after: [[voice.t('mail.attempt.passed'), wayOf(voice, method)]] });
  },
};
