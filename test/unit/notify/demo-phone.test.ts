/** The demo's phone: it keeps what was sent and called, and stays small. */
import { expect, it } from 'vitest';
import { createDemoPhone, demoPhoneCalls, demoPhoneTexts } from '../../../src/notify/demo-phone.ts';
import { sampleText } from '../../contract/text-notifier.ts';
import { sampleCall } from '../../contract/voice-notifier.ts';

const clock = { now: () => 5 };

it('keeps the newest 200 texts, newest first, and one copy of each', async () => {
  const phone = createDemoPhone();
  const notifier = await demoPhoneTexts.open({}, { phone, clock });
  for (let n = 0; n < 250; n += 1)
    expect(await notifier.deliver({ ...sampleText, idempotencyKey: `n${n}` })).toEqual({ is: 'delivered' });
  await notifier.deliver({ ...sampleText, idempotencyKey: 'n249', text: 'again' });
  expect(phone.texts()).toHaveLength(200);
  expect(phone.texts()[0]).toMatchObject({ idempotencyKey: 'n249', text: 'again', at: 5 });
  expect(phone.texts().at(-1)).toMatchObject({ idempotencyKey: 'n50' });
  expect(phone.calls()).toEqual([]);
});

it('keeps calls with key and code, and says that nobody was called', async () => {
  const phone = createDemoPhone();
  const notifier = await demoPhoneCalls.open({}, { phone, clock });
  expect(await notifier.call(sampleCall)).toEqual({ is: 'answered', spoken: 'whole' });
  expect(phone.calls()).toEqual([{ ...sampleCall, at: 5 }]);
  for (const { is } of await notifier.check()) expect(is).toBe('warning');
});
