/** RFC 6238 appendix B (SHA-1, the last six of eight digits), the window, and replay. */
import { describe, expect, test } from 'vitest';
import type { Authenticator } from '../../../src/kernel/account.ts';
import type { Enrolment } from '../../../src/methods/method.ts';
import { totp } from '../../../src/methods/totp.ts';
import { ports } from '../../contract/method.ts';

const method = (window: number) => {
  const opened = totp.open({ window }, { ...ports, organisation: 'Northfield College: IT' });
  if (opened instanceof Promise) throw new Error('not expected');
  return opened;
};
const adding = () => method(1).enrolment as Enrolment;
const app = (lastStep = 0, id = 'app'): Authenticator => ({
  id,
  accountId: 'amina',
  method: 'totp',
  label: 'Phone',
  data: { seed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', lastStep },
  version: 3,
  createdAt: 0,
  lastUsedAt: undefined,
  disabledAt: undefined,
});
const at = (seconds: number) => ({
  flow: 'f',
  challenge: 'c',
  now: seconds * 1_000,
  language: 'en',
  account: { id: 'amina', username: 'amina', displayName: 'Amina', mail: [], attributes: {} },
  purpose: 'recovery' as const,
});
const judge = (seconds: number, code: string, own = [app()], window = 1) =>
  method(window).judge(at(seconds), own, {}, { code });

describe('TOTP', () => {
  test.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at %i s the code is %s', async (seconds, code) => {
    expect((await judge(seconds, code)).is).toBe('verified');
  });

  test('one step early or late is accepted, two are not; a strict window accepts neither', async () => {
    for (const shift of [-30, 0, 30]) expect((await judge(1111111111 + shift, '050471')).is).toBe('verified');
    for (const shift of [-60, 60]) expect((await judge(1111111111 + shift, '050471')).is).toBe('mismatch');
    for (const shift of [-30, 30]) expect((await judge(1111111111 + shift, '050471', [app()], 0)).is).toBe('mismatch');
  });

  test('the step that was used is stored with the version that was read, and no step up to it counts again', async () => {
    const step = Math.floor(1111111111 / 30);
    const verdict = await judge(1111111111, '050471');
    expect(verdict).toMatchObject({
      effects: [{ kind: 'update-authenticator', id: 'app', version: 3, change: { data: { lastStep: step } } }],
    });
    expect((await judge(1111111111, '050471', [app(step)])).is).toBe('mismatch');
    expect((await judge(1111111111, '050471', [app(step + 1)])).is).toBe('mismatch');
    expect((await judge(1111111111, '050471', [app(step - 1)])).is).toBe('verified');
  });

  test('of two apps the one that fits is used', async () => {
    const other = { ...app(0, 'other'), data: { seed: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', lastStep: 0 } };
    expect(await judge(1111111111, '050471', [other, app()])).toMatchObject({ effects: [{ id: 'app' }] });
  });

  test.each(['', '05047', '0504711', '      ', 'abcdef', '-50471', '5.0471e4'])('%j is no code', async (code) => {
    expect((await judge(1111111111, code)).is).toBe('mismatch');
  });

  test('a new seed has 160 bits; its address for the app keeps a colon of the organisation apart', async () => {
    const begun = await adding().begin({ ...at(1), purpose: 'enrolment' }, { username: 'amina' } as never, {}, []);
    if ('is' in begun || begun.prompt.kind !== 'scan-secret') throw new Error('not expected');
    expect(begun.prompt.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(begun.prompt.uri).toMatch(/^otpauth:\/\/totp\/Northfield%20College%3A%20IT:amina\?/);
    expect(begun.effects).toEqual([]);
  });

  test('an app that was bound with a code does not accept that code again', async () => {
    const begun = await adding().begin(
      { ...at(1111111111), purpose: 'enrolment' },
      { username: 'amina' } as never,
      {},
      [],
    );
    if ('is' in begun) throw new Error('not expected');
    const { Secret, TOTP } = await import('otpauth');
    const code = new TOTP({ secret: Secret.fromBase32(String(begun.pending['seed'])) }).generate({
      timestamp: 1111111111_000,
    });
    const bound = await adding().confirm(at(1111111111), begun.pending, { code }, []);
    if (bound.is !== 'verified' || bound.effects[0]?.kind !== 'add-authenticator') throw new Error('not bound');
    const fresh = { ...app(), data: bound.effects[0].authenticator.data };
    expect((await judge(1111111111, code, [fresh])).is).toBe('mismatch');
  });
});
