/** The mail senders that Sparekey can use. A new one is one file and one line here. */
import { demoInboxNotifier } from './demo-inbox.ts';
import { smtpNotifier } from './smtp.ts';

export const mailNotifiers = [smtpNotifier, demoInboxNotifier] as const;
