/** The senders of calls that Sparekey can use. A new one is one file and one line here. */
import { sip } from './sip.ts';
import { twilioCalls } from './twilio.ts';

export const voiceNotifiers = [sip, twilioCalls] as const;
