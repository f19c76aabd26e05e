/** The mail server refuses or is down: no page tells, the mail comes later, and what will never come is given up with the reason. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAudit } from '../../src/audit/read.ts';
import { argon2Hash, PASSWORD_COST } from '../../src/kernel/argon2.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import { createMailbox } from '../kit/mailbox.ts';
import { freePort, until } from '../kit/servers/process.ts';
import { type SmtpFault, startSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { FIRST, type House, MAIL_AUTH, openHouse, type Person, SECOND } from './journey-house.ts';

/** Longer than the longest back-off of the first attempts. */
const LATER = 30_000;

let made = 0;

async function newcomer(house: House): Promise<Person> {
  made += 1;
  const username = `writer${made}`;
  const { storage, keyring } = house.sparekey;
  const flags = { groups: [], mustChange: false, disabled: false, cannotChange: false, expiresAt: undefined };
  const person = { id: username, username, mail: undefined, displayName: 'Amina', givenName: 'Amina', language: 'en' };
  const passwordHash = await argon2Hash(FIRST, keyring.derive('builtin-password'), PASSWORD_COST);
  await accounts.insert(storage.db, { ...person, ...flags, passwordHash, passwordChangedAt: house.clock.now() });
  return house.enrolled(username);
}

/** The page after asking for a code by mail. */
async function askForCode(house: House, username: string) {
  const client = house.client();
  await client.get('/');
  await client.submit('/recover', { identifier: username });
  return client.submit('/recover/method', { method: 'email' });
}

describe('journeys while the mail server fails', { timeout: 60_000 }, () => {
  let ca: TestCa;
  let house: House;
  beforeAll(async () => {
    ca = await createTestCa();
    house = await openHouse({ ca, directory: { type: 'builtin' } });
  });
  afterAll(async () => {
    await house?.close();
    await ca?.remove();
  });

  /** Attempts that the outbox made at waiting mails. */
  const attempts = async () => {
    const rows = await house.sparekey.storage.db
      .selectFrom('outbox')
      .select(['attempt', 'reason'])
      .where('kind', '=', 'mail')
      .execute();
    return rows.filter(({ reason }) => reason !== null);
  };

  const temporary: [name: string, fault: SmtpFault][] = [
    ['says 451 to the sender', { at: 'mail', code: 451, text: '4.7.1 Greylisted' }],
    ['says 451 after the text', { at: 'data', code: 451, text: '4.3.0 Try again later' }],
    ['hangs up in the middle', { at: 'data', does: 'drop' }],
  ];
  it.each(temporary)('shows the same pages when it %s, and the mail arrives once it is well', async (_, fault) => {
    const well = await newcomer(house);
    const usual = (await askForCode(house, well.username)).text();
    await house.mailbox.code(well.addresses[0] ?? '');
    const person = await newcomer(house);
    const earlier = (await attempts()).length;
    house.smtp.fault(fault);
    const client = await askForCode(house, person.username);
    expect([client.status, client.text()]).toEqual([200, usual]);
    await until(async () => (await attempts()).length >= earlier + 2, 'both mails to fail once');
    expect(house.mailbox.subjects(person.addresses[0] ?? '')).toEqual([]);
    house.smtp.fault(undefined);
    house.clock.advance(LATER);
    await client.submit('/recover/answer', { code: await house.mailbox.code(person.addresses[0] ?? '') });
    expect(client.choices('method')).toEqual(['totp', 'recovery-code']);
  });

  it('gives up what is refused for good, notes the reason, and lets the person go another way', async () => {
    const person = await newcomer(house);
    const usual = (await askForCode(house, 'nobody-at-all')).text();
    house.smtp.fault({ at: 'rcpt', code: 550, text: '5.1.1 No such mailbox' });
    const client = await askForCode(house, person.username);
    expect([client.status, client.text()], 'as for a name that does not exist').toEqual([200, usual]);
    await until(async () => (await house.sparekey.outbox.dead(10)).length >= 2, 'both mails to be given up');
    house.smtp.fault(undefined);
    for (const { kind, reason, attempt } of await house.sparekey.outbox.dead(10)) {
      expect([kind, attempt]).toEqual(['mail', 1]);
      expect(reason).toContain('550');
      expect(reason).not.toMatch(/\d{8}/);
    }
    await client.submit('/recover/another');
    expect(client.choices('method')).toEqual(['passkey', 'email', 'totp', 'recovery-code']);
    const findings = await house.sparekey.outbox.check();
    expect(findings).toContainEqual(expect.objectContaining({ is: 'warning', cause: expect.stringContaining('550') }));
    const refused = async () => {
      const entries = await readAudit(house.sparekey.storage.db, { limit: 50 });
      return entries.filter(({ event, reason }) => event === 'notice.failed' && reason?.includes('550')).length;
    };
    await until(async () => (await refused()) === 2, 'both to be in the audit');
  });

  it('keeps the notice of a new password when it can not be sent, and sends it later', async () => {
    const person = await newcomer(house);
    const client = await house.bothGates(person);
    house.smtp.fault({ at: 'data', code: 452, text: '4.3.1 Mailbox full' });
    const earlier = (await attempts()).length;
    await house.setPassword(client, SECOND);
    expect(client.title).toBe('You’re back in, Amina.');
    await until(async () => (await attempts()).length >= earlier + 2, 'both notices to fail once');
    house.smtp.fault(undefined);
    house.clock.advance(LATER);
    for (const address of person.addresses) await house.mailbox.arrive(address, /your password was reset/);
  });
});

it('sends once the mail server is up that was down when the code was asked for', { timeout: 60_000 }, async () => {
  const ca = await createTestCa();
  const mailPort = await freePort();
  const house = await openHouse({ ca, directory: { type: 'builtin' }, mailPort });
  try {
    const person = await newcomer(house);
    const client = await askForCode(house, person.username);
    expect(client.status).toBe(200);
    const waiting = () =>
      house.sparekey.storage.db.selectFrom('outbox').select('reason').where('reason', 'is not', null).execute();
    await until(async () => (await waiting()).length >= 2, 'both mails to fail once');
    const smtp = await startSmtpServer(ca, { auth: MAIL_AUTH, port: mailPort });
    try {
      house.clock.advance(LATER);
      const code = await createMailbox(smtp).code(person.addresses[0] ?? '');
      await client.submit('/recover/answer', { code });
      expect(client.choices('method')).toEqual(['totp', 'recovery-code']);
    } finally {
      await smtp.close();
    }
  } finally {
    await house.close();
    await ca.remove();
  }
});
