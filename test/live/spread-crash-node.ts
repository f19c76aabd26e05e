/**
 * A whole node without a listener that changes passwords until it is killed: real journeys on the built-in directory, real
 * programs as connected systems. Before each change it writes down what it is about to do; waits are short, hashes are cheap.
 */
import { appendFileSync } from 'node:fs';
import { pino } from 'pino';
import { Client } from '../kit/client.ts';
import { built } from '../kit/node-process.ts';
import { candidates, passwordOf, WAITS } from './spread-crash-people.ts';

// Node runs no .tsx: what was built is run.
const { compose } = await built<typeof import('../../src/compose.ts')>('compose');
const { readKeysFile } = await built<typeof import('../../src/config/keys-file.ts')>('config/keys-file');
const { loadConfig } = await built<typeof import('../../src/config/load.ts')>('config/load');
const { argon2Verify, CODE_COST, PASSWORD_COST } =
  await built<typeof import('../../src/kernel/argon2.ts')>('kernel/argon2');
const { systemClock } = await built<typeof import('../../src/kernel/clock.ts')>('kernel/clock');
const { OUTBOX_DEFAULTS } = await built<typeof import('../../src/outbox/settings.ts')>('outbox/settings');
const { registries } = await built<typeof import('../../src/registries.ts')>('registries');
const accounts = await built<typeof import('../../src/storage/repositories/builtin-accounts.ts')>(
  'storage/repositories/builtin-accounts',
);
const { SPREAD_DEFAULTS } = await built<typeof import('../../src/spread/spread.ts')>('spread/spread');

for (const cost of [PASSWORD_COST, CODE_COST]) Object.assign(cost, { memory: 64, passes: 1, parallelism: 1 });
Object.assign(OUTBOX_DEFAULTS, WAITS.outbox);
Object.assign(SPREAD_DEFAULTS, WAITS.spread);

const [file, journal, count, work] = process.argv.slice(2) as [string, string, string, string];
const loaded = loadConfig({ file, env: {}, registries });
if (loaded.is !== 'ok') throw new Error(JSON.stringify(loaded.problems));
const { config } = loaded;
const found = readKeysFile(config.keysFile);
if (found.is !== 'opened') throw new Error('No keys.');
const sparekey = await compose({ config, keys: found.keys, clock: systemClock, logger: pino({ level: 'silent' }) });
await sparekey.start();
process.stdout.write('ready\n');

/** The change page, as a browser fills it in. */
async function change(username: string, from: string, to: string): Promise<void> {
  const client = new Client(sparekey.server, config.publicUrl, '203.0.113.9');
  await client.get('/change');
  const { fields } = client.form('/change');
  appendFileSync(journal, `${username} tries ${to}\n`);
  await client.post('/change', { ...fields, username, current: from, password: to, again: to });
  if (client.status === 200 && client.title.includes('password')) appendFileSync(journal, `${username} has ${to}\n`);
}

async function present(username: string): Promise<string | undefined> {
  const account = await accounts.findByUsername(sparekey.storage.db, username);
  const pepper = sparekey.keyring.derive('builtin-password');
  // By the hash: a sign-in with each candidate would lock the account.
  for (const password of candidates(journal, username))
    if (account && (await argon2Verify(password, account.passwordHash, pepper))) return password;
  return undefined;
}

if (work === 'change')
  for (let n = 0; ; n += 1) {
    const username = `person${(process.pid + n) % Number(count)}`;
    const from = await present(username);
    if (from) await change(username, from, passwordOf(username, journal));
  }
