/** A call with a code: what each end of it means for the next attempt. */
import { expect, test } from 'vitest';
import { createCallHandler } from '../../../src/notify/call-handler.ts';
import type { CallOutcome, VoiceCall } from '../../../src/notify/voice-notifier.ts';

const payload = { to: '+491701234567', language: 'de', key: '407', code: '483190' };

async function after(outcome: CallOutcome, attempt = 1) {
  const calls: VoiceCall[] = [];
  const unspoken: string[] = [];
  const handler = createCallHandler({
    notifier: {
      async call(call) {
        calls.push(call);
        return outcome;
      },
    },
    organisation: 'Northfield',
    reports: { withheld: () => {}, unspoken: (_job, how) => unspoken.push(how), warn: () => {} },
  });
  return { result: await handler({ id: 'j', attempt, payload }), calls, unspoken };
}

test('calls with everything the sender needs, under the same name at every attempt', async () => {
  const { result, calls } = await after({ is: 'answered', spoken: 'part' });
  expect(result).toEqual({ is: 'done' });
  expect(calls).toEqual([{ idempotencyKey: 'j', organisation: 'Northfield', ...payload }]);
});

test.each(['no-answer', 'busy'] as const)('%s: once more, then never again', async (is) => {
  expect((await after({ is })).result).toMatchObject({ is: 'retry', after: 20_000 });
  const second = await after({ is }, 2);
  expect(second.result).toEqual({ is: 'done' });
  expect(second.unspoken).toHaveLength(1);
});

test.each(['machine', 'wrong-key', 'declined'] as const)(
  '%s: nothing was spoken, and it does not ring again',
  async (is) => {
    const { result, unspoken } = await after({ is });
    expect(result).toEqual({ is: 'done' });
    expect(unspoken[0]).toMatch(/\w/);
    expect(unspoken[0]).not.toMatch(/407|483190/);
  },
);

test('a telephone system in trouble is tried again, a number that is none is not', async () => {
  const retry: CallOutcome = { is: 'retry', after: 10_000, cause: 'All lines are in use.' };
  expect((await after(retry, 3)).result).toEqual(retry);
  expect((await after({ is: 'rejected', cause: 'No such number.' })).result).toEqual({
    is: 'dead',
    reason: 'No such number.',
  });
});

test('a number with a new SIM is not called', async () => {
  let called = false;
  const withheld: string[] = [];
  const handler = createCallHandler({
    notifier: {
      async call() {
        called = true;
        return { is: 'answered', spoken: 'whole' };
      },
    },
    organisation: 'Northfield',
    reports: { withheld: (_job, cause) => withheld.push(cause), unspoken: () => {}, warn: () => {} },
    signals: { recentChange: async () => ({ is: 'changed', cause: 'Ported yesterday.' }) },
  });
  expect(await handler({ id: 'j', attempt: 1, payload })).toMatchObject({ is: 'dead' });
  expect([called, withheld]).toEqual([false, [expect.stringContaining('Ported yesterday.')]]);
});

test('without a sender of calls a call is given up', async () => {
  const reports = { withheld: () => {}, unspoken: () => {}, warn: () => {} };
  const handler = createCallHandler({ notifier: undefined, organisation: 'x', reports });
  expect(await handler({ id: 'j', attempt: 1, payload })).toMatchObject({ is: 'dead' });
});
