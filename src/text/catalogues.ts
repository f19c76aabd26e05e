/** Every catalogue of every language. The English files decide which keys exist; a test holds the others to them. */
import arApi from './ar/api.json' with { type: 'json' };
import arAudit from './ar/audit.json' with { type: 'json' };
import arConsole from './ar/console.json' with { type: 'json' };
import arDemo from './ar/demo.json' with { type: 'json' };
import arDesk from './ar/desk.json' with { type: 'json' };
import arErrors from './ar/errors.json' with { type: 'json' };
import arMail from './ar/mail.json' with { type: 'json' };
import arPortal from './ar/portal.json' with { type: 'json' };
import arPrivacy from './ar/privacy.json' with { type: 'json' };
import arReadiness from './ar/readiness.json' with { type: 'json' };
import arReports from './ar/reports.json' with { type: 'json' };
import arRollout from './ar/rollout.json' with { type: 'json' };
import arSettings from './ar/settings.json' with { type: 'json' };
import arTexts from './ar/texts.json' with { type: 'json' };
import deApi from './de/api.json' with { type: 'json' };
import deAudit from './de/audit.json' with { type: 'json' };
import deConsole from './de/console.json' with { type: 'json' };
import deDemo from './de/demo.json' with { type: 'json' };
import deDesk from './de/desk.json' with { type: 'json' };
import deErrors from './de/errors.json' with { type: 'json' };
import deMail from './de/mail.json' with { type: 'json' };
import dePortal from './de/portal.json' with { type: 'json' };
import dePrivacy from './de/privacy.json' with { type: 'json' };
import deReadiness from './de/readiness.json' with { type: 'json' };
import deReports from './de/reports.json' with { type: 'json' };
import deRollout from './de/rollout.json' with { type: 'json' };
import deSettings from './de/settings.json' with { type: 'json' };
import deTexts from './de/texts.json' with { type: 'json' };
import enApi from './en/api.json' with { type: 'json' };
import enAudit from './en/audit.json' with { type: 'json' };
import enConsole from './en/console.json' with { type: 'json' };
import enDemo from './en/demo.json' with { type: 'json' };
import enDesk from './en/desk.json' with { type: 'json' };
import enErrors from './en/errors.json' with { type: 'json' };
import enMail from './en/mail.json' with { type: 'json' };
import enPortal from './en/portal.json' with { type: 'json' };
import enPrivacy from './en/privacy.json' with { type: 'json' };
import enReadiness from './en/readiness.json' with { type: 'json' };
import enReports from './en/reports.json' with { type: 'json' };
import enRollout from './en/rollout.json' with { type: 'json' };
import enSettings from './en/settings.json' with { type: 'json' };
import enTexts from './en/texts.json' with { type: 'json' };
import type { Language } from './languages.ts';

const english = {
  ...enPortal,
  ...enErrors,
  ...enMail,
  ...enTexts,
  ...enDemo,
  ...enConsole,
  ...enDesk,
  ...enReadiness,
  ...enSettings,
  ...enRollout,
  ...enReports,
  ...enAudit,
  ...enPrivacy,
  ...enApi,
};

export type TextKey = keyof typeof english & string;

export type Catalogue = Record<string, string>;

export const catalogues: Record<Language, Catalogue> = {
  en: english,
  de: {
    ...dePortal,
    ...deErrors,
    ...deMail,
    ...deTexts,
    ...deDemo,
    ...deConsole,
    ...deDesk,
    ...deReadiness,
    ...deSettings,
    ...deRollout,
    ...deReports,
    ...deAudit,
    ...dePrivacy,
    ...deApi,
  },
  ar: {
    ...arPortal,
    ...arErrors,
    ...arMail,
    ...arTexts,
    ...arDemo,
    ...arConsole,
    ...arDesk,
    ...arReadiness,
    ...arSettings,
    ...arRollout,
    ...arReports,
    ...arAudit,
    ...arPrivacy,
    ...arApi,
  },
};
