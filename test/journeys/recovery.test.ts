/** The main job: two gates, a new password, and everybody who must know is told. */
import { describe, expect, test } from 'vitest';
import { build, PASSWORD, SEED } from '../kit/build.ts';
import {
  answer,
  appCode,
  byApp,
  byEmail,
  bySheet,
  choose,
  identify,
  NEW,
  setPassword,
  subjectsTo,
  wrongAppCode,
  wrongMailCode,
} from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED, sheet: true };

describe('recovery', () => {
  test('with a mailed code and the app, the new password works, the old one does not, and the person is told', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'Amina');
    expect(client.choices('method')).toEqual(['email', 'totp', 'recovery-code']);
    expect(client.text()).toContain('Step 1 of 3');
    await byEmail(built, client, 'amina@private.example');
    expect(client.choices('method')).toEqual(['totp', 'recovery-code']);
    expect(client.text()).toContain('Step 2 of 3');
    await byApp(built, client);
    expect(client.title).toBe('Choose a new password');
    expect(client.text()).toContain('Step 3 of 3');
    await setPassword(client);
    expect(client.text()).toContain('a•••@private.example');
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect(await built.bind('amina', PASSWORD)).toBe('wrong');
    expect(await subjectsTo(built, 'amina@private.example')).toEqual([
      'your code to get back in',
      'your password was reset',
    ]);
    expect((await built.audit.verify(built.storage.db)).faults).toEqual([]);
  });

  test('works with the app first and the mail second', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'amina');
    await byApp(built, client);
    expect(client.choices('method')).toEqual(['email', 'recovery-code']);
    await byEmail(built, client, 'amina@private.example');
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('works with the app and a saved code, without any mail; the app itself is not asked for twice', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'amina');
    await byApp(built, client);
    expect(client.choices('method')).not.toContain('totp');
    await bySheet(client, built.sheets.get('amina')?.[0] ?? '');
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('where policy wants an issued code among the gates, app and saved code still need the mail', async () => {
    const built = await build({ people: [amina], env: { SPAREKEY_POLICY_RECOVERY_KINDS: 'issued' } });
    const client = await identify(built.client(), 'amina');
    await byApp(built, client);
    expect(client.choices('method')).toEqual(['email']);
  });

  test('finds a person by the address that the directory lists, but writes to the confirmed one only', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'AMINA@northfield.example');
    await choose(client, 'email');
    expect((await built.mails()).map(({ to }) => to)).toEqual(['amina@private.example']);
  });

  test('writes the same code to every confirmed address', async () => {
    const built = await build({ people: [{ ...amina, addresses: ['a@one.example', 'a@two.example'] }] });
    const client = await identify(built.client(), 'amina');
    await choose(client, 'email');
    const code = await built.codeFor('a@one.example');
    expect(await built.codeFor('a@two.example')).toBe(code);
    await answer(client, code);
    expect(client.choices('method')).toContain('totp');
  });

  test('a wrong code is told with the tries that are left, and the right one still works', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'amina');
    await choose(client, 'email');
    const code = await built.codeFor('amina@private.example');
    await answer(client, wrongMailCode(code));
    expect(client.title).toBe('Type the code from the email');
    expect(client.text()).toContain('4 tries');
    await answer(client, code);
    expect(client.choices('method')).toContain('totp');
  });

  test('five wrong tries make a code worthless, even the right one', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'amina');
    await choose(client, 'email');
    const code = await built.codeFor('amina@private.example');
    const early = { ...client.form('/recover/answer').fields };
    for (let n = 0; n < 5; n += 1) await answer(client, wrongMailCode(code));
    expect(client.text()).toContain('no longer works');
    expect(client.choices('method')).toEqual(['email', 'totp', 'recovery-code']);
    await client.post('/recover/answer', { ...early, code });
    expect(client.choices('method')).toEqual(['email', 'totp', 'recovery-code']);
  });

  test('people paste codes with blanks, hyphens and digits of other scripts', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'amina');
    await choose(client, 'email');
    const code = await built.codeFor('amina@private.example');
    const arabic = Array.from(code, (digit) => String.fromCodePoint(0x660 + Number(digit))).join('');
    await answer(client, ` ${arabic.slice(0, 4)} - ${arabic.slice(4)} `);
    expect(client.choices('method')).toContain('totp');
  });

  test('an app code works once', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'amina');
    await byApp(built, client);
    const second = await identify(built.client(), 'amina');
    await byApp(built, second);
    expect(second.text()).toContain('doesn’t match');
    built.clock.advance(30_000);
    await answer(second, appCode(built));
    expect(second.choices('method')).toEqual(['email', 'recovery-code']);
  });

  test('a refused password burns nothing: the next one goes through', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'amina');
    await byEmail(built, client, 'amina@private.example');
    await byApp(built, client);
    await setPassword(client, 'too short');
    expect(client.title).toBe('Choose a new password');
    await setPassword(client, NEW, 'something different altogether');
    expect(client.title).toBe('Choose a new password');
    await setPassword(client, 'Northfield College 2026!');
    expect(client.title).toBe('Choose a new password');
    await setPassword(client, PASSWORD);
    expect(client.title).toBe('Choose a new password');
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('the outcome is said once: afterwards this browser knows nothing of the person', async () => {
    const built = await build({ people: [amina] });
    const client = await identify(built.client(), 'amina');
    await byEmail(built, client, 'amina@private.example');
    await bySheet(client, built.sheets.get('amina')?.[0] ?? '');
    await setPassword(client);
    expect(client.text()).toContain('amina');
    const [name = ''] = [...client.cookies.keys()].filter((one) => one.includes('flow'));
    expect(name).toBe('');
    await client.get('/recover');
    expect(client.title).toContain('Locked out?');
  });

  test('earlier passwords are refused, five of them', async () => {
    const built = await build({ people: [amina], env: { SPAREKEY_LIMITS_STARTS_PER_IDENTIFIER_PER_HOUR: '50' } });
    const recover = async (password: string) => {
      built.clock.advance(3_600_000);
      const client = await identify(built.client(), 'amina');
      await byEmail(built, client, 'amina@private.example');
      await byApp(built, client);
      return setPassword(client, password);
    };
    await recover('first paper lantern here');
    await recover('second paper lantern here');
    expect((await recover('first paper lantern here')).title).toBe('Choose a new password');
    expect(await built.bind('amina', 'second paper lantern here')).toBe('correct');
  });

  test('a person without any way set up learns it only after nothing: no page differs', async () => {
    const built = await build({ people: [{ username: 'dmitri' }] });
    const client = await identify(built.client(), 'dmitri');
    await choose(client, 'totp');
    await answer(client, wrongAppCode(built));
    expect(client.text()).toContain('4 tries');
    expect(await built.mails()).toEqual([]);
  });

  test('a person with one way of two passes it and then reads that it is not enough', async () => {
    const built = await build({ people: [{ username: 'ivan', addresses: ['ivan@private.example'] }] });
    const client = await identify(built.client(), 'ivan');
    await byEmail(built, client, 'ivan@private.example');
    expect(client.title).toBe('We can’t check that it’s you here');
    expect((await built.audited()).find(({ event }) => event === 'recovery.stopped')?.reason).toContain('email');
  });
});
