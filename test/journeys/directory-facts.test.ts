/** Facts of the directory: asked in addition, behind a gate that proves possession, of those of whom the directory knows something. */
import { describe, expect, test } from 'vitest';
import { build, SEED } from '../kit/build.ts';
import { byApp, byEmail, choose, identify, NEW, setPassword, signIn } from '../kit/steps.ts';

const FACTS = JSON.stringify([
  { name: 'card', attribute: 'employeeNumber', label: { en: 'Number on your card', de: 'Nummer auf dem Ausweis' } },
  { name: 'born', attribute: 'birthDate', kind: 'date', label: { en: 'Date of birth' } },
]);
const ENV = { SPAREKEY_METHODS_DIRECTORY_FACTS_FACTS: FACTS, SPAREKEY_POLICY_RECOVERY_ALSO: 'directory-facts' };
const ADDRESS = 'dora@private.example';
const dora = {
  username: 'dora',
  addresses: [ADDRESS],
  seed: SEED,
  attributes: { employeeNumber: ['AB-77 31'], birthDate: ['19900503000000Z'] },
};
const RIGHT = { card: 'ab7731', born: '3.5.1990' };
const start = async (people = [dora], env: Record<string, string> = {}) => {
  const built = await build({ people, env: { ...ENV, ...env } });
  return { built, client: await identify(built.client(), 'dora') };
};

describe('facts of the directory', () => {
  test('are asked in addition to both gates, in the language of the page', async () => {
    const { built, client } = await start();
    await byEmail(built, client, ADDRESS);
    await byApp(built, client);
    expect(client.choices('method')).toEqual(['directory-facts']);
    await choose(client, 'directory-facts');
    expect(client.text()).toContain('Number on your card');
    await client.get('/recover?lang=de');
    expect(client.text()).toContain('Nummer auf dem Ausweis');
    expect(client.text()).toContain('Date of birth');
    await client.submit('/recover/answer', RIGHT);
    await setPassword(client);
    expect(await built.bind('dora', NEW)).toBe('correct');
  });

  test('three wrong answers end the try; which one was wrong is not told', async () => {
    const { built, client } = await start();
    await byEmail(built, client, ADDRESS);
    await choose(client, 'directory-facts');
    await client.submit('/recover/answer', { ...RIGHT, card: 'ab7732' });
    expect(client.text()).toContain('Not everything is right');
    expect(client.text()).toContain('2 tries left');
    await client.submit('/recover/answer', { ...RIGHT, born: '4.5.1990' });
    await client.submit('/recover/answer', { card: '', born: '' });
    expect(client.text()).toContain('Those were too many tries');
    await choose(client, 'directory-facts');
    await client.submit('/recover/answer', RIGHT);
    expect(client.choices('method')).toEqual(['totp']);
  });

  test('weigh nothing: right answers and one gate open nothing', async () => {
    const { built, client } = await start([{ ...dora, seed: '' }]);
    await byEmail(built, client, ADDRESS);
    expect(client.title).not.toBe('Choose a new password');
    expect(await built.bind('dora', NEW)).toBe('wrong');
  });

  test('are not asked of somebody of whom the directory knows nothing', async () => {
    const { built, client } = await start([{ ...dora, attributes: { employeeNumber: [' '], birthDate: ['unknown'] } }]);
    await byEmail(built, client, ADDRESS);
    await byApp(built, client);
    expect(client.title).toBe('Choose a new password');
  });

  test('only what the directory knows is asked', async () => {
    const { built, client } = await start([{ ...dora, attributes: { ...dora.attributes, birthDate: [] } }]);
    await byEmail(built, client, ADDRESS);
    await choose(client, 'directory-facts');
    expect(client.text()).not.toContain('Date of birth');
    await client.submit('/recover/answer', { card: 'AB 77 31' });
    expect(client.choices('method')).toEqual(['totp']);
  });

  test('a stranger is never asked, whoever the name belongs to, and can’t ask for it', async () => {
    const seen: string[] = [];
    for (const people of [[dora], []]) {
      const { client } = await start(people);
      expect(client.choices('method')).toEqual(['email', 'totp', 'recovery-code']);
      const { fields } = client.form('/recover/method');
      await client.post('/recover/method', { ...fields, method: 'directory-facts' });
      expect(client.text()).not.toContain('Number on your card');
      seen.push(client.text());
    }
    expect(seen[0]).toBe(seen[1]);
  });

  test('are asked in a practice run, never at a sign-in, and nobody adds them', async () => {
    const { built } = await start();
    const client = await signIn(built.client(), 'dora');
    expect(client.choices('method')).toEqual(['totp']);
    await byApp(built, client);
    await client.get('/ways/add');
    expect(client.choices('method')).not.toContain('directory-facts');
    await client.get('/safety');
    expect(client.text()).toContain('All good');
    await client.submit('/practice');
    await byEmail(built, client, ADDRESS);
    await choose(client, 'directory-facts');
    await client.submit('/recover/answer', RIGHT);
    await byApp(built, client).catch(() => undefined);
    expect(client.choices('method')).not.toContain('directory-facts');
  });

  test('no value is in a page, a log, a mail or clear in the database', async () => {
    const { built, client } = await start();
    await byEmail(built, client, ADDRESS);
    await choose(client, 'directory-facts');
    await client.submit('/recover/answer', { card: 'wrong', born: '1.1.2000' });
    const flows = await built.storage.db.selectFrom('flows').selectAll().execute();
    const audit = await built.storage.db.selectFrom('audit').selectAll().execute();
    const pages = client.trace.map(({ body }) => body);
    const mails = (await built.mails()).map(({ text, html }) => text + html);
    for (const text of [...pages, ...mails, built.log.join('\n'), JSON.stringify(flows), JSON.stringify(audit)])
      for (const value of ['AB-77 31', 'ab7731', '19900503']) expect(text).not.toContain(value);
  });
});

test('a policy that asks for facts without naming any is refused, as is one that lets them count', async () => {
  await expect(build({ env: { SPAREKEY_POLICY_RECOVERY_ALSO: 'directory-facts' } })).rejects.toThrow('is empty');
  const counting = { ...ENV, SPAREKEY_POLICY_RECOVERY_METHODS: 'email, totp, directory-facts' };
  await expect(build({ env: counting })).rejects.toThrow('proves nothing by itself');
});
