/** The username reminder: to confirmed addresses only, and nobody learns which those are. */
import { expect, test } from 'vitest';
import { build } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';

const ask = async (client: Client, address: string) => {
  await client.get('/username');
  return client.submit('/username', { address });
};

const people = [
  { username: 'amina', addresses: ['family@private.example'] },
  { username: 'berta', addresses: ['family@private.example', 'Berta@Private.example'] },
  { username: 'carl', mail: 'carl@northfield.example' },
];

test('one mail names every account that confirmed the address', async () => {
  const built = await build({ people });
  await ask(built.client(), ' Family@private.example ');
  const mails = await built.mails();
  expect(mails).toHaveLength(1);
  expect(mails[0]?.to).toBe('Family@private.example');
  expect(mails[0]?.text).toContain('Username: amina');
  expect(mails[0]?.text).toContain('Username: berta');
  expect(mails[0]?.text).not.toContain('carl');
  const sent = (await built.audited()).filter(({ event }) => event === 'username.sent');
  expect(sent).toHaveLength(2);
});

test('an address that only the directory lists gets nothing, and the page says the same', async () => {
  const built = await build({ people });
  const pages = [];
  for (const address of ['family@private.example', 'carl@northfield.example', 'nobody@nowhere.example'])
    pages.push((await ask(built.client(), address)).html.replaceAll(/(value|nonce)="[\w-]+"/g, ''));
  expect(new Set(pages).size).toBe(1);
  expect((await built.mails()).map(({ to }) => to)).toEqual(['family@private.example']);
});

test('asking again and again is stopped, for known and unknown addresses alike', async () => {
  const built = await build({ people });
  for (const address of ['family@private.example', 'nobody@nowhere.example']) {
    const answers = [];
    for (let n = 0; n < 6; n += 1) answers.push((await ask(built.client({ ip: `198.51.100.${n}` }), address)).status);
    expect(answers).toEqual([200, 200, 200, 200, 200, 429]);
  }
});

test('what can’t be an address gets a sentence', async () => {
  const built = await build({ people });
  expect((await ask(built.client(), '')).text()).toContain('Type your email address');
  expect((await ask(built.client(), 'amina')).text()).toContain('does not look like an email address');
});
