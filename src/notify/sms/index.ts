/** The senders of texts that Sparekey can use. A new one is one file and one line here. */
import { httpGateway } from './http-gateway.ts';
import { smpp } from './smpp.ts';
import { twilioTexts } from './twilio.ts';

export const textNotifiers = [httpGateway, smpp, twilioTexts] as const;
