/**
 * Sends mail over SMTP, encrypted or not at all. One attempt per call: retries belong to the outbox, and every attempt of a
 * message has the same Message-ID. What the outside says can't add a header or a recipient, and no cause holds what was sent.
 */
import { createTransport } from 'nodemailer';
import type { Clock } from '../kernel/clock.ts';
import { definePlugin } from '../kernel/plugin.ts';
import type { MailNotifier } from './notifier.ts';
import { classify } from './smtp/classify.ts';
import { isOneAddress, toSend } from './smtp/envelope.ts';
import { probe } from './smtp/probe.ts';
import { type SmtpConfig, senderOf, smtpConfig, smtpOptions } from './smtp/settings.ts';

export type { SmtpConfig } from './smtp/settings.ts';

export interface NotifierPorts {
  clock: Clock;
}

function openSmtp(config: SmtpConfig, { clock }: NotifierPorts): MailNotifier {
  const options = smtpOptions(config);
  const sender = senderOf(config.from);
  const transport = createTransport(options);
  // The socket's own limit starts anew with every byte; a server that trickles needs an end too.
  const longest = config.connectTimeout + 4 * config.replyTimeout;

  return {
    async deliver(message) {
      if (!isOneAddress(message.to)) return { is: 'rejected', cause: 'The address is not one that can be sent to.' };
      try {
        await transport.sendMail({ ...toSend(message, sender), signal: AbortSignal.timeout(longest) });
        return { is: 'delivered' };
      } catch (error) {
        return classify(error as Error, message);
      }
    },
    check: () => {
      const { auth, pool, maxConnections, maxRequeues, ...connection } = options;
      const login = config.username && config.password ? { user: config.username, pass: config.password } : undefined;
      return probe({
        connection: { ...connection, host: config.host },
        auth: login,
        from: sender.address,
        now: clock.now(),
      });
    },
    async close() {
      transport.close();
    },
  };
}

export const smtpNotifier = definePlugin({
  id: 'smtp',
  summary: 'Sends mail through your own mail server or provider.',
  configSchema: smtpConfig,
  open: openSmtp,
});
