/** What the console asks of the senders: tries each for real, and sends one mail that says nothing but that it came. */
import { brandOf } from './brand.ts';
import type { SendersPort } from './console/systems/index.tsx';
import type { Clock } from './kernel/clock.ts';
import { newId } from './kernel/random.ts';
import type { MailNotifier } from './notify/notifier.ts';
import { renderStoredMail } from './notify/templates/index.ts';
import type { Phones } from './phones.ts';
import type { SparekeyConfig } from './registries.ts';

export function createSenders(parts: {
  config: SparekeyConfig;
  notifier: MailNotifier;
  phones: Phones;
  clock: Clock;
}): SendersPort {
  const { config, notifier, phones, clock } = parts;
  return {
    async check() {
      const texts = phones.texts.map(async ({ name, notifier: sender }) => ({
        name,
        kind: 'texts' as const,
        findings: await sender.check(),
      }));
      return [
        { name: config.mail.type, kind: 'mail' as const, findings: await notifier.check() },
        ...(await Promise.all(texts)),
        ...(phones.calls ? [{ name: 'calls', kind: 'calls' as const, findings: await phones.calls.check() }] : []),
      ];
    },
    async test(to, language) {
      const values = { name: '', at: clock.now() };
      const mail = renderStoredMail({ template: 'test-message', language, values }, brandOf(config));
      const outcome = await notifier.deliver({ idempotencyKey: `test-${newId()}`, to, language, ...mail });
      return outcome.is === 'delivered' ? { is: 'sent' } : { is: 'failed', cause: outcome.cause };
    },
  };
}
