/** A helper's pass: how strong it is, how it is kept, and what it never opens. */
import { expect, test } from 'vitest';
import { CODE_COST } from '../../../src/kernel/argon2.ts';
import { minutes } from '../../../src/kernel/clock.ts';
import { helperPass } from '../../../src/methods/helper-pass.ts';
import type { Step, VerificationMethod } from '../../../src/methods/method.ts';
import { ports } from '../../contract/method.ts';

Object.assign(CODE_COST, { memory: 64, passes: 1, parallelism: 1 });

const method = helperPass.open({ lifetime: minutes(15), perDay: 3 }, ports) as VerificationMethod;
const account = { id: 'a', username: 'amina', displayName: 'Amina', mail: [], attributes: {} };
const at = (more: Partial<Step> = {}): Step => ({
  flow: 'f',
  challenge: 'c',
  now: 0,
  language: 'en',
  purpose: 'recovery',
  account,
  ...more,
});

async function issued(existing: Parameters<NonNullable<VerificationMethod['issuance']>['issue']>[3] = []) {
  const made = await method.issuance?.issue(account, 'Kim', 0, existing);
  const added = made?.effects.find((effect) => effect.kind === 'add-authenticator');
  if (!made || added?.kind !== 'add-authenticator') throw new Error('No pass was issued.');
  const row = { ...added.authenticator, version: 1, createdAt: 0, lastUsedAt: undefined, disabledAt: undefined };
  return { ...made, row };
}

test('has 80 bits in four groups that can be read out, and is kept as an argon2id hash only', async () => {
  const { code, row } = await issued();
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
  expect(row.data['hash']).toMatch(/^\$argon2id\$v=19\$/);
  for (const form of [code, code.replaceAll('-', '')]) expect(JSON.stringify(row)).not.toContain(form);
});

test('may be typed as it was heard: any case, O for 0, I and L for 1, any separators', async () => {
  const { code, row } = await issued();
  const heard = code.toLowerCase().replaceAll('-', ' . ').replaceAll('0', 'o').replaceAll('1', 'l');
  expect((await method.judge(at(), [row], {}, { code: heard })).is).toBe('verified');
});

test('works to the last millisecond of its time, and not at it', async () => {
  const { code, row, expiresAt } = await issued();
  expect(expiresAt).toBe(minutes(15));
  expect((await method.judge(at({ now: expiresAt - 1 }), [row], {}, { code })).is).toBe('verified');
  expect((await method.judge(at({ now: expiresAt }), [row], {}, { code })).is).toBe('expired');
});

test.each(['practice', 'sign-in', 'enrolment'] as const)('opens no %s', async (purpose) => {
  const { code, row } = await issued();
  expect((await method.judge(at({ purpose }), [row], {}, { code })).is).toBe('mismatch');
});

test('is used with a version check and then gone; the person is told by whom it was issued', async () => {
  const { code, row } = await issued();
  const verdict = await method.judge(at(), [row], {}, { code });
  if (verdict.is !== 'verified') throw new Error('The pass did not match.');
  expect(verdict.effects).toMatchObject([
    { kind: 'update-authenticator', id: row.id, version: 1 },
    { kind: 'remove-authenticator', id: row.id },
  ]);
  expect(verdict.tell).toEqual({ template: 'helper-action-notice', values: { action: 'used', helper: 'Kim' } });
});

test('takes the place of the one before', async () => {
  const { row } = await issued();
  const { effects } = await issued([row]);
  expect(effects[0]).toEqual({ kind: 'remove-authenticator', id: row.id });
});

test('nobody adds one', () => {
  expect(method.enrolment).toBeUndefined();
  expect(method).toMatchObject({ signIn: false, first: true, worth: { evidence: 'proofing', weight: 2 } });
});
