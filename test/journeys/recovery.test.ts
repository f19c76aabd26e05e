import { Secret as OtpSecret, TOTP } from 'otpauth';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/kernel/secret.ts';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';

const NEW = 'a lantern over the harbour';
const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };

const appCode = (built: Built): string =>
  new TOTP({ secret: OtpSecret.fromBase32(SEED) }).generate({ timestamp: built.clock.now() });

const signsIn = async (built: Built, username: string, password: string): Promise<string> => {
  const found = await built.directory.find(username);
  if (found.is !== 'found') return found.is;
  return (await built.directory.verifyPassword(found.account, new Secret(password))).is;
};

describe('recovery', () => {
  test('with a mailed code and the app, the new password works, the old one does not, and the person is told', async () => {
    const built = await build({ people: [amina] });
    const client = built.client();
    await client.get('/');
    await client.submit('/recover', { identifier: 'Amina' });
    expect(client.choices('method')).toEqual(['email', 'totp', 'recovery-code']);
    await client.submit('/recover/method', { method: 'email' });
    await client.submit('/recover/answer', { code: await built.codeFor('amina@private.example') });
    expect(client.choices('method')).toEqual(['totp']);
    await client.submit('/recover/method', { method: 'totp' });
    await client.submit('/recover/answer', { code: appCode(built) });
    expect(client.title).toBe('Choose a new password');
    await client.submit('/recover/password', { password: NEW, again: NEW });
    expect(client.text()).toContain('a•••@private.example');
    expect(await signsIn(built, 'amina', NEW)).toBe('correct');
    expect(await signsIn(built, 'amina', PASSWORD)).toBe('wrong');
    const mails = await built.mails();
    expect(mails.map(({ to }) => to)).toEqual(['amina@private.example', 'amina@private.example']);
    expect((await built.audit.verify(built.storage.db)).faults).toEqual([]);
  });
});
