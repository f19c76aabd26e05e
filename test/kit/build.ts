/** A whole Sparekey in memory for one test: real code, fake clock, mails kept, no listening. Closes itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type AuditEntry, readAudit } from '../../src/audit/read.ts';
import { compose, type Sparekey } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderProblems } from '../../src/config/problem.ts';
import { accountId } from '../../src/kernel/account.ts';
import { argon2Hash, CODE_COST, PASSWORD_COST } from '../../src/kernel/argon2.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import type { RootKey } from '../../src/kernel/keyring.ts';
import { type E164, maskPhone } from '../../src/kernel/phone.ts';
import { newId } from '../../src/kernel/random.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { MxResolver } from '../../src/mail-servers.ts';
import type { KeptMessage } from '../../src/notify/demo-inbox.ts';
import type { KeptCall, KeptText } from '../../src/notify/demo-phone.ts';
import type { PhoneSignals } from '../../src/notify/phone-signals.ts';
import { registries, type SparekeyConfig } from '../../src/registries.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import * as people from '../../src/storage/repositories/people.ts';
import type { Authenticator } from './authenticator.ts';
import { Client } from './client.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { givePasskey } from './passkeys.ts';

// What a hash costs is proven in test/unit/kernel; a thousand of them here would only cost time.
for (const cost of [PASSWORD_COST, CODE_COST]) Object.assign(cost, { memory: 64, passes: 1, parallelism: 1 });

export const PASSWORD = 'seven quiet herons';

export interface Person {
  username: string;
  displayName?: string;
  mail?: string;
  /** Confirmed addresses. */
  addresses?: string[];
  /** Base32 seed of an authenticator app. */
  seed?: string;
  groups?: string[];
  attributes?: Record<string, string[]>;
  disabled?: boolean;
  cannotChange?: boolean;
  mustChange?: boolean;
  ended?: boolean;
  language?: string;
  /** Confirmed numbers that get texts, E.164. */
  phones?: string[];
  /** Saved codes: `built.sheets` has them in clear. */
  sheet?: boolean;
  /** A passkey is made on it. */
  device?: Authenticator;
}

/** Seed of the RFC 6238 examples. */
export const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

export interface BuildOptions {
  people?: Person[];
  env?: Record<string, string>;
  keys?: readonly [RootKey, ...RootKey[]];
  clock?: FakeClock;
  /** Share a database between two nodes. */
  file?: string;
  publicUrl?: string;
  demo?: boolean;
  /** Who knows of new SIMs. */
  signals?: PhoneSignals;
  /** Who is asked for mail servers. */
  resolver?: MxResolver;
}

/** Texts and calls are kept (`built.texts()`, `built.calls()`), and may be used to recover. */
export const PHONES = {
  SPAREKEY_TEXTS_SENDERS: '[{type: demo-phone}]',
  SPAREKEY_TEXTS_COUNTRIES: 'DE',
  SPAREKEY_CALLS_TYPE: 'demo-phone',
  SPAREKEY_POLICY_RECOVERY_METHODS: 'email,totp,sms,voice,recovery-code',
};

export interface Built extends Sparekey {
  clock: FakeClock;
  config: SparekeyConfig;
  keys: readonly [RootKey, ...RootKey[]];
  client(options?: { ip?: string }): Client;
  /** Works off the outbox, then gives what was sent, oldest first. */
  mails(): Promise<KeptMessage[]>;
  /** What the `demo-phone` senders got, oldest first, after the outbox was worked off. */
  texts(): Promise<readonly KeptText[]>;
  calls(): Promise<readonly KeptCall[]>;
  /** The code of the newest text to that number. */
  textCodeFor(number: string): Promise<string>;
  /** The code of the newest mail to that address. */
  codeFor(address: string): Promise<string>;
  log: string[];
  /** Saved codes as they were made, by username. */
  sheets: ReadonlyMap<string, string[]>;
  /** What the audit says of people, oldest first; the life of the node itself is left out. */
  audited(): Promise<AuditEntry[]>;
  /** What the directory says of a password, by a real bind. */
  bind(username: string, password: string): Promise<string>;
}

export async function build(options: BuildOptions = {}): Promise<Built> {
  const clock = options.clock ?? createFakeClock(Date.UTC(2026, 10, 23, 9));
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-test-'));
  const publicUrl = options.publicUrl ?? 'https://reset.example.test';
  const loaded = loadConfig({
    file: undefined,
    env: {
      SPAREKEY_PUBLIC_URL: publicUrl,
      SPAREKEY_ORGANISATION_NAME: 'Northfield College',
      SPAREKEY_ORGANISATION_HELP_PHONE: '555 0100',
      SPAREKEY_DIRECTORY_TYPE: 'builtin',
      SPAREKEY_DIRECTORY_PROTECTED_GROUPS: 'administrators',
      SPAREKEY_MAIL_TYPE: 'demo-inbox',
      SPAREKEY_MAIL_FROM: 'it@northfield.example',
      SPAREKEY_STORAGE_ENGINE: 'sqlite',
      SPAREKEY_STORAGE_FILE: options.file ?? join(folder, 'test.sqlite'),
      SPAREKEY_KEYS_FILE: join(folder, 'keys.json'),
      // What people see here must not change with every new way to verify.
      SPAREKEY_POLICY_RECOVERY_METHODS: 'email, totp, recovery-code',
      SPAREKEY_POLICY_PRIVILEGED_METHODS: 'email, totp, recovery-code',
      SPAREKEY_RESPONSE_FLOOR_MILLISECONDS: '0',
      SPAREKEY_RESPONSE_FLOOR_JITTER: '0',
      ...options.env,
    },
    registries,
  });
  if (loaded.is === 'invalid') throw new Error(renderProblems(loaded.problems));
  const { config } = loaded;
  const keys = options.keys ?? ([{ id: 'test', bytes: Buffer.alloc(32, 7) }] as const);
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
  const kept: KeptMessage[] = [];
  const { signals } = options;
  const sparekey = await compose({
    config,
    layers: loaded,
    keys,
    clock,
    logger,
    keep: (message) => kept.push(message),
    ...(signals ? { signals } : {}),
    ...(options.resolver ? { resolver: options.resolver } : {}),
  });
  const sheets = new Map<string, string[]>();
  for (const person of options.people ?? []) await seed(sparekey, person, clock.now(), sheets);
  await sparekey.start();
  onTestFinished(async () => {
    await sparekey.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const mails = async () => {
    await sparekey.outbox.idle();
    return [...kept];
  };
  return {
    ...sparekey,
    clock,
    keys,
    log,
    sheets,
    mails,
    audited: async () => {
      const entries = await readAudit(sparekey.storage.db, { limit: 10_000 });
      // The node's own start is not what a journey did.
      return entries.filter(({ event }) => event !== 'system.started' && event !== 'policy.risk-accepted').reverse();
    },
    async bind(username, password) {
      const found = await sparekey.directory.find(username);
      if (found.is !== 'found') return found.is;
      return (await sparekey.directory.verifyPassword(found.account, new Secret(password))).is;
    },
    client: (client) => new Client(sparekey.server, publicUrl, client?.ip),
    async texts() {
      await sparekey.outbox.idle();
      return sparekey.phones.phone.texts().toReversed();
    },
    async calls() {
      await sparekey.outbox.idle();
      return sparekey.phones.phone.calls().toReversed();
    },
    async textCodeFor(number) {
      await sparekey.outbox.idle();
      const code = /#(\d{6})$/.exec(sparekey.phones.phone.texts().find(({ to }) => to === number)?.text ?? '')?.[1];
      if (!code) throw new Error(`No text with a code to ${number}.`);
      return code;
    },
    async codeFor(address) {
      const mail = (await mails()).findLast(({ to }) => to === address);
      const code = mail && /\b(\d{4}) ?(\d{4})\b/.exec(mail.text);
      if (!code) throw new Error(`No mail with a code to ${address}.`);
      return `${code[1]}${code[2]}`;
    },
  };
}

/** Puts somebody into the built-in directory, with ways to verify. */
export async function seed(
  sparekey: Sparekey,
  person: Person,
  now: number,
  sheets?: Map<string, string[]>,
): Promise<string> {
  const { storage, keyring, flow } = sparekey;
  const id = accountId('builtin', person.username);
  await accounts.insert(storage.db, {
    id: person.username,
    username: person.username,
    mail: person.mail ?? `${person.username}@northfield.example`,
    displayName: person.displayName ?? `${person.username} Example`,
    givenName: person.username,
    language: person.language,
    groups: person.groups ?? [],
    attributes: person.attributes ?? {},
    passwordHash: await argon2Hash(PASSWORD, keyring.derive('builtin-password'), CODE_COST),
    passwordChangedAt: now,
    mustChange: person.mustChange ?? false,
    disabled: person.disabled ?? false,
    cannotChange: person.cannotChange ?? false,
    expiresAt: person.ended ? now - 1 : undefined,
  });
  const add = (method: string, label: string, data: JsonObject, lookup?: string) =>
    flow.authenticators.add(storage.db, { id: newId(), accountId: id, method, label, data, lookup }, now);
  for (const address of person.addresses ?? [])
    await add('email', address, { address }, `mail:${address.toLowerCase()}`);
  for (const number of person.phones ?? []) await add('sms', maskPhone(number as E164), { number }, `phone:${number}`);
  if (person.seed) await add('totp', 'Test app', { seed: person.seed, lastStep: 0 });
  const { username } = person;
  if (person.device) await givePasskey(sparekey, username, person.device);
  const sheet = person.sheet
    ? await flow.methods.get('recovery-code')?.enrolment?.begin(
        {
          flow: '',
          challenge: '',
          now,
          language: 'en',
          account: { id, username, displayName: username, mail: [], attributes: {} },
          purpose: 'enrolment',
        },
        {} as never,
        {},
        [],
      )
    : undefined;
  if (sheet && !('is' in sheet) && sheet.prompt.kind === 'save-codes') {
    await add('recovery-code', '', sheet.pending);
    sheets?.set(username, sheet.prompt.codes);
  }
  if (person.addresses?.length || person.seed || person.sheet)
    await people.enrolled(storage.db, { id, directory: 'builtin', key: username }, now);
  return id;
}
