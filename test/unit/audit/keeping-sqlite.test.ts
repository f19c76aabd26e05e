/** Keeping the audit on the embedded engine, and which index it takes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { newId } from '../../../src/kernel/random.ts';
import { openStorage } from '../../../src/storage/index.ts';
import { auditKeepingContract } from '../../contract/audit-keeping.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparekey-audit-keeping-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const newDatabase = async () => ({ engine: 'sqlite', file: join(folder, newId(), 'sparekey.db') }) as const;

auditKeepingContract('SQLite', newDatabase);

test('no question of the search sorts or reads the whole table', async () => {
  const storage = await openStorage(await newDatabase());
  const plan = async (where: string) =>
    (
      await sql<{ detail: string }>`explain query plan ${sql.raw(
        `select seq, body from audit where seq < 9 and ${where} order by seq desc limit 10`,
      )}`.execute(storage.db)
    ).rows
      .map(({ detail }) => detail)
      .join('; ');
  for (const name of ['event', 'actor', 'ip', 'flow', 'subject'])
    expect(await plan(`${name} = 'x'`)).toBe(`SEARCH audit USING INDEX audit_${name} (${name}=? AND seq<?)`);
  expect(await plan(`outcome = 'x' and outcome <> 'success'`)).toContain('USING INDEX audit_outcome (outcome=? AND');
  expect(await plan('event is null')).toContain('audit_unfilled');
  await storage.close();
});
