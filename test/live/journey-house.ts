/**
 * A whole Sparekey in this process, listening on a real port, with a real directory and a real SMTP peer around it, and the
 * steps that people take through it. The clock is the real one plus what a test adds.
 */
import { join } from 'node:path';
import { pino } from 'pino';
import { expect } from 'vitest';
import { type AuditEntry, readAudit } from '../../src/audit/read.ts';
import { compose, type Sparekey } from '../../src/compose.ts';
import { createKeysFile } from '../../src/config/keys-file.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderProblems } from '../../src/config/problem.ts';
import type { Account } from '../../src/kernel/account.ts';
import { registries } from '../../src/registries.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { appCodeAt, type Enrolled, enrol } from '../kit/enrol.ts';
import { createMailbox, type Mailbox } from '../kit/mailbox.ts';
import { freePort, tempDir } from '../kit/servers/process.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import type { TestCa } from '../kit/servers/test-ca.ts';
import { createShiftedClock, type ShiftedClock } from '../kit/shifted-clock.ts';
import { WebClient } from '../kit/web-client.ts';

/** Passwords that no policy in the tests refuses. */
export const FIRST = 'First Heron 7 quietly';
export const SECOND = 'A lantern over harbour 8';
export const THIRD = 'Seven brass Kettles 5 sing';

export const MAIL_AUTH = { user: 'sparekey', pass: 'mail-account-password' };

export interface Person extends Enrolled {
  username: string;
  account: Account;
}

export interface House {
  sparekey: Sparekey;
  clock: ShiftedClock;
  smtp: TestSmtpServer;
  mailbox: Mailbox;
  log: string[];
  client(): WebClient;
  account(username: string): Promise<Account>;
  /** Somebody of the directory, with two confirmed addresses, an app and saved codes. */
  enrolled(username: string): Promise<Person>;
  /** A code of the app that was not used yet; moves the clock on when needed. */
  appCode(seed: string): string;
  audit(account: Account): Promise<AuditEntry[]>;
  /** Starts a recovery and passes the first gate by mail. */
  firstGate(person: Person): Promise<WebClient>;
  /** Both gates, e-mail and app: the page where the password is chosen. */
  bothGates(person: Person): Promise<WebClient>;
  setPassword(client: WebClient, password: string): Promise<WebClient>;
  close(): Promise<void>;
}

export interface HouseOptions {
  ca: TestCa;
  directory: Record<string, unknown>;
  more?: Record<string, Record<string, unknown>>;
  /** Where mail goes instead of the server that is started here. */
  mailPort?: number;
}

export async function openHouse({ ca, directory, more, mailPort }: HouseOptions): Promise<House> {
  const dir = await tempDir('house');
  const smtp = await startSmtpServer(ca, { auth: MAIL_AUTH });
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  const mail = smtpSection({ ...smtp, port: mailPort ?? smtp.port }, MAIL_AUTH);
  const file = writeConfig(dir.path, { publicUrl, port, directory, mail, ...(more ? { more } : {}) });
  const loaded = loadConfig({ file, env: {}, registries });
  if (loaded.is === 'invalid') throw new Error(renderProblems(loaded.problems));
  const clock = createShiftedClock();
  const keys = createKeysFile(join(dir.path, 'keys.json'), clock);
  if (keys.is !== 'opened') throw new Error('No keys.');
  const log: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => log.push(line) });
  const sparekey = await compose({ config: loaded.config, keys: keys.keys, clock, logger });
  await sparekey.start();
  await sparekey.server.listen(loaded.config.listen);
  const mailbox = createMailbox(smtp);
  const lastCodes = new Map<string, string>();

  const house: House = {
    sparekey,
    clock,
    smtp,
    mailbox,
    log,
    client: () => new WebClient({ base: `http://127.0.0.1:${port}`, origin: publicUrl }),
    async account(username) {
      const found = await sparekey.directory.find(username);
      if (found.is !== 'found') throw new Error(`${username} was not found: ${JSON.stringify(found)}`);
      return found.account;
    },
    async enrolled(username) {
      const account = await house.account(username);
      const addresses = [`${username}@private.example`, `${username}@second.example`];
      return { username, account, ...(await enrol(sparekey.flow, account, addresses)) };
    },
    appCode(seed) {
      while (lastCodes.get(seed) === appCodeAt(seed, clock.now())) clock.advance(30_000);
      const code = appCodeAt(seed, clock.now());
      lastCodes.set(seed, code);
      return code;
    },
    async audit(account) {
      const entries = await readAudit(sparekey.storage.db, { limit: 10_000 });
      return entries.filter(({ subject }) => subject === account.id).reverse();
    },
    async firstGate({ username, addresses: [address = ''] }) {
      const client = house.client();
      await client.get('/');
      await client.submit('/recover', { identifier: username });
      const before = mailbox.mark(address);
      await client.submit('/recover/method', { method: 'email' });
      return client.submit('/recover/answer', { code: await mailbox.code(address, before) });
    },
    async bothGates(person) {
      const client = await house.firstGate(person);
      expect(client.choices('method')).toEqual(['totp', 'recovery-code']);
      await client.submit('/recover/method', { method: 'totp' });
      await client.submit('/recover/answer', { code: house.appCode(person.seed) });
      expect(client.title).toBe('Choose a new password');
      return client;
    },
    setPassword: (client, password) => client.submit('/recover/password', { password, again: password }),
    async close() {
      await sparekey.close();
      await smtp.close();
      await dir.remove();
    },
  };
  return house;
}
