/** The demo's inbox: the contract of all senders, and that it stays small. */
import { expect, it } from 'vitest';
import { createDemoInbox, demoInboxNotifier } from '../../../src/notify/demo-inbox.ts';
import { notifierContract, sampleMail } from '../../contract/notifier.ts';

const clock = { now: () => 5 };

// A second copy replaces the first here, so all that ever came is recorded beside it.
notifierContract('demo-inbox', async () => {
  const ever: { to: string[]; subject: string; text: string; html: string; identity: string }[] = [];
  const inbox = createDemoInbox();
  const keep: typeof inbox.keep = (message) => {
    inbox.keep(message);
    ever.push({ ...message, to: [message.to], identity: message.idempotencyKey });
  };
  const notifier = await demoInboxNotifier.open({}, { inbox: { keep }, clock });
  return { notifier, arrived: () => ever, close: async () => {} };
});

it('keeps the newest 200, newest first, and one copy of each message', async () => {
  const inbox = createDemoInbox();
  const notifier = await demoInboxNotifier.open({}, { inbox, clock });
  for (let n = 0; n < 250; n += 1) await notifier.deliver({ ...sampleMail, idempotencyKey: `n${n}` });
  await notifier.deliver({ ...sampleMail, idempotencyKey: 'n249', subject: 'again' });
  const kept = inbox.messages();
  expect(kept).toHaveLength(200);
  expect(kept[0]).toMatchObject({ idempotencyKey: 'n249', subject: 'again', at: 5 });
  expect(kept.at(-1)).toMatchObject({ idempotencyKey: 'n50' });
});
