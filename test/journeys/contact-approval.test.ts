/** Somebody else confirms who a person is: a manager of the directory, or a contact who has agreed. */

import { expect, test } from 'vitest';
import { accountId } from '../../src/kernel/account.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { appCode, byApp, byEmail, choose, identify, NEW, setPassword, signIn, subjectsTo } from '../kit/steps.ts';

const people = [
  {
    username: 'amina',
    displayName: 'Amina Haddad',
    addresses: ['amina@private.example'],
    attributes: { manager: ['grace'] },
  },
  { username: 'grace', displayName: 'Grace Mbeki', addresses: ['grace@private.example'], seed: SEED },
  { username: 'ben', addresses: ['ben@private.example'] },
];
const ENV = {
  SPAREKEY_POLICY_RECOVERY_METHODS: 'email,totp,contact-approval',
  SPAREKEY_METHODS_CONTACT_APPROVAL_MANAGER_ATTRIBUTE: 'manager',
};
const house = (env: Record<string, string> = {}): Promise<Built> => build({ people, env: { ...ENV, ...env } });

const SISTER = 'sister@elsewhere.example';

/** The token of the newest link for a contact. */
async function linkTo(built: Built, address: string): Promise<string> {
  const mail = (await built.mails()).findLast(({ to, text }) => to === address && text.includes('/approve#'));
  const token = /\/approve#([\w-]+)/.exec(mail?.text ?? '')?.[1];
  if (!token) throw new Error(`No link for ${address}.`);
  return token;
}

async function opens(built: Built, address: string, client = built.client({ ip: '198.51.100.7' })): Promise<Client> {
  const token = await linkTo(built, address);
  await client.get('/approve');
  return client.submit('/approve', { token });
}

const numberOn = (client: Client): string => {
  const number = /class="number"[^>]*>(?:<span[^>]*>[^<]*<\/span>)?(\d{3})</.exec(client.html)?.[1];
  if (!number) throw new Error(`No number: ${client.text()}`);
  return number;
};
const anotherNumber = (number: string): string => (number === '111' ? '222' : '111');

/** Asks for a contact's word in a journey of amina's. */
async function asks(built: Built, name = 'amina'): Promise<Client> {
  const client = await identify(built.client(), name);
  await choose(client, 'contact-approval');
  return client;
}

const look = (client: Client): Promise<Client> => client.submit('/recover/answer');

/** Grace signs in, with her app. */
async function graceSignsIn(built: Built, client: Client): Promise<Client> {
  await signIn(client, 'grace');
  await choose(client, 'totp');
  return client.submit('/recover/answer', { code: appCode(built) });
}

/** Amina names her sister, who agrees. */
async function withSister(built: Built): Promise<Client> {
  const amina = await signIn(built.client(), 'amina');
  await amina.get('/ways/add/contact-approval');
  await amina.submit('/ways/add/contact-approval', { address: SISTER, label: 'My sister' });
  const sister = await opens(built, SISTER);
  expect(sister.title).toBe('Amina Haddad would like to count on you');
  await sister.submit('/approve/agree');
  expect(sister.title).toBe('Thank you');
  return amina;
}

test('a manager who is signed in types the number, and the journey goes on by itself', async () => {
  const built = await house();
  const amina = await asks(built);
  const number = numberOn(amina);
  expect((await look(amina)).text()).toContain('Nobody has confirmed yet');
  const grace = await opens(built, 'grace@private.example');
  expect(grace.title).toBe('Please sign in first');
  await graceSignsIn(built, grace);
  expect(grace.path).toBe('/approve/request');
  expect(grace.title).toBe('Is this really Amina Haddad?');
  expect(grace.text()).not.toContain(number);
  expect(grace.text()).toContain('192.0.•.•');
  await grace.submit('/approve/confirm', { number });
  expect(grace.title).toBe('Thank you');
  await look(amina);
  expect(amina.title).toBe('One more check');
  await byEmail(built, amina, 'amina@private.example');
  await setPassword(amina);
  expect(await built.bind('amina', NEW)).toBe('correct');
  expect(await subjectsTo(built, 'grace@private.example')).toContain('you confirmed who somebody is');
  expect(await subjectsTo(built, 'amina@private.example')).toContain('somebody confirmed that it’s you');
});

test('a manager’s mailbox alone confirms nothing', async () => {
  const built = await house();
  const amina = await asks(built);
  const thief = await opens(built, 'grace@private.example');
  expect(() => thief.form('/approve/confirm')).toThrow();
  await thief.get('/recover');
  const token = await linkTo(built, 'grace@private.example');
  await thief.get('/approve');
  const { _csrf = '' } = thief.form('/approve').fields;
  await thief.submit('/approve', { token });
  await thief.post('/approve/confirm', { _csrf, number: numberOn(amina) });
  expect(thief.title).toBe('Please sign in first');
  await look(amina);
  expect(amina.text()).toContain('Nobody has confirmed yet');
});

test('somebody else who is signed in can’t answer for the manager, nor can the person', async () => {
  const built = await house();
  await asks(built);
  for (const name of ['ben', 'amina']) {
    const other = await signIn(built.client(), name);
    await opens(built, 'grace@private.example', other);
    expect(other.title).toBe('This one is not for you');
  }
});

test('a contact counts once they have agreed, by a button of their own', async () => {
  const built = await house();
  const amina = await signIn(built.client(), 'amina');
  await amina.get('/ways/add/contact-approval');
  await amina.submit('/ways/add/contact-approval', { address: SISTER, label: 'My sister' });
  expect(amina.title).toBe('We have asked: My sister');
  await amina.submit('/ways/add/contact-approval/confirm');
  expect(amina.text()).toContain('Not answered yet');
  const sister = await opens(built, SISTER);
  expect((await built.audited()).map(({ event }) => event)).not.toContain('enrolment.added');
  await sister.submit('/approve/agree');
  await amina.submit('/ways/add/contact-approval/confirm');
  expect(amina.path).toBe('/safety?done=added');
  expect(amina.text()).toContain('My sister');
  expect(await subjectsTo(built, 'amina@private.example')).toContain('a new way back in was added');
  // Her word, not the manager's, is asked for from here on.
  const locked = await asks(built);
  const confirming = await opens(built, SISTER);
  await confirming.submit('/approve/confirm', { number: numberOn(locked) });
  expect(confirming.title).toBe('Thank you');
  await look(locked);
  expect(locked.title).toBe('One more check');
});

test('a contact who would rather not is none, and the person is told kindly', async () => {
  const built = await house();
  const amina = await signIn(built.client(), 'amina');
  await amina.get('/ways/add/contact-approval');
  await amina.submit('/ways/add/contact-approval', { address: SISTER, label: '' });
  const sister = await opens(built, SISTER);
  await sister.submit('/approve/refuse');
  expect(sister.title).toBe('That is all right');
  await amina.submit('/ways/add/contact-approval/confirm');
  expect(amina.text()).toContain('They would rather not');
});

test('an address that was mistyped and corrected can’t become a contact later', async () => {
  const built = await house();
  const amina = await signIn(built.client(), 'amina');
  await amina.get('/ways/add/contact-approval');
  await amina.submit('/ways/add/contact-approval', { address: 'sistre@elsewhere.example', label: '' });
  await amina.submit('/ways/add/contact-approval/restart');
  await amina.submit('/ways/add/contact-approval', { address: SISTER, label: '' });
  const stranger = await opens(built, 'sistre@elsewhere.example');
  expect(stranger.title).toBe('Nothing left to do');
  expect((await opens(built, SISTER)).title).toContain('count on you');
});

test.each(['amina@private.example', 'AMINA@northfield.example', 'nonsense', ''])(
  'nobody is a contact of their own, and %j is refused',
  async (address) => {
    const built = await house();
    const amina = await signIn(built.client(), 'amina');
    await amina.get('/ways/add/contact-approval');
    await amina.submit('/ways/add/contact-approval', { address, label: '' });
    expect(amina.status).toBe(422);
    expect((await built.mails()).filter(({ text }) => text.includes('/approve#'))).toHaveLength(0);
  },
);

test('three wrong numbers make the request void, and the person is told everywhere', async () => {
  const built = await house();
  await withSister(built);
  const amina = await asks(built);
  const wrong = anotherNumber(numberOn(amina));
  const sister = await opens(built, SISTER);
  for (const left of ['2 tries are left', 'One try is left']) {
    await sister.submit('/approve/confirm', { number: wrong });
    expect(sister.status).toBe(422);
    expect(sister.text()).toContain(left);
  }
  await sister.submit('/approve/confirm', { number: wrong });
  expect(sister.title).toBe('That was wrong too often');
  // The right one comes too late.
  await opens(built, SISTER, sister);
  expect(sister.title).toBe('Nothing left to do');
  expect(await subjectsTo(built, 'amina@private.example')).toContain('somebody used your name');
});

test('parallel guesses get three tries together, and at most one answer counts', async () => {
  const built = await house();
  await withSister(built);
  const amina = await asks(built);
  const number = numberOn(amina);
  const sister = await opens(built, SISTER);
  const guesses = Array.from({ length: 50 }, (_, n) => String(100 + n * 17)).filter((guess) => guess !== number);
  await Promise.all(guesses.map((guess) => sister.submitted('/approve/confirm', { number: guess })));
  const refused = (await built.audited()).filter(({ event }) => event === 'approval.refused');
  expect(refused).toHaveLength(3);
});

test('the right number sent fifty times at once confirms once', async () => {
  const built = await house();
  await withSister(built);
  const amina = await asks(built);
  const number = numberOn(amina);
  const sister = await opens(built, SISTER);
  await Promise.all(Array.from({ length: 50 }, () => sister.submitted('/approve/confirm', { number })));
  expect((await built.audited()).filter(({ event }) => event === 'approval.given')).toHaveLength(1);
  await Promise.all(Array.from({ length: 50 }, () => amina.submitted('/recover/answer')));
  expect((await built.audited()).filter(({ event }) => event === 'recovery.verified')).toHaveLength(1);
});

test('“I know nothing of this” ends it, warns the person and opens an incident', async () => {
  const built = await house();
  await withSister(built);
  const amina = await identify(built.client(), 'amina');
  await byEmail(built, amina, 'amina@private.example');
  await choose(amina, 'contact-approval');
  expect(amina.text()).toContain('My sister');
  const sister = await opens(built, SISTER);
  await sister.submit('/approve/refuse');
  expect(sister.title).toBe('Good that you looked');
  await look(amina);
  expect(amina.text()).toContain('It was not confirmed');
  expect(await subjectsTo(built, 'amina@private.example')).toContain('somebody used your name');
  expect((await built.audited()).map(({ event }) => event)).toContain('incident.opened');
});

test('a stranger who began with it is not told that somebody said no', async () => {
  const built = await house();
  await withSister(built);
  const [amina, nobody] = [await asks(built), await asks(built, 'nobody')];
  const sister = await opens(built, SISTER);
  await sister.submit('/approve/refuse');
  const wordless = (client: Client) => client.text().replace(/\d{3}/, '');
  expect(wordless(await look(amina))).toBe(wordless(await look(nobody)));
  expect((await amina.get('/recover/answered')).last.json()).toEqual({ answered: false });
  expect((await nobody.get('/recover/answered')).last.json()).toEqual({ answered: false });
});

test('known and unknown names see the same pages; nothing is sent for those who have nobody', async () => {
  const built = await house();
  const seen = [];
  for (const name of ['amina', 'ben', 'nobody']) {
    const client = await asks(built, name);
    const page = client.text().replace(numberOn(client), '#');
    await look(client);
    const waits = client.text().replace(numberOn(client), '#');
    built.clock.advance(600_001);
    await look(client);
    seen.push([page.replace(/until [^.]+\./, ''), waits.replace(/until [^.]+\./, ''), client.text()]);
    built.clock.advance(3_600_000);
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  expect(String(seen[0])).toContain('Nobody confirmed it in time');
  const written = (await built.mails()).map(({ to }) => to);
  expect(written).toEqual(['grace@private.example']);
});

test('a request ends with the journey that made it, and a newer one does not take the older number', async () => {
  const built = await house();
  await withSister(built);
  const amina = await asks(built);
  const number = numberOn(amina);
  const older = await opens(built, SISTER);
  await amina.submit('/recover/another');
  await older.submit('/approve/confirm', { number });
  expect(older.title).toBe('Nothing left to do');
});

test('asked for a whole day, the journey waits as long, and the answer of the evening still counts', async () => {
  const built = await house({ SPAREKEY_METHODS_CONTACT_APPROVAL_LIFETIME: '24 h' });
  await withSister(built);
  const amina = await asks(built);
  const number = numberOn(amina);
  built.clock.advance(10 * 3_600_000);
  const sister = await opens(built, SISTER);
  await sister.submit('/approve/confirm', { number });
  expect(sister.title).toBe('Thank you');
  await amina.get('/recover');
  await look(amina);
  expect(amina.title).toBe('One more check');
});

test('the word of a contact who was removed meanwhile opens nothing', async () => {
  const built = await house();
  const signedIn = await withSister(built);
  const amina = await asks(built);
  const sister = await opens(built, SISTER);
  await sister.submit('/approve/confirm', { number: numberOn(amina) });
  const own = await built.flow.authenticators.list(built.storage.db, accountId('builtin', 'amina'));
  const remove = `/ways/${own.find(({ method }) => method === 'contact-approval')?.id}/remove`;
  await signedIn.get(remove);
  await signedIn.submit(remove);
  await look(amina);
  expect(amina.title).toBe('Tell them this number');
});

test('no number, no token and no address of a contact is in a log line or a page of somebody else', async () => {
  const built = await house();
  await withSister(built);
  const amina = await asks(built);
  const token = await linkTo(built, SISTER);
  const sister = await opens(built, SISTER);
  await sister.submit('/approve/confirm', { number: numberOn(amina) });
  const written = built.log.join('\n');
  expect(written).not.toContain(token);
  expect(written).not.toContain(SISTER);
  expect(amina.html).not.toContain(SISTER);
});

test('links that are nothing, used or pasted whole end on a page', async () => {
  const built = await house();
  await asks(built);
  const client = built.client();
  for (const token of ['', 'x', '🦩', 'a'.repeat(900)]) {
    await client.get('/approve');
    await client.submit('/approve', { token });
    expect(client.title).toBe('Nothing left to do');
  }
  const token = await linkTo(built, 'grace@private.example');
  await client.get('/approve');
  await client.submit('/approve', { token: `https://reset.example.test/approve#${token}` });
  expect(client.title).toBe('Please sign in first');
});

test('a practice run says so to the contact, and tells nobody else afterwards', async () => {
  const built = await house();
  const amina = await withSister(built);
  await amina.get('/safety');
  await amina.submit('/practice');
  await choose(amina, 'contact-approval');
  const sister = await opens(built, SISTER);
  expect(sister.text()).toContain('practice run');
  await sister.submit('/approve/confirm', { number: numberOn(amina) });
  await look(amina);
  expect(amina.title).toBe('One more check');
  expect(await subjectsTo(built, 'amina@private.example')).not.toContain('somebody confirmed that it’s you');
});

test('with both, the contact’s word and the app, a person gets in; the word alone is one gate', async () => {
  const built = await build({
    people: people.map((one) => (one.username === 'amina' ? { ...one, seed: SEED } : one)),
    env: ENV,
  });
  const amina = await asks(built);
  const grace = await graceSignsIn(built, await opens(built, 'grace@private.example'));
  await grace.submit('/approve/confirm', { number: numberOn(amina) });
  await look(amina);
  built.clock.advance(30_000);
  await byApp(built, amina);
  expect(amina.title).toBe('Choose a new password');
});
