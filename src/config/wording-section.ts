/** Texts of one's own in place of ours: pages, mails, text messages. */
import { Type } from 'typebox';

const own = Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 2_000 }), {
  default: {},
  description: 'Texts by their key, in ICU MessageFormat with the same {values} as the original.',
  examples: [{ 'mail.recovery-code.title': 'Your code for the campus network' }],
});

export const wordingSection = (languages: readonly string[]) =>
  Type.Object(Object.fromEntries(languages.map((code) => [code, own])) as Record<string, typeof own>, {
    additionalProperties: false,
    description: 'Texts of your own in place of ours, by language: pages, mails and text messages.',
  });
