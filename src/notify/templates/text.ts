/** The plain-text twin: the same facts in the same order, readable aloud and without any markup. */
import type { MailContent } from './content.ts';
import type { MailFooter } from './footer.ts';

const paragraphs = (parts: (string | undefined)[]): string => parts.filter((part) => part !== undefined).join('\n\n');

export const mailText = (mail: MailContent, footer: MailFooter): string =>
  `${paragraphs([
    mail.greeting,
    mail.lead,
    // Ungrouped, on a line of its own: easy to copy, and phones recognise it.
    mail.code && `${mail.code.label}:\n\n    ${mail.code.digits}\n\n${mail.code.note}`,
    mail.button && `${mail.button.note}\n${mail.button.href}`,
    mail.facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
    `${mail.notYou.title}\n${mail.notYou.text}`,
    mail.notYou.stop && `${mail.notYou.stop.label}:\n${mail.notYou.stop.href}\n${mail.notYou.stop.note}`,
    [footer.title, ...footer.contact].join('\n'),
    footer.promise,
    `-- \n${footer.organisation}`,
  ])}\n`;
