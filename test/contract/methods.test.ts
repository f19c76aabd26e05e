/** Every registered way to verify runs the contract; one that is missing here fails the last test. */
import { Secret, TOTP } from 'otpauth';
import { describe, expect, test } from 'vitest';
import { CODE_COST } from '../../src/kernel/argon2.ts';
import { email } from '../../src/methods/email.ts';
import { methodPlugins } from '../../src/methods/index.ts';
import type { Challenge, VerificationMethod } from '../../src/methods/method.ts';
import { recoveryCode } from '../../src/methods/recovery-code.ts';
import { totp } from '../../src/methods/totp.ts';
import { type MethodUnderTest, methodContract } from './method.ts';

// Its real cost is proven in test/unit/kernel.
Object.assign(CODE_COST, { memory: 64, passes: 1, parallelism: 1 });

const mailed = ({ effects }: Challenge) => {
  const mail = effects.find(({ kind }) => kind === 'send-mail');
  return mail?.kind === 'send-mail' ? { code: String(mail.values['code']) } : {};
};
const shown = (seed: unknown, now: number) => ({
  code: new TOTP({ secret: Secret.fromBase32(String(seed)) }).generate({ timestamp: now }),
});

const underTest: Record<string, MethodUnderTest> = {
  email: {
    open: (ports) => email.open({ lifetime: 600_000 }, ports) as VerificationMethod,
    input: { address: 'amina@private.example' },
    confirms: mailed,
    answers: mailed,
    wrong: { code: '1234' },
  },
  totp: {
    open: (ports) => totp.open({ window: 1 }, ports) as VerificationMethod,
    confirms: ({ pending }, { now }) => shown(pending['seed'], now),
    answers: (_made, { pending }, { now }) => shown(pending['seed'], now),
    wrong: { code: '12345' },
  },
  'recovery-code': {
    open: (ports) => recoveryCode.open({ count: 5 }, ports) as VerificationMethod,
    confirms: () => ({}),
    answers: (_made, { prompt }) => ({ code: prompt.kind === 'save-codes' ? (prompt.codes[0] as string) : '' }),
    wrong: { code: 'AAAA-AAAA-AAAA-AAAA-AAAA' },
  },
};

for (const [id, method] of Object.entries(underTest)) describe(id, () => methodContract(method));

test('every registered method runs the contract', () => {
  expect(Object.keys(underTest).sort()).toEqual(Object.keys(methodPlugins).sort());
  for (const [id, plugin] of Object.entries(methodPlugins)) expect(plugin.id).toBe(id);
});

describe('email beyond the contract', () => {
  const method = underTest['email']?.open({
    mac: (...parts) => parts.join('|'),
    pepper: Buffer.alloc(32),
    organisation: 'x',
  });
  const at = {
    flow: 'f',
    challenge: 'c',
    now: 0,
    language: 'en',
    account: { id: 'a', username: 'a', displayName: 'A' },
    purpose: 'recovery' as const,
  };

  test('its code and link live exactly ten minutes', async () => {
    const made = await method?.challenge(at, [{ data: { address: 'a@b.example' } } as never]);
    if (!made) throw new Error('no challenge');
    const right = mailed(made) as { code: string };
    const judge = (now: number) => method?.judge({ ...at, now }, [], made.pending, right);
    expect((await judge(600_000))?.is).toBe('verified');
    expect((await judge(600_001))?.is).toBe('expired');
  });

  test('its code hangs on journey and challenge', async () => {
    const made = await method?.challenge(at, [{ data: { address: 'a@b.example' } } as never]);
    if (!made) throw new Error('no challenge');
    const right = mailed(made) as { code: string };
    for (const other of [{ flow: 'g' }, { challenge: 'd' }])
      expect((await method?.judge({ ...at, ...other }, [], made.pending, right))?.is).toBe('mismatch');
  });
});
