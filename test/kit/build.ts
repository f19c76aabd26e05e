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
import type { RootKey } from '../../src/kernel/keyring.ts';
import { newId } from '../../src/kernel/random.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { KeptMessage } from '../../src/notify/demo-inbox.ts';
import { registries, type SparekeyConfig } from '../../src/registries.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import { Client } from './client.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

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
  disabled?: boolean;
  cannotChange?: boolean;
  mustChange?: boolean;
  ended?: boolean;
  language?: string;
  /** Saved codes: `built.sheets` has them in clear. */
  sheet?: boolean;
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
}

export interface Built extends Sparekey {
  clock: FakeClock;
  config: SparekeyConfig;
  keys: readonly [RootKey, ...RootKey[]];
  client(options?: { ip?: string }): Client;
  /** Works off the outbox, then gives what was sent, oldest first. */
  mails(): Promise<KeptMessage[]>;
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
  const sparekey = await compose({ config, keys, clock, logger, keep: (message) => kept.push(message) });
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
    config,
    keys,
    log,
    sheets,
    mails,
    audited: async () => {
      const entries = await readAudit(sparekey.storage.db, { limit: 10_000 });
      // The node's own start is not what a journey did.
      return entries.filter(({ event }) => event !== 'system.started').reverse();
    },
    async bind(username, password) {
      const found = await sparekey.directory.find(username);
      if (found.is !== 'found') return found.is;
      return (await sparekey.directory.verifyPassword(found.account, new Secret(password))).is;
    },
    client: (client) => new Client(sparekey.server, publicUrl, client?.ip),
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
    passwordHash: await argon2Hash(PASSWORD, keyring.derive('builtin-password'), CODE_COST),
    passwordChangedAt: now,
    mustChange: person.mustChange ?? false,
    disabled: person.disabled ?? false,
    cannotChange: person.cannotChange ?? false,
    expiresAt: person.ended ? now - 1 : undefined,
  });
  const add = (method: string, label: string, data: Parameters<typeof flow.authenticators.add>[1]['data']) =>
    flow.authenticators.add(storage.db, { id: newId(), accountId: id, method, label, data }, now);
  for (const address of person.addresses ?? []) await add('email', address, { address });
  if (person.seed) await add('totp', 'Test app', { seed: person.seed, lastStep: 0 });
  const { username } = person;
  const sheet = person.sheet
    ? await flow.methods.get('recovery-code')?.enrolment.begin(
        {
          flow: '',
          challenge: '',
          now,
          language: 'en',
          account: { id, username, displayName: username },
          purpose: 'enrolment',
        },
        {} as never,
        {},
      )
    : undefined;
  if (sheet && !('is' in sheet) && sheet.prompt.kind === 'save-codes') {
    await add('recovery-code', '', sheet.pending);
    sheets?.set(username, sheet.prompt.codes);
  }
  return id;
}
