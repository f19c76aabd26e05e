/** What stands beneath every mail: a way to a person, and who wrote it. */
import type { Translate, Wording } from '../../text/index.ts';
import { oneLine } from './hostile.ts';

/** Who writes, from the configuration. */
export interface Brand {
  organisation: string;
  /** Public address of the portal; only scheme, host and port of it are used. */
  origin: string;
  help: { text?: string; phone?: string; hours?: string };
  /** Texts in place of ours. */
  wording?: Wording;
  /** IANA name; UTC when absent. */
  timeZone?: string;
}

export interface MailFooter {
  title: string;
  contact: string[];
  organisation: string;
  promise: string;
}

export function footerOf({ organisation, help }: Brand, t: Translate): MailFooter {
  const contact = [help.text, help.phone, help.hours].flatMap((line) => (line ? [oneLine(line)] : []));
  return {
    title: t('mail.help'),
    contact: contact.length > 0 ? contact : [t('mail.help-unknown')],
    organisation: oneLine(organisation, 80),
    promise: t('mail.promise'),
  };
}
