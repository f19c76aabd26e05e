/**
 * Renders mails. The link's origin comes from the configuration only (A2), every value from outside is escaped or cut to one
 * line (A26), and nothing in a mail is loaded from anywhere.
 */
import type { JsonObject } from '../../kernel/json.ts';
import {
  amountsIn,
  createTranslator,
  type Language,
  languageInfo,
  pickLanguage,
  type Translate,
} from '../../text/index.ts';
import { contents, type MailContent, type Voice } from './content.ts';
import { type Brand, footerOf } from './footer.ts';
import { oneLine } from './hostile.ts';
import { mailHtml } from './html.tsx';
import { mailText } from './text.ts';
import { fits, isMailTemplate, type MailTemplate, type MailValues } from './values.ts';

export type { Brand } from './footer.ts';
export { type MailTemplate, type MailValues, mailTemplates } from './values.ts';

export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

/** With the offset: the reader may be in another zone than the organisation. */
const makeMoment = (language: Language, timeZone: string) => {
  const format = new Intl.DateTimeFormat(languageInfo(language).locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
    timeZoneName: 'shortOffset',
  });
  // Time and offset stay on one line.
  return (at: number): string => {
    const parts = format.formatToParts(at).map(({ value }) => value);
    const zone = parts.pop();
    return `${parts.join('').trimEnd()}\u00a0${zone}`;
  };
};

/** A format is dear to make, and there is one time zone and a handful of languages. */
const moments = new Map<string, ReturnType<typeof makeMoment>>();

function momentIn(language: Language, timeZone: string): ReturnType<typeof makeMoment> {
  const name = `${language} ${timeZone}`;
  const moment = moments.get(name) ?? makeMoment(language, timeZone);
  moments.set(name, moment);
  return moment;
}

export function renderMail<Template extends MailTemplate>(
  template: Template,
  language: Language,
  values: MailValues[Template],
  brand: Brand,
  t: Translate,
): RenderedMail {
  const voice: Voice = {
    t,
    organisation: oneLine(brand.organisation, 80),
    origin: new URL(brand.origin).origin,
    moment: momentIn(language, brand.timeZone ?? 'UTC'),
    amounts: amountsIn(language),
  };
  const mail: MailContent = contents[template](values, voice);
  const footer = footerOf(brand, t);
  const { direction } = languageInfo(language);
  return {
    subject: `${voice.organisation}: ${mail.subject}`,
    text: mailText(mail, footer),
    html: mailHtml({ mail, footer, language, direction }),
  };
}

/**
 * The same for a mail that waited in the outbox.
 * @throws Error when there is no such template or its values don't fit: a bug, which no retry repairs.
 */
export function renderStoredMail(
  stored: { template: string; language: string; values: JsonObject },
  brand: Brand,
  fallback: Language = 'en',
): RenderedMail {
  const { template, values } = stored;
  if (!isMailTemplate(template)) throw new Error(`No mail template "${template}".`);
  if (!fits(template, values)) throw new Error(`The values do not fit the mail template "${template}".`);
  const language = pickLanguage(undefined, undefined, stored.language, fallback);
  return renderMail(template, language, values, brand, createTranslator(language, brand.wording));
}
