/** Every catalogue of every language. The English files decide which keys exist; a test holds the others to them. */
import arDemo from './ar/demo.json' with { type: 'json' };
import arErrors from './ar/errors.json' with { type: 'json' };
import arMail from './ar/mail.json' with { type: 'json' };
import arPortal from './ar/portal.json' with { type: 'json' };
import arTexts from './ar/texts.json' with { type: 'json' };
import deDemo from './de/demo.json' with { type: 'json' };
import deErrors from './de/errors.json' with { type: 'json' };
import deMail from './de/mail.json' with { type: 'json' };
import dePortal from './de/portal.json' with { type: 'json' };
import deTexts from './de/texts.json' with { type: 'json' };
import enDemo from './en/demo.json' with { type: 'json' };
import enErrors from './en/errors.json' with { type: 'json' };
import enMail from './en/mail.json' with { type: 'json' };
import enPortal from './en/portal.json' with { type: 'json' };
import enTexts from './en/texts.json' with { type: 'json' };
import type { Language } from './languages.ts';

const english = { ...enPortal, ...enErrors, ...enMail, ...enTexts, ...enDemo };

export type TextKey = keyof typeof english & string;

export type Catalogue = Record<string, string>;

export const catalogues: Record<Language, Catalogue> = {
  en: english,
  de: { ...dePortal, ...deErrors, ...deMail, ...deTexts, ...deDemo },
  ar: { ...arPortal, ...arErrors, ...arMail, ...arTexts, ...arDemo },
};
