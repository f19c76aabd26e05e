/** Several senders of texts in order: who is asked, who is left alone, what is final. */
import { describe, expect, test } from 'vitest';
import type { DeliveryOutcome } from '../../../src/notify/notifier.ts';
import type { PhoneReports } from '../../../src/notify/phone-delivery.ts';
import type { PhoneChange } from '../../../src/notify/phone-signals.ts';
import { createTextHandler } from '../../../src/notify/text-handler.ts';
import type { TextMessage } from '../../../src/notify/text-notifier.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

const brand = { organisation: 'Northfield', origin: 'https://reset.example.test', help: { phone: '555 0100' } };
const payload = { to: '+491701234567', template: 'code', language: 'en', values: { code: '483190', minutes: 10 } };
const failing: DeliveryOutcome = { is: 'retry', cause: 'It does not answer.' };

function house(...scripts: DeliveryOutcome[][]) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const texts: TextMessage[] = [];
  const told: string[] = [];
  const reports: PhoneReports = {
    withheld: (_job, cause) => told.push(`withheld: ${cause}`),
    unspoken: () => {},
    warn: (detail) => told.push(JSON.stringify(detail)),
  };
  const senders = scripts.map((outcomes, index) => ({
    name: `s${index + 1}`,
    notifier: {
      async deliver(message: TextMessage): Promise<DeliveryOutcome> {
        asked.push(`s${index + 1}`);
        texts.push(message);
        return outcomes.shift() ?? { is: 'delivered' };
      },
    },
  }));
  const make = (more: { mayNotify?: boolean; change?: PhoneChange | Error } = {}) => {
    const { change } = more;
    const recentChange = async (): Promise<PhoneChange> => {
      if (change instanceof Error) throw change;
      return change ?? { is: 'unchanged' };
    };
    return createTextHandler({
      senders,
      brand,
      clock,
      reports,
      mayNotify: async () => more.mayNotify ?? true,
      signals: change ? { recentChange } : undefined,
    });
  };
  return { clock, asked, texts, told, make };
}
const job = (more: Partial<typeof payload> = {}, attempt = 1) => ({
  id: 'j',
  attempt,
  payload: { ...payload, ...more },
});

describe('senders in order', () => {
  test('the first one that is well gets the text, alone', async () => {
    const { make, asked, texts } = house([], []);
    expect(await make()(job())).toEqual({ is: 'done' });
    expect(asked).toEqual(['s1']);
    expect(texts[0]).toMatchObject({ idempotencyKey: 'j', to: payload.to, language: 'en' });
  });

  test('one that fails is followed by the next within the attempt, and left alone for a while, longer each time', async () => {
    const { make, asked, clock, told } = house([failing, failing], []);
    const handler = make();
    const asks = async () => {
      asked.length = 0;
      await handler(job());
      return asked.join(' ');
    };
    expect(await asks()).toBe('s1 s2');
    expect(told[0]).toContain('It does not answer.');
    expect(told[0]).not.toContain('483190');
    clock.advance(14_999);
    expect(await asks()).toBe('s2');
    clock.advance(1);
    expect(await asks()).toBe('s1 s2');
    clock.advance(29_999);
    expect(await asks()).toBe('s2');
    clock.advance(1);
    expect(await asks()).toBe('s1');
    expect(await asks()).toBe('s1');
  });

  test('a pause that a sender asks for is kept', async () => {
    const { make, asked, clock } = house([{ ...failing, after: 120_000 }], []);
    const handler = make();
    await handler(job());
    clock.advance(119_999);
    await handler(job());
    clock.advance(1);
    await handler(job());
    expect(asked).toEqual(['s1', 's2', 's2', 's1']);
  });

  test('a refused number is refused by all, and its sender stays well', async () => {
    const { make, asked } = house([{ is: 'rejected', cause: 'No such number.' }], []);
    const handler = make();
    expect(await handler(job())).toEqual({ is: 'dead', reason: 'No such number.' });
    await handler(job());
    expect(asked).toEqual(['s1', 's1']);
  });

  test('when all fail, all are asked again, at the earliest when the first of them says', async () => {
    const { make, asked } = house([{ ...failing, after: 60_000 }, failing], [{ ...failing, after: 5_000 }, failing]);
    const handler = make();
    expect(await handler(job())).toEqual({
      is: 'retry',
      after: 5_000,
      cause: 's1: It does not answer. s2: It does not answer.',
    });
    expect(await handler(job())).toMatchObject({ is: 'retry' });
    expect(asked).toEqual(['s1', 's2', 's1', 's2']);
  });

  test('without any sender a code is given up, and a notice is nothing to do', async () => {
    const handler = house().make();
    expect(await handler(job())).toEqual({ is: 'dead', reason: 'No sender of texts is configured.' });
    expect(await handler(job({ template: 'frozen-notice' }))).toEqual({ is: 'done' });
  });
});

test.each([{ template: 'nonsense' }, { values: { code: 'abc', minutes: 1 } }, { values: {} as never }])(
  'what can not be worded is given up with a reason that repeats nothing: %j',
  async (more) => {
    const { make, asked } = house([]);
    const outcome = await make()(job(more));
    expect(outcome).toMatchObject({ is: 'dead', reason: expect.stringContaining('text template') });
    expect(asked).toEqual([]);
  },
);

describe('a new SIM', () => {
  const changed: PhoneChange = { is: 'changed', cause: 'SIM of today' };

  test('gets no code, and somebody is told', async () => {
    const { make, asked, told } = house([]);
    expect(await make({ change: changed })(job())).toMatchObject({
      is: 'dead',
      reason: expect.stringContaining('today'),
    });
    expect([asked, told]).toEqual([[], [expect.stringContaining('withheld')]]);
  });

  test.each(['confirm-number', 'frozen-notice'])('does not stop %s', async (template) => {
    const { make, asked } = house([]);
    expect(await make({ change: changed })(job({ template }))).toEqual({ is: 'done' });
    expect(asked).toEqual(['s1']);
  });

  test.each<[string, PhoneChange | Error]>([
    ['can’t tell', { is: 'unknown', cause: 'Down.' }],
    ['throws', new Error('secret +491701234567')],
  ])('a service that %s locks nobody out', async (_, change) => {
    const { make, asked, told } = house([]);
    expect(await make({ change })(job())).toEqual({ is: 'done' });
    expect(asked).toEqual(['s1']);
    expect(told.join('')).not.toContain('1701234567');
  });
});

test('a notice that may not be paid for stays away; a code is not asked again, it was counted before', async () => {
  const { make, asked } = house([], []);
  const handler = make({ mayNotify: false });
  expect(await handler(job({ template: 'frozen-notice' }))).toEqual({ is: 'done' });
  expect(asked).toEqual([]);
  await handler(job());
  await handler(job({ template: 'frozen-notice' }, 2));
  expect(asked).toEqual(['s1', 's1']);
});
