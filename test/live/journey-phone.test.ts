/** Recovery with a text over a real SMPP peer, with Kannel taking over, and with a real call over SIP: what the phone gets opens the gate. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAudit } from '../../src/audit/read.ts';
import { argon2Hash, PASSWORD_COST } from '../../src/kernel/argon2.ts';
import { newId } from '../../src/kernel/random.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import { type Kannel, startKannel } from '../kit/servers/kannel.ts';
import { until } from '../kit/servers/process.ts';
import { createEar } from '../kit/servers/sip-ear.ts';
import { type SipPhone, startSipPhone } from '../kit/servers/sip-phone.ts';
import { receiptText, startSmsc, type TestSmsc } from '../kit/servers/smsc.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import type { WebClient } from '../kit/web-client.ts';
import { FIRST, type House, openHouse, type Person, SECOND } from './journey-house.ts';

const NUMBER = '+491701234567';
const METHODS = ['email', 'totp', 'sms', 'voice', 'recovery-code'];
const login = { systemId: 'sparekey', password: 'Smpp-Pw7' };

async function newcomer(house: House, username: string): Promise<Person> {
  const { storage, keyring, flow } = house.sparekey;
  const flags = { groups: [], mustChange: false, disabled: false, cannotChange: false, expiresAt: undefined };
  const person = { id: username, username, mail: undefined, displayName: 'Amina', givenName: 'Amina', language: 'en' };
  const passwordHash = await argon2Hash(FIRST, keyring.derive('builtin-password'), PASSWORD_COST);
  const passwordChangedAt = house.clock.now();
  await accounts.insert(storage.db, { ...person, ...flags, attributes: {}, passwordHash, passwordChangedAt });
  const enrolled = await house.enrolled(username);
  const phone = { id: newId(), accountId: enrolled.account.id, method: 'sms', label: '', data: { number: NUMBER } };
  await flow.authenticators.add(storage.db, { ...phone, lookup: `phone:${NUMBER}` }, house.clock.now());
  return enrolled;
}

const events = async (house: House, event: string) =>
  (await readAudit(house.sparekey.storage.db, { limit: 1_000 })).filter((entry) => entry.event === event);

/** Past the mail, at the choice of the second way. */
async function atSecondGate(house: House, username: string): Promise<WebClient> {
  const client = await house.firstGate(await newcomer(house, username));
  expect(client.choices('method')).toEqual(expect.arrayContaining(['sms', 'voice']));
  return client;
}

describe('texts', { timeout: 60_000 }, () => {
  let ca: TestCa;
  let first: TestSmsc;
  let second: TestSmsc;
  let kannel: Kannel;
  let house: House;
  beforeAll(async () => {
    ca = await createTestCa();
    first = await startSmsc({ ca, login });
    second = await startSmsc({ login });
    kannel = await startKannel({ port: second.port, ...login });
    const smpp = {
      type: 'smpp',
      host: 'localhost',
      port: first.port,
      caFile: ca.caFile,
      ...login,
      sender: 'Northfield',
    };
    const gateway = {
      type: 'http-gateway',
      url: kannel.url,
      method: 'GET',
      encoding: 'query',
      body: 'username={username}&password={password}&from={sender}&to={to}&text={text}&charset=UTF-8&coding={coding}',
      username: kannel.username,
      password: kannel.password,
      okText: 'Accepted for delivery',
      sender: 'Northfield',
    };
    house = await openHouse({
      ca,
      directory: { type: 'builtin' },
      more: {
        policy: { recovery: { methods: METHODS } },
        texts: { senders: [smpp, gateway], countries: ['DE'] },
        calls: { type: 'demo-phone' },
      },
    });
  });
  afterAll(async () => {
    await house?.close();
    await kannel?.stop();
    await second?.close();
    await first?.close();
    await ca?.remove();
  });

  /** The code of the newest text that a message centre took. */
  const codeAt = async (smsc: TestSmsc, after: number): Promise<string> => {
    await until(() => smsc.messages.length > after, 'the text to arrive');
    return /@localhost #(\d{6})$/.exec(smsc.messages.at(-1)?.text ?? '')?.[1] ?? '';
  };

  it('arrive at the message centre and open the gate; so does the notice of the new password', async () => {
    const client = await atSecondGate(house, 'texter');
    await client.submit('/recover/method', { method: 'sms' });
    const code = await codeAt(first, 0);
    expect(first.messages[0]).toMatchObject({ to: NUMBER.slice(1), from: 'Northfield', parts: 1 });
    await client.submit('/recover/answer', { code });
    await house.setPassword(client, SECOND);
    await until(() => first.messages.length === 2, 'the notice to arrive');
    expect(first.messages[1]?.text).toMatch(/^Northfield College: The password of your account was set anew/);
    expect(house.log.join('')).not.toContain(code);
  });

  it('that the network loses are in the audit', async () => {
    const client = await atSecondGate(house, 'loser');
    const before = first.messages.length;
    await client.submit('/recover/method', { method: 'sms' });
    await codeAt(first, before);
    const { id = '' } = first.messages.at(-1) ?? {};
    await first.deliver({ esm_class: 4, short_message: receiptText(id, 'UNDELIV') });
    await until(async () => (await events(house, 'texts.lost')).length === 1, 'the audit to know');
    expect((await events(house, 'texts.lost'))[0]?.reason).toContain('UNDELIV');
  });

  it('take the other sender when the message centre vanishes in the middle, within the same attempt', async () => {
    const client = await atSecondGate(house, 'switcher');
    first.fault({ at: 'submit', does: 'drop' });
    await client.submit('/recover/method', { method: 'sms' });
    await client.submit('/recover/answer', { code: await codeAt(second, 0) });
    expect(client.title).toBe('Choose a new password');
    const { db } = house.sparekey.storage;
    const rows = await db.selectFrom('outbox').select(['attempt', 'state']).where('kind', '=', 'text').execute();
    expect(rows.every(({ attempt }) => attempt === 1)).toBe(true);
  });
});

describe('calls', { timeout: 120_000 }, () => {
  let ca: TestCa;
  let phone: SipPhone;
  let house: House;
  beforeAll(async () => {
    ca = await createTestCa();
    phone = await startSipPhone({ number: NUMBER, answers: 'at-once' });
    house = await openHouse({
      ca,
      directory: { type: 'builtin' },
      more: {
        policy: { recovery: { methods: METHODS } },
        texts: { senders: [{ type: 'demo-phone' }], countries: ['DE'] },
        calls: {
          type: 'sip',
          server: phone.server,
          user: 'sparekey',
          listenAddress: '127.0.0.1',
          rtpPorts: '20000-30000',
          keyTimeout: '12 s',
        },
      },
    });
  });
  afterAll(async () => {
    await house?.close();
    await phone?.stop();
    await ca?.remove();
  });

  it('say the code to whoever presses the keys of the page, and it opens the gate', async () => {
    const client = await atSecondGate(house, 'caller');
    await client.submit('/recover/method', { method: 'voice' });
    const keys = [...client.html.matchAll(/<kbd>(\d)<\/kbd>/g)].map(([, key]) => key ?? '');
    expect(keys).toHaveLength(3);
    const hears = (): boolean => phone.heard().filter((sample) => Math.abs(sample) > 1_000).length > 500;
    await until(() => phone.saw('CALL_ESTABLISHED') && hears(), 'the greeting', 20_000);
    for (const key of keys) await phone.press(key);
    const jobs = () =>
      house.sparekey.storage.db.selectFrom('outbox').select('state').where('kind', '=', 'call').execute();
    await until(async () => (await jobs()).every(({ state }) => state === 'done'), 'the call to end', 60_000);
    const heard = createEar('en-gb', 110).digits(phone.heard());
    expect(heard).toMatch(/^(\d{6})\1$/);
    await client.submit('/recover/answer', { code: heard.slice(0, 6) });
    expect(client.title).toBe('Choose a new password');
    expect(await events(house, 'calls.unspoken')).toEqual([]);
  });

  it('never say it to a box that picks up and presses nothing; the audit knows', async () => {
    const client = await atSecondGate(house, 'boxed');
    await client.submit('/recover/method', { method: 'voice' });
    await until(async () => (await events(house, 'calls.unspoken')).length === 1, 'the call to end', 60_000);
    expect((await events(house, 'calls.unspoken'))[0]?.reason).toContain('voicemail');
    const rows = await house.sparekey.storage.db
      .selectFrom('outbox')
      .select(['attempt'])
      .where('kind', '=', 'call')
      .execute();
    expect(rows.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});
