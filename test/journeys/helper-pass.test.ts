/** Assisted: a helper verifies a caller and hands over a pass that opens one journey, once, within minutes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Issued, PassRequest } from '../../src/flow/assisted/service.ts';
import * as people from '../../src/storage/repositories/people.ts';
import { upkeep } from '../../src/upkeep.ts';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { answer, byApp, byEmail, choose, identify, NEW, setPassword, signIn, subjectsTo } from '../kit/steps.ts';

const MINUTE = 60_000;
const ENV = {
  SPAREKEY_POLICY_RECOVERY_METHODS: 'email, totp, recovery-code, helper-pass',
  SPAREKEY_POLICY_PRIVILEGED_METHODS: 'email, totp, helper-pass',
  SPAREKEY_POLICY_PRIVILEGED_GROUPS: 'admins',
};
const ADDRESS = 'ben@private.example';
const ben = { username: 'ben', addresses: [ADDRESS] };

const request = (more: Partial<PassRequest> = {}): PassRequest => ({
  helper: 'Kim Berger',
  identifier: 'ben',
  verification: { kind: 'id-in-person', ticket: 'T-1204' },
  ...more,
});

async function pass(built: Built, more: Partial<PassRequest> = {}): Promise<Extract<Issued, { is: 'issued' }>> {
  const issued = await built.assisted.issuePass(request(more));
  if (issued.is === 'refused') throw new Error(issued.cause);
  return issued;
}
const why = async (built: Built, more: Partial<PassRequest> = {}): Promise<string> => {
  const issued = await built.assisted.issuePass(request(more));
  return issued.is === 'refused' ? issued.why : 'issued';
};
const usePass = async (client: Client, code: string): Promise<Client> => {
  await choose(client, 'helper-pass');
  return answer(client, code);
};
const passedByPass = async (built: Built) =>
  (await built.audited()).filter(({ event, method }) => event === 'recovery.verified' && method === 'helper-pass');

describe('a helper’s pass', () => {
  test('opens a recovery by itself, once; the person is told when it is issued and when it is used', async () => {
    const built = await build({ people: [ben], env: ENV });
    const { code, told } = await pass(built);
    expect(told).toEqual(['b•••@private.example']);
    const client = await identify(built.client(), 'ben');
    await usePass(client, code);
    expect(client.title).toBe('Choose a new password');
    await setPassword(client);
    expect(await built.bind('ben', NEW)).toBe('correct');
    expect(await subjectsTo(built, ADDRESS)).toEqual([
      'a helper issued a pass for your account',
      'the pass for your account was used',
      'your password was reset',
    ]);
    const [notice] = await built.mails();
    expect(notice?.text).toContain('Kim Berger');
    expect(notice?.text).toContain('/stop#');

    const again = await identify(built.client({ ip: '192.0.2.8' }), 'ben');
    await usePass(again, code);
    expect(again.text()).toContain('doesn’t match');
  });

  test('is told to confirmed phones, too', async () => {
    const built = await build({
      people: [{ ...ben, phones: ['+4915112345678'] }],
      env: {
        ...ENV,
        SPAREKEY_POLICY_RECOVERY_METHODS: 'email, totp, sms, helper-pass',
        SPAREKEY_TEXTS_SENDERS: '[{ type: demo-phone }]',
        SPAREKEY_TEXTS_COUNTRIES: 'DE',
      },
    });
    const { code, told } = await pass(built);
    expect(told).toHaveLength(2);
    await usePass(await identify(built.client(), 'ben'), code);
    const said = (await built.texts()).map(({ text }) => text);
    expect(said).toEqual([expect.stringContaining('gave out a pass'), expect.stringContaining('was used')]);
    for (const text of said) expect(text).not.toContain(code);
  });

  test('is kept, mailed, logged and audited nowhere in clear; the audit tells who, how and for which ticket', async () => {
    const built = await build({ people: [ben], env: ENV });
    const { code } = await pass(built, { secondApprover: 'Lou Adler' });
    await usePass(await identify(built.client(), 'ben'), code);
    const tables = ['authenticators', 'audit', 'flows', 'outbox'] as const;
    const rows = await Promise.all(tables.map((table) => built.storage.db.selectFrom(table).selectAll().execute()));
    const mails = (await built.mails()).map(({ text, html }) => text + html);
    for (const text of [JSON.stringify(rows), built.log.join('\n'), ...mails])
      for (const form of [code, code.replaceAll('-', '')]) expect(text).not.toContain(form);
    expect((await built.audited()).find(({ event }) => event === 'helper-pass.issued')).toMatchObject({
      outcome: 'success',
      actor: 'helper:Kim Berger',
      reason: 'The helper saw an identity document in person.',
      detail: { verified: 'id-in-person', ticket: 'T-1204', secondApprover: 'Lou Adler' },
    });
  });

  test('runs out after a quarter of an hour, and is swept away', async () => {
    const built = await build({ people: [ben], env: ENV });
    const { code } = await pass(built);
    const client = await choose(await identify(built.client(), 'ben'), 'helper-pass');
    built.clock.advance(15 * MINUTE);
    await answer(client, code);
    expect(client.title).not.toBe('Choose a new password');
    await upkeep(built.flow, built.config.privacy.keep);
    const rows = await built.storage.db.selectFrom('authenticators').select('method').execute();
    expect(rows).toEqual([{ method: 'email' }]);
  });

  test('a newer one makes the older one worthless', async () => {
    const built = await build({ people: [ben], env: ENV });
    const first = await pass(built);
    const second = await pass(built);
    const client = await identify(built.client(), 'ben');
    await usePass(client, first.code);
    expect(client.text()).toContain('doesn’t match');
    await answer(client, second.code);
    expect(client.title).toBe('Choose a new password');
  });

  test('of somebody else, cut short or made longer does not match', async () => {
    const built = await build({ people: [ben, { username: 'eve' }], env: ENV });
    const own = await pass(built);
    const other = await pass(built, { identifier: 'eve' });
    const client = await choose(await identify(built.client(), 'ben'), 'helper-pass');
    for (const wrong of [other.code, own.code.slice(0, -1), `${own.code}0`, '']) {
      await answer(client, wrong);
      expect(client.title).toBe('Type the pass that you were given');
    }
    await answer(client, own.code);
    expect(client.title).toBe('Choose a new password');
  });

  test('works although strangers typed wrong ones until nothing was looked at any more', async () => {
    const built = await build({ people: [ben], env: { ...ENV, SPAREKEY_LIMITS_STARTS_PER_IDENTIFIER_PER_HOUR: '50' } });
    for (let n = 0; n < 5; n += 1) {
      const stranger = await choose(await identify(built.client({ ip: `192.0.2.${n}` }), 'ben'), 'helper-pass');
      for (let tries = 0; tries < 5 && stranger.forms().some(({ action }) => action === '/recover/answer'); tries += 1)
        await answer(stranger, 'AAAA-AAAA-AAAA-AAAA');
    }
    const { code } = await pass(built);
    const client = await identify(built.client(), 'ben');
    await usePass(client, code);
    expect(client.title).toBe('Choose a new password');
  });
});

describe('what a pass never opens', () => {
  test('a sign-in and a practice run: it is not offered there, and right after it nothing else is missing', async () => {
    const built = await build({ people: [{ ...ben, seed: SEED }], env: ENV });
    const client = await signIn(built.client(), 'ben');
    await pass(built);
    expect(client.choices('method')).not.toContain('helper-pass');
    await byApp(built, client);
    await client.submit('/practice');
    expect(client.choices('method').sort()).toEqual(['email', 'totp']);
    const { fields } = client.form('/recover/method');
    await client.post('/recover/method', { ...fields, method: 'helper-pass' });
    expect(client.title).not.toBe('Type the pass that you were given');
  });

  test('a privileged account by itself: the app or the passkey is shown, too', async () => {
    const built = await build({ people: [{ ...ben, seed: SEED, groups: ['admins'] }], env: ENV });
    const { code } = await pass(built, { secondApprover: 'Lou Adler' });
    const client = await identify(built.client(), 'ben');
    await usePass(client, code);
    expect(client.choices('method')).toEqual(['totp']);
    await byApp(built, client);
    expect(client.title).toBe('Choose a new password');
  });

  test('“How safe am I?” neither lists it nor counts it', async () => {
    const built = await build({ people: [{ username: 'ben' }], env: ENV });
    await pass(built);
    const client = await signIn(built.client(), 'ben');
    expect(client.title).toBe('How safe am I?');
    expect(client.html).not.toContain('Remove: Pass from a helper');
    expect(client.text()).toContain('no way back in yet');
    await client.get('/ways/add');
    expect(client.choices('method')).not.toContain('helper-pass');
    await client.get('/ways/add/helper-pass');
    expect(client.title).not.toContain('pass');
  });
});

describe('other journeys', () => {
  test('unlocks an account whose password is known', async () => {
    const built = await build({ people: [ben], env: { ...ENV, SPAREKEY_DIRECTORY_LOCK_AFTER: '3' } });
    for (let n = 0; n < 3; n += 1) await built.bind('ben', 'wrong heron here');
    expect(await built.bind('ben', PASSWORD)).toBe('refused');
    const { code } = await pass(built);
    const client = await built.client().get('/unlock');
    await client.submit('/unlock', { identifier: 'ben' });
    await usePass(client, code);
    await client.submit('/recover/unlock');
    expect(await built.bind('ben', PASSWORD)).toBe('correct');
  });

  test('takes a lost app away, after the password was typed', async () => {
    const built = await build({ people: [{ ...ben, seed: SEED }], env: ENV });
    const { code } = await pass(built);
    const client = await signIn(built.client(), 'ben');
    await client.submit('/recover/lost');
    await usePass(client, code);
    expect(client.title).toBe('What have you lost?');
  });
});

describe('single use', () => {
  test('fifty times at once in one journey pass one gate, once', async () => {
    const built = await build({ people: [ben], env: ENV });
    const { code } = await pass(built);
    const client = await choose(await identify(built.client(), 'ben'), 'helper-pass');
    await Promise.all(Array.from({ length: 50 }, () => client.submitted('/recover/answer', { code })));
    expect(await passedByPass(built)).toHaveLength(1);
  });

  test('in many journeys at once on two nodes, one of them goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparekey-pass-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'shared.sqlite');
    const env = { ...ENV, SPAREKEY_LIMITS_STARTS_PER_IDENTIFIER_PER_HOUR: '50' };
    const one = await build({ people: [ben], env, file });
    const other = await build({ env, file, clock: one.clock });
    const { code } = await pass(one);
    const journeys = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const client = (n % 2 === 0 ? one : other).client({ ip: `192.0.2.${n}` });
        await identify(client, 'ben');
        return choose(client, 'helper-pass');
      }),
    );
    await Promise.all(journeys.map((client) => answer(client, code)));
    expect(await passedByPass(one)).toHaveLength(1);
    expect(journeys.filter(({ title }) => title === 'Choose a new password')).toHaveLength(1);
  });
});

test('a stranger sees the same, whether the name is nobody’s, somebody’s without a pass, or somebody’s with one', async () => {
  const views: string[][] = [];
  for (const kind of ['nobody', 'without', 'with']) {
    const built = await build({ people: kind === 'nobody' ? [] : [ben], env: ENV });
    if (kind === 'with') await pass(built);
    const client = await identify(built.client(), 'ben');
    const seen = [client.text()];
    await choose(client, 'helper-pass');
    seen.push(client.text());
    for (let n = 0; n < 5; n += 1) seen.push((await answer(client, 'AAAA-AAAA-AAAA-AAAA')).text());
    views.push(seen);
  }
  expect(views[1]).toEqual(views[0]);
  expect(views[2]).toEqual(views[0]);
});

describe('who gets none', () => {
  test.each<[string, Parameters<typeof build>[0], Partial<PassRequest>, string]>([
    ['an account that does not exist', { people: [] }, {}, 'no-account'],
    [
      'where policy has no passes',
      { people: [ben], env: { SPAREKEY_POLICY_RECOVERY_METHODS: 'email, totp' } },
      {},
      'not-offered',
    ],
    ['a disabled account', { people: [{ ...ben, disabled: true }] }, {}, 'blocked'],
    ['the helper’s own account', { people: [ben] }, { helper: ' BEN ' }, 'own-account'],
    ['a privileged account', { people: [{ ...ben, groups: ['admins'] }] }, {}, 'second-approver-needed'],
    ['a protected account', { people: [{ ...ben, groups: ['administrators'] }] }, {}, 'second-approver-needed'],
    [
      'a privileged account, where the helper approves twice',
      { people: [{ ...ben, groups: ['admins'] }] },
      { secondApprover: ' kim  berger'.replace('  ', ' ') },
      'second-approver-same',
    ],
    [
      'a privileged account that approves itself',
      { people: [{ ...ben, groups: ['admins'] }] },
      { secondApprover: 'Ben' },
      'second-approver-same',
    ],
  ])('%s', async (_name, options, more, expected) => {
    const built = await build({ ...options, env: { ...ENV, ...options?.env } });
    expect(await why(built, more)).toBe(expected);
    const rows = await built.storage.db.selectFrom('authenticators').select('method').execute();
    expect(rows.map(({ method }) => method)).not.toContain('helper-pass');
    const [record] = (await built.audited()).filter(({ event }) => event === 'helper-pass.issued');
    expect(record).toMatchObject({ outcome: 'refused', actor: `helper:${more.helper ?? 'Kim Berger'}` });
  });

  test('a privileged account gets one when a third person agrees', async () => {
    const built = await build({ people: [{ ...ben, groups: ['admins'] }], env: ENV });
    expect(await why(built, { secondApprover: 'Lou Adler' })).toBe('issued');
  });

  test('an account whose recovery was stopped', async () => {
    const built = await build({ people: [ben], env: ENV });
    const found = await built.directory.find('ben');
    if (found.is !== 'found') throw new Error('No ben.');
    await people.freeze(built.storage.db, found.account, 'Somebody pressed the button.', built.clock.now());
    expect(await why(built)).toBe('frozen');
  });

  test('the fourth within a day', async () => {
    const built = await build({ people: [ben], env: ENV });
    for (let n = 0; n < 3; n += 1) expect(await why(built)).toBe('issued');
    expect(await why(built)).toBe('too-many');
    built.clock.advance(24 * 60 * MINUTE + 1);
    expect(await why(built)).toBe('issued');
  });

  test('many asked for at once: no more than the day allows, and only one is left', async () => {
    const built = await build({ people: [ben], env: ENV });
    const all = await Promise.all(Array.from({ length: 12 }, () => why(built)));
    expect(all.filter((one) => one === 'issued').length).toBeLessThanOrEqual(3);
    const { code } = await pass(await build({ people: [ben], env: ENV }));
    expect(code).toMatch(/^\w{4}-/);
  });
});

test('what stands in the way of a recovery is told to the helper', async () => {
  const built = await build({ people: [{ ...ben, cannotChange: true }], env: ENV });
  expect((await pass(built)).warning).toContain('change');
  expect((await byEmail(built, await identify(built.client(), 'ben'), ADDRESS)).title).not.toBe(
    'Choose a new password',
  );
});
