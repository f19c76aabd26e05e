/** The senders that Sparekey can use: of mails here, of texts and calls in their folders. A new one is one file and one line here. */
import { demoInboxNotifier } from './demo-inbox.ts';
import { demoPhoneCalls, demoPhoneTexts } from './demo-phone.ts';
import { textNotifiers as realTextNotifiers } from './sms/index.ts';
import { smtpNotifier } from './smtp.ts';
import { voiceNotifiers as realVoiceNotifiers } from './voice/index.ts';

export const mailNotifiers = [smtpNotifier, demoInboxNotifier] as const;
export const textNotifiers = [...realTextNotifiers, demoPhoneTexts] as const;
export const voiceNotifiers = [...realVoiceNotifiers, demoPhoneCalls] as const;
