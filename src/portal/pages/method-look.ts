/** How each way to verify looks and is called. A new method is one entry here; a text that is missing is a type error. */
import type { TextKey, Translate } from '../../text/index.ts';
import { AppIcon, type Icon, MailIcon, SheetIcon } from '../../ui/icons.tsx';

export interface MethodLook {
  icon: Icon;
  /** Its name, in a list. */
  name: TextKey;
  /** As an offer: "Email me a code". */
  offer: TextKey;
  /** Under the offer while nobody may learn what the person has. */
  offerHint: TextKey;
  /** On the page where the code is typed. */
  enterTitle: TextKey;
  enterLead: TextKey;
  enterHint?: TextKey;
  /** What to look at when the code does not match. */
  mismatch: TextKey;
  /** When nothing arrives or works. */
  trouble: TextKey;
  /** Adding it. */
  addTitle: TextKey;
  addHint: TextKey;
}

export const methodLooks = {
  email: {
    icon: MailIcon,
    name: 'method.email.name',
    offer: 'method.email.offer',
    offerHint: 'method.email.offer-hint',
    enterTitle: 'method.email.enter-title',
    enterLead: 'method.email.enter-lead',
    mismatch: 'method.email.mismatch',
    trouble: 'method.email.trouble',
    addTitle: 'method.email.add',
    addHint: 'method.email.add-hint',
  },
  totp: {
    icon: AppIcon,
    name: 'method.totp.name',
    offer: 'method.totp.offer',
    offerHint: 'method.totp.offer-hint',
    enterTitle: 'method.totp.enter-title',
    enterLead: 'method.totp.enter-lead',
    mismatch: 'method.totp.mismatch',
    trouble: 'method.totp.trouble',
    addTitle: 'method.totp.add',
    addHint: 'method.totp.add-hint',
  },
  'recovery-code': {
    icon: SheetIcon,
    name: 'method.recovery-code.name',
    offer: 'method.recovery-code.offer',
    offerHint: 'method.recovery-code.offer-hint',
    enterTitle: 'method.recovery-code.enter-title',
    enterLead: 'method.recovery-code.enter-lead',
    enterHint: 'method.recovery-code.enter-hint',
    mismatch: 'method.recovery-code.mismatch',
    trouble: 'method.recovery-code.trouble',
    addTitle: 'method.recovery-code.add',
    addHint: 'method.recovery-code.add-hint',
  },
} as const satisfies Record<string, MethodLook>;

export type MethodId = keyof typeof methodLooks;

export const isMethodId = (id: string): id is MethodId => Object.hasOwn(methodLooks, id);

export const lookOf = (id: MethodId): MethodLook => methodLooks[id];

/** A method's own hint as a sentence: masked addresses stay, a count of codes becomes "7 left". */
export const offerHint = (t: Translate, offer: { method: string; hint: string | undefined }): string | undefined =>
  offer.method === 'recovery-code' && offer.hint !== undefined
    ? t('ways.codes-left', { n: Number(offer.hint) })
    : offer.hint;
