/** The audit on both engines: what is appended verifies, and every way to tamper by SQL is found. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Audit, AuditRecord } from '../../src/audit/audit.ts';
import { createAudit, exportAudit, instantOf, readAudit, searchAudit } from '../../src/audit/index.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const newKeyring = () => createKeyring([{ id: 'test', bytes: randomBytes(32) }]);
const keyring = newKeyring();

const record = (n: number): AuditRecord => ({
  event: 'recovery.verified',
  outcome: 'success',
  actor: 'anonymous',
  subject: `account-${n}`,
  ip: '2001:db8::1',
  detail: { method: 'totp', n },
});

export function auditContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`audit on ${engine}`, () => {
    const clock = createFakeClock();
    const audit: Audit = createAudit({ keyring, clock });
    let config: StorageConfig;
    let storage: Storage;
    beforeEach(async () => {
      config = await newDatabase();
      storage = await openStorage(config);
    });
    afterEach(() => storage?.close());

    const write = (...records: AuditRecord[]) => storage.transaction((trx) => audit.append(trx, ...records));
    const writeMany = async (count: number) => {
      for (let n = 1; n <= count; n += 1) await write(record(n));
    };
    const run = (text: string) => sql.raw(text).execute(storage.db);
    const faults = async () => (await audit.verify(storage.db)).faults;

    test('an empty chain holds', async () => {
      expect(await audit.verify(storage.db)).toMatchObject({ records: 0, seq: 0, faults: [] });
    });

    test('records come in order, complete, and the chain holds', async () => {
      await write(record(1), record(2));
      clock.advance(1_234);
      await write(record(3));
      await write();
      expect(await audit.verify(storage.db)).toMatchObject({ records: 3, seq: 3, faults: [] });
      const entries = await readAudit(storage.db);
      expect(entries.map((entry) => entry.seq)).toEqual([3, 2, 1]);
      expect(entries[0]).toEqual({ ...record(3), seq: 3, at: new Date(clock.now()).toISOString() });
      expect((await readAudit(storage.db, { before: 2 })).map((entry) => entry.seq)).toEqual([1]);
    });

    async function* linesOf(text: string): AsyncGenerator<string> {
      yield* text.split('\n');
    }
    const saved = async (filter: Parameters<typeof exportAudit>[1] = {}, format: 'jsonl' | 'csv' = 'jsonl') => {
      let text = '';
      for await (const piece of exportAudit(storage.db, filter, format)) text += piece;
      return text;
    };

    test('a search finds by every field, in pages that follow each other', async () => {
      await writeMany(5);
      clock.advance(3 * 86_400_000);
      await write(
        { ...record(6), event: 'session.opened', outcome: 'failure', actor: 'system', ip: '192.0.2.7', flow: 'f1' },
        { ...record(7), method: 'totp', reason: 'The code was WRONG.' },
      );
      const seqs = async (filter: Parameters<typeof searchAudit>[1]) =>
        (await searchAudit(storage.db, filter)).entries.map(({ seq }) => seq);
      expect(await seqs({})).toEqual([7, 6, 5, 4, 3, 2, 1]);
      expect(await seqs({ event: 'session.' })).toEqual([6]);
      expect(await seqs({ outcome: 'failure' })).toEqual([6]);
      expect(await seqs({ actor: 'system' })).toEqual([6]);
      expect(await seqs({ ip: '192.0.2.7' })).toEqual([6]);
      expect(await seqs({ flow: 'f1' })).toEqual([6]);
      expect(await seqs({ method: 'totp' })).toEqual([7]);
      expect(await seqs({ text: 'wrong' })).toEqual([7]);
      expect(await seqs({ subject: 'account-3' })).toEqual([3]);
      expect(await seqs({ since: clock.now() })).toEqual([7, 6]);
      expect(await seqs({ until: clock.now() - 1 })).toEqual([5, 4, 3, 2, 1]);
      expect(await seqs({ until: 0 })).toEqual([]);
      expect(await seqs({ since: clock.now() + 1 })).toEqual([]);
      const first = await searchAudit(storage.db, {}, { limit: 4 });
      expect(first.next).toBe(4);
      const rest = await searchAudit(storage.db, {}, { limit: 4, before: 4 });
      expect(rest.entries.map(({ seq }) => seq)).toEqual([3, 2, 1]);
      expect(rest.next).toBeUndefined();
    });

    test('a search for something rare looks at a bounded number of records and says where to go on', async () => {
      await write(...Array.from({ length: 2_500 }, (_, n) => record(n)));
      const first = await searchAudit(storage.db, { text: 'nowhere' }, { most: 1_000 });
      expect(first).toEqual({ entries: [], next: 1_501 });
      expect(await searchAudit(storage.db, { text: 'nowhere' })).toEqual({ entries: [], next: undefined });
    });

    test('an exported file is proven without the database, and every change in it is found', async () => {
      await writeMany(1_203);
      const text = await saved();
      const { head, seq } = await audit.verify(storage.db);
      const check = (file: string, options = {}) => audit.verifyLines(linesOf(file), options);
      expect(await check(text, { known: { seq, hash: head } })).toMatchObject({
        records: 1_203,
        from: 1,
        head,
        faults: [],
      });
      const lines = text.trimEnd().split('\n');
      const without = lines.toSpliced(600, 1).join('\n');
      expect((await check(without)).faults).toEqual([{ is: 'missing', seq: 601 }]);
      expect((await check(without, { filtered: true })).faults).toEqual([]);
      const forged = lines.with(600, (lines[600] ?? '').replace('"success"', '"failure"'));
      expect((await check(forged.join('\n'))).faults).toEqual([{ is: 'changed', seq: 601 }]);
      expect((await check(lines.with(600, '{').join('\n'))).faults[0]).toEqual({ is: 'changed', seq: 601 });
      expect((await check(lines.slice(0, -1).join('\n'), { known: { seq, hash: head } })).faults).toEqual([
        { is: 'truncated', seq: 1_203 },
      ]);
      expect(await check(lines.slice(1_000).join('\n'))).toMatchObject({ from: 1_001, records: 203, faults: [] });
    });

    test('a file for spreadsheets holds no formula', async () => {
      await write({ ...record(1), reason: '=HYPERLINK("x"), a "quoted" word' }, { ...record(2), actor: '@x' });
      const text = await saved({}, 'csv');
      expect(text).toContain(`"'=HYPERLINK(""x""), a ""quoted"" word"`);
      expect(text).toContain(",'@x,");
      expect((await saved({ subject: 'account-2' }, 'csv')).trimEnd().split('\n')).toHaveLength(2);
    });

    test('days and moments are read as UTC, nonsense is none', () => {
      expect(instantOf('2026-11-24')).toBe(Date.UTC(2026, 10, 24));
      expect(instantOf('2026-11-24', true)).toBe(Date.UTC(2026, 10, 25) - 1);
      expect(instantOf('2026-11-24T08:30')).toBe(Date.UTC(2026, 10, 24, 8, 30));
      expect(instantOf('2026-11-24T08:30+02:00')).toBe(Date.UTC(2026, 10, 24, 6, 30));
      for (const text of ['', 'now', '2026-99-99', '24.11.2026', '2026-11-24T', "2026' or 1=1"])
        expect(instantOf(text)).toBeUndefined();
    });

    test('a transaction that rolls back leaves no record and no gap', async () => {
      await write(record(1));
      const lost = storage.transaction(async (trx) => {
        await audit.append(trx, record(2));
        throw new Error('changed my mind');
      });
      await expect(lost).rejects.toThrow('changed my mind');
      await write(record(3));
      expect(await audit.verify(storage.db)).toMatchObject({ records: 2, seq: 2, faults: [] });
    });

    test('parallel writers, also of two nodes, make one chain', async () => {
      const other = await openStorage(config);
      const append = (own: Storage, n: number) => own.transaction((trx) => audit.append(trx, record(n), record(-n)));
      await Promise.all(Array.from({ length: 40 }, (_, n) => append(n % 2 ? storage : other, n)));
      expect(await audit.verify(storage.db)).toMatchObject({ records: 80, seq: 80, faults: [] });
      await other.close();
    });

    test('verifying while others write finds nothing wrong', async () => {
      await writeMany(20);
      const writing = writeMany(30);
      for (let n = 0; n < 10; n += 1) expect(await faults()).toEqual([]);
      await writing;
      expect((await audit.verify(storage.db)).records).toBe(50);
    });

    test('a record that is committed just before the head is read is no fault', async () => {
      await writeMany(3);
      const racing = new Proxy(storage.db, {
        get(db, key) {
          const value = Reflect.get(db, key) as unknown;
          if (key !== 'selectFrom') return value;
          return (table: 'audit' | 'audit_checkpoint' | 'audit_head') => {
            if (table !== 'audit_head') return db.selectFrom(table);
            const query = db.selectFrom(table);
            const executeTakeFirst = async () => {
              await write(record(4));
              return query.selectAll().executeTakeFirst();
            };
            return { selectAll: () => ({ executeTakeFirst }) };
          };
        },
      });
      expect(await audit.verify(racing)).toMatchObject({ records: 4, seq: 4, faults: [] });
    });

    test('hostile text stays text', async () => {
      const reason = 'a|b=c\\"]\r\n<14>1 fake \u0000 \u2028 😀';
      await write({ ...record(1), reason });
      expect((await readAudit(storage.db))[0]?.reason).toBe(reason);
      expect(await faults()).toEqual([]);
    });

    describe('tampering is found:', () => {
      beforeEach(() => writeMany(10));
      const copyOf5 = `(select body from audit where seq = 5)`;

      test('a changed word', async () => {
        await run(`update audit set body = replace(body, 'success', 'refused') where seq = 5`);
        expect(await faults()).toEqual([{ is: 'changed', seq: 5 }]);
      });

      test('a body that is no JSON any more', async () => {
        await run(`update audit set body = 'gone' where seq = 5`);
        expect(await faults()).toEqual([{ is: 'changed', seq: 5 }]);
      });

      test('a changed word with the hashes made up to fit', async () => {
        await run(`update audit set body = replace(body, 'success', 'refused'), hash = 'x' where seq = 5`);
        await run(`update audit set previous = 'x' where seq = 6`);
        expect(await faults()).toEqual([
          { is: 'changed', seq: 5 },
          { is: 'changed', seq: 6 },
        ]);
      });

      test('the whole rest of the chain recomputed with another key', async () => {
        await run('delete from audit where seq > 4');
        await run(`update audit_head set seq = 4, hash = 'x'`);
        const forger = createAudit({ keyring: newKeyring(), clock });
        await storage.transaction((trx) => forger.append(trx, record(5), record(6)));
        expect(await faults()).toEqual([
          { is: 'changed', seq: 5 },
          { is: 'changed', seq: 6 },
          { is: 'truncated', seq: 7 },
        ]);
      });

      test('a record taken out', async () => {
        await run('delete from audit where seq = 5');
        expect(await faults()).toEqual([{ is: 'missing', seq: 5 }]);
      });

      test('several records taken out', async () => {
        await run('delete from audit where seq in (1, 4, 5, 6, 8)');
        expect(await faults()).toEqual([
          { is: 'missing', seq: 1 },
          { is: 'missing', seq: 4 },
          { is: 'missing', seq: 8 },
        ]);
      });

      test('a record taken out and the rest moved up', async () => {
        await run('delete from audit where seq = 5');
        for (const seq of [6, 7, 8, 9, 10]) await run(`update audit set seq = ${seq - 1} where seq = ${seq}`);
        expect((await faults())[0]).toEqual({ is: 'swapped', seq: 5 });
      });

      test('two records swapped', async () => {
        await run('update audit set seq = 100 where seq = 5');
        await run('update audit set seq = 5 where seq = 6');
        await run('update audit set seq = 6 where seq = 100');
        expect(await faults()).toEqual([
          { is: 'swapped', seq: 5 },
          { is: 'swapped', seq: 6 },
        ]);
      });

      test('a record that was copied over another', async () => {
        await run(`update audit set body = ${copyOf5} where seq = 7`);
        expect(await faults()).toEqual([{ is: 'swapped', seq: 7 }]);
      });

      test('a record added behind the end', async () => {
        await run(
          `insert into audit (seq, body, previous, hash) select 11, replace(body, '"seq":10', '"seq":11'), hash, 'x' from audit where seq = 10`,
        );
        expect(await faults()).toContainEqual({ is: 'changed', seq: 11 });
      });

      test('the end cut off', async () => {
        await run('delete from audit where seq > 7');
        expect(await faults()).toEqual([{ is: 'truncated', seq: 8 }]);
      });

      test('the end cut off and the head moved back, before and after the next record', async () => {
        await run('delete from audit where seq > 7');
        await run('update audit_head set seq = 7, hash = (select hash from audit where seq = 7)');
        expect(await faults()).toEqual([{ is: 'truncated', seq: 8 }]);
        await write(record(8));
        expect(await faults()).toEqual([{ is: 'missing', seq: 8 }]);
        await write(record(9));
        expect(await faults()).toEqual([{ is: 'missing', seq: 8 }]);
      });

      test('the end cut off and the head taken away, before and after the next record', async () => {
        await run('delete from audit where seq > 7');
        await run('delete from audit_head');
        expect(await faults()).toEqual([{ is: 'truncated', seq: 8 }]);
        await write(record(8));
        expect(await audit.verify(storage.db)).toMatchObject({ records: 8, faults: [{ is: 'missing', seq: 8 }] });
      });

      test('everything wiped, when the end was noted elsewhere', async () => {
        const { seq, head } = await audit.verify(storage.db);
        const known = { seq, hash: head };
        await write(record(11));
        expect((await audit.verify(storage.db, known)).faults).toEqual([]);
        await run('delete from audit');
        expect(await faults()).toEqual([{ is: 'truncated', seq: 1 }]);
        await run(`update audit_head set seq = 0, hash = ''`);
        expect((await audit.verify(storage.db, known)).faults).toEqual([{ is: 'truncated', seq: 1 }]);
        clock.advance(1);
        await writeMany(12);
        expect((await audit.verify(storage.db, known)).faults).toEqual([{ is: 'changed', seq: 10 }]);
      });
    });

    test('another key file does not verify it', async () => {
      await writeMany(2);
      const stranger = createAudit({ keyring: newKeyring(), clock });
      expect((await stranger.verify(storage.db)).faults).toContainEqual({ is: 'changed', seq: 1 });
    });

    test('10,000 records verify quickly, in bounded memory, and faults are found at their far end', async () => {
      for (let n = 0; n < 20; n += 1) await write(...Array.from({ length: 500 }, (_, m) => record(n * 500 + m)));
      const begin = performance.now();
      expect(await audit.verify(storage.db)).toMatchObject({ records: 10_000, faults: [] });
      expect(performance.now() - begin).toBeLessThan(5_000);
      await run(`update audit set body = replace(body, 'success', 'refused') where seq = 9999`);
      expect(await faults()).toEqual([{ is: 'changed', seq: 9_999 }]);
      await run(`update audit set body = replace(body, 'success', 'failure')`);
      expect((await faults()).length).toBeLessThanOrEqual(101);
    });
  });
}
