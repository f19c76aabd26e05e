/** How each way to verify looks and is called. A new method is one entry here; a text that is missing is a type error. */
import type { TextKey, Translate } from '../../text/index.ts';
import {
  AppIcon,
  CallIcon,
  CardIcon,
  ElsewhereIcon,
  type Icon,
  MailIcon,
  PasskeyIcon,
  PersonIcon,
  QuestionIcon,
  SheetIcon,
  TextIcon,
} from '../../ui/icons.tsx';

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
  /** The lead there, once the person may see where it went. */
  enterSent?: TextKey;
  /** What to look at when the code does not match. */
  mismatch: TextKey;
  /** When nothing arrives or works. */
  trouble: TextKey;
  /** When a try came to nothing and it has to begin anew; absent: the code is too old. */
  void?: { title: TextKey; text: TextKey };
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
    enterSent: 'code.sent-to',
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
  sms: {
    icon: TextIcon,
    name: 'method.sms.name',
    offer: 'method.sms.offer',
    offerHint: 'method.sms.offer-hint',
    enterTitle: 'method.sms.enter-title',
    enterLead: 'method.sms.enter-lead',
    enterSent: 'code.sent-to',
    mismatch: 'method.sms.mismatch',
    trouble: 'method.sms.trouble',
    addTitle: 'method.sms.add',
    addHint: 'method.sms.add-hint',
  },
  voice: {
    icon: CallIcon,
    name: 'method.voice.name',
    offer: 'method.voice.offer',
    offerHint: 'method.voice.offer-hint',
    enterTitle: 'method.voice.enter-title',
    enterLead: 'method.voice.enter-lead',
    enterSent: 'call.placed',
    mismatch: 'method.voice.mismatch',
    trouble: 'method.voice.trouble',
    addTitle: 'method.voice.add',
    addHint: 'method.voice.add-hint',
  },
  passkey: {
    icon: PasskeyIcon,
    name: 'method.passkey.name',
    offer: 'method.passkey.offer',
    offerHint: 'method.passkey.offer-hint',
    enterTitle: 'method.passkey.enter-title',
    enterLead: 'method.passkey.enter-lead',
    mismatch: 'method.passkey.mismatch',
    trouble: 'method.passkey.trouble',
    void: { title: 'method.passkey.void-title', text: 'method.passkey.void-text' },
    addTitle: 'method.passkey.add',
    addHint: 'method.passkey.add-hint',
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
  'contact-approval': {
    icon: PersonIcon,
    name: 'method.contact-approval.name',
    offer: 'method.contact-approval.offer',
    offerHint: 'method.contact-approval.offer-hint',
    enterTitle: 'method.contact-approval.enter-title',
    enterLead: 'method.contact-approval.enter-lead',
    mismatch: 'method.contact-approval.mismatch',
    trouble: 'method.contact-approval.trouble',
    void: { title: 'method.contact-approval.void-title', text: 'method.contact-approval.void-text' },
    addTitle: 'method.contact-approval.add',
    addHint: 'method.contact-approval.add-hint',
  },
  oidc: {
    icon: ElsewhereIcon,
    name: 'method.oidc.name',
    offer: 'method.oidc.offer',
    offerHint: 'method.oidc.offer-hint',
    enterTitle: 'method.oidc.enter-title',
    enterLead: 'method.oidc.enter-lead',
    mismatch: 'method.oidc.mismatch',
    trouble: 'method.oidc.trouble',
    void: { title: 'method.oidc.void-title', text: 'method.oidc.void-text' },
    addTitle: 'method.oidc.add',
    addHint: 'method.oidc.add-hint',
  },
  questions: {
    icon: QuestionIcon,
    name: 'method.questions.name',
    offer: 'method.questions.offer',
    offerHint: 'method.questions.offer-hint',
    enterTitle: 'method.questions.enter-title',
    enterLead: 'method.questions.enter-lead',
    mismatch: 'method.questions.mismatch',
    trouble: 'method.questions.trouble',
    void: { title: 'method.questions.void-title', text: 'method.questions.void-text' },
    addTitle: 'method.questions.add',
    addHint: 'method.questions.add-hint',
  },
  // Nobody adds these two by themselves, so how they are added is never shown.
  'directory-facts': {
    icon: CardIcon,
    name: 'method.directory-facts.name',
    offer: 'method.directory-facts.offer',
    offerHint: 'method.directory-facts.offer-hint',
    enterTitle: 'method.directory-facts.enter-title',
    enterLead: 'method.directory-facts.enter-lead',
    mismatch: 'method.directory-facts.mismatch',
    trouble: 'method.directory-facts.trouble',
    void: { title: 'method.directory-facts.void-title', text: 'method.directory-facts.void-text' },
    addTitle: 'method.directory-facts.name',
    addHint: 'method.directory-facts.offer-hint',
  },
  'helper-pass': {
    icon: PersonIcon,
    name: 'method.helper-pass.name',
    offer: 'method.helper-pass.offer',
    offerHint: 'method.helper-pass.offer-hint',
    enterTitle: 'method.helper-pass.enter-title',
    enterLead: 'method.helper-pass.enter-lead',
    enterHint: 'method.helper-pass.enter-hint',
    mismatch: 'method.helper-pass.mismatch',
    trouble: 'method.helper-pass.trouble',
    void: { title: 'method.helper-pass.void-title', text: 'method.helper-pass.void-text' },
    addTitle: 'method.helper-pass.name',
    addHint: 'method.helper-pass.offer-hint',
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
