/**
 * A rolling upgrade on one PostgreSQL: nodes of the build before and nodes that expanded the tables serve the same people side by
 * side, both can be restarted, and behind a contraction the build before is refused. The builds differ in their migrations.
 */
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compose, type Sparekey } from '../../src/compose.ts';
import { readKeysFile } from '../../src/config/keys-file.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { registries } from '../../src/registries.ts';
import { StorageFailure } from '../../src/storage/index.ts';
import { migrations } from '../../src/storage/migrations/index.ts';
import type { Migrations } from '../../src/storage/migrations/migration.ts';
import { BUILD_AFTER, NEXT_BUILD } from '../contract/storage-migrations.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { createMailbox } from '../kit/mailbox.ts';
import { type PostgresServer, startPostgres } from '../kit/servers/postgres.ts';
import { type TempDir, tempDir } from '../kit/servers/process.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { settleDown } from './crash-people.ts';
import { travel } from './crash-travellers.ts';

const FIRST = 'First Heron 7 quietly';
const ORIGIN = 'http://localhost:8080';
const PRESENT = migrations;

describe('a rolling upgrade', { timeout: 120_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let smtp: TestSmtpServer;
  let postgres: PostgresServer;
  let file: string;
  let database: string;
  const running = new Set<Sparekey>();
  beforeEach(async () => {
    dir = await tempDir('upgrade');
    ca = await createTestCa();
    smtp = await startSmtpServer(ca);
    postgres = await startPostgres();
    const storage = { ...(await postgres.createDatabase()) };
    database = new URL(storage.url).pathname.slice(1);
    file = writeConfig(dir.path, {
      publicUrl: ORIGIN,
      directory: { type: 'builtin' },
      mail: smtpSection(smtp),
      storage,
    });
  }, 60_000);
  afterEach(async () => {
    for (const node of running) await node.close();
    running.clear();
    await postgres.stop();
    await smtp.close();
    await ca.remove();
    await dir.remove();
  });

  /** A node that believes in these migrations. */
  async function node(build: Migrations): Promise<{ url: string; stop(): Promise<void> }> {
    const loaded = loadConfig({ file, env: {}, registries });
    const keys = readKeysFile(join(dir.path, 'keys.json'));
    if (loaded.is === 'invalid' || keys.is !== 'opened') throw new Error('The configuration can’t be loaded.');
    const { config } = loaded;
    const logger = pino({ level: 'silent' });
    const sparekey = await compose({ config, keys: keys.keys, clock: systemClock, logger, migrations: build });
    running.add(sparekey);
    await sparekey.start();
    const url = await sparekey.server.listen({ host: '127.0.0.1', port: 0 });
    return {
      url,
      async stop() {
        running.delete(sparekey);
        await sparekey.close();
      },
    };
  }

  it('serves everybody on old and new nodes together; the old ones can be restarted until the tables contract', async () => {
    const [ada, bela, cem, dora] = await settleDown(
      file,
      join(dir.path, 'keys.json'),
      ['ada', 'bela', 'cem', 'dora'],
      FIRST,
      true,
    );
    if (!ada || !bela || !cem || !dora) throw new Error('Nobody is there.');
    const mailbox = createMailbox(smtp);
    let made = 0;
    const newPassword = () => {
      made += 1;
      return `Brass kettle on the fire ${made}`;
    };
    /** Every request to another one than the one before. */
    const through = (...nodes: { url: string }[]) => {
      let turn = 0;
      const base = () => {
        turn += 1;
        return nodes[turn % nodes.length]?.url ?? '';
      };
      return { base, origin: ORIGIN, mailbox, newPassword };
    };
    const columns = async () => {
      const text =
        "select column_name from information_schema.columns where table_name = 'flows' and column_name = 'mood'";
      return (await postgres.query(database, text)).length;
    };

    const old = await node(PRESENT);
    expect(await travel(ada, through(old), () => false)).toBe('back-in');
    const fresh = await node(NEXT_BUILD);
    expect(await columns(), 'the tables grew under the old node').toBe(1);
    expect(await travel(bela, through(old, fresh), () => false)).toBe('back-in');
    await old.stop();
    const restarted = await node(PRESENT);
    expect(await travel(cem, through(restarted, fresh), () => false)).toBe('back-in');
    expect(await travel(dora, through(restarted), () => false)).toBe('back-in');
    await restarted.stop();

    const last = await node(BUILD_AFTER);
    expect(await columns()).toBe(0);
    expect(await travel(ada, through(last), () => false)).toBe('back-in');
    await fresh.stop();
    for (const build of [PRESENT, NEXT_BUILD]) {
      const refused = node(build);
      await expect(refused).rejects.toThrow(StorageFailure);
      await expect(refused).rejects.toThrow(/took away what this build needs \("9002-shrink"\).*restore the backup/);
    }
    expect(await travel(bela, through(last), () => false)).toBe('back-in');
  });
});
