/**
 * Words text messages: short, plain, in the reader's language, in the GSM alphabet where the language fits into it. A code ends
 * with the line that lets a phone fill it in on our pages only (P-03); nothing else about an account is told to a phone that may
 * lie on a table.
 */
import type { JsonObject } from '../../kernel/json.ts';
import { createTranslator, type Language, languageInfo, pickLanguage, type Translate } from '../../text/index.ts';
import type { Brand } from '../templates/footer.ts';
import { oneLine } from '../templates/hostile.ts';
import { codeText, plainWhereItHelps } from './code-text.ts';
import { fits, isTextTemplate, type TextTemplate, type TextValuesOf } from './values.ts';

interface Voice {
  t: Translate;
  organisation: string;
  /** Undefined where no browser compares it: a portal that is reached by a bare IPv6 address. */
  host: string | undefined;
  phone: string | undefined;
  moment(at: number): string;
}

type Wordings = { [Template in TextTemplate]: (values: TextValuesOf<Template>, voice: Voice) => string };

/** Digits read the same in either direction; the marks around them would only keep a phone from seeing a code. */
const bare = (text: string, code: string): string => text.replaceAll(`\u2068${code}\u2069`, code);

const withCode =
  (key: 'text.code' | 'text.confirm') =>
  ({ code, minutes }: TextValuesOf<'code'>, { t, organisation, host }: Voice): string => {
    const long = bare(t(key, { organisation, code, ...(key === 'text.code' ? { minutes } : {}) }), code);
    if (host === undefined) return plainWhereItHelps(long);
    // The last line names us, too: where the alphabet leaves little room, that must do.
    const short = bare(t(`${key}-short`, { organisation, code }), code);
    return codeText({ wordings: [long, short, bare(t(`${key}-tiny`, { code }), code)], host, code });
  };

const notice = (said: string, { t, phone }: Voice): string =>
  plainWhereItHelps(`${said} ${phone === undefined ? t('text.not-you') : t('text.not-you-call', { phone })}`);

const wordings: Wordings = {
  code: withCode('text.code'),
  'confirm-number': withCode('text.confirm'),
  // No line for a browser: it is to be read out, and opens no page.
  'caller-code': ({ code }, voice) =>
    notice(bare(voice.t('text.caller', { organisation: voice.organisation, code }), code), voice),
  'password-reset-notice': (_values, voice) =>
    notice(voice.t('text.password-reset', { organisation: voice.organisation }), voice),
  'factor-removed-notice': (_values, voice) =>
    notice(voice.t('text.factor-removed', { organisation: voice.organisation }), voice),
  'frozen-notice': (_values, voice) => notice(voice.t('text.frozen', { organisation: voice.organisation }), voice),
  'helper-action-notice': ({ action }, voice) =>
    notice(voice.t(`text.helper-${action}`, { organisation: voice.organisation }), voice),
  'waiting-notice': ({ until }, voice) =>
    notice(voice.t('text.waiting', { organisation: voice.organisation, when: voice.moment(until) }), voice),
};

const momentIn =
  (language: Language, timeZone = 'UTC') =>
  (at: number): string =>
    new Intl.DateTimeFormat(languageInfo(language).locale, {
      day: 'numeric',
      month: 'long',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone,
    }).format(at);

export function renderText<Template extends TextTemplate>(
  template: Template,
  language: Language,
  values: TextValuesOf<Template>,
  { organisation, origin, help, timeZone, wording }: Brand,
): string {
  const { hostname } = new URL(origin);
  return wordings[template](values, {
    t: createTranslator(language, wording),
    organisation: oneLine(organisation, 40),
    host: hostname.startsWith('[') ? undefined : hostname,
    phone: help.phone === undefined ? undefined : oneLine(help.phone, 30),
    moment: momentIn(language, timeZone),
  });
}

/**
 * The same for a text that waited in the outbox.
 * @throws Error when there is no such template or its values don't fit: a bug, which no retry repairs.
 */
export function renderStoredText(
  { template, language, values }: { template: string; language: string; values: JsonObject },
  brand: Brand,
  fallback: Language = 'en',
): string {
  if (!isTextTemplate(template)) throw new Error(`No text template "${template}".`);
  if (!fits(template, values)) throw new Error(`The values do not fit the text template "${template}".`);
  return renderText(template, pickLanguage(undefined, undefined, language, fallback), values, brand);
}

export { isNotice, type TextTemplate, textTemplates } from './values.ts';
