/** Rotation of the keys on both engines: everything sealed stays readable, under load, after kill -9, and without the old key. Part of storage.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import { createAudit } from '../../src/audit/index.ts';
import { createKeysFile, readKeysFile } from '../../src/config/keys-file.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createKeyring, type LiveKeyring } from '../../src/kernel/keyring.ts';
import { newId, newToken } from '../../src/kernel/random.ts';
import { createKeyRotation, type KeyRotation } from '../../src/key-rotation.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import { createFlows } from '../../src/storage/repositories/flows.ts';
import { claimKeys } from '../../src/storage/repositories/key-check.ts';
import { announceKeys, readKeyState } from '../../src/storage/repositories/key-state.ts';
import { createSessions } from '../../src/storage/repositories/sessions.ts';
import { countSealed, type SealedColumn, sealedColumns } from '../../src/storage/sealed.ts';
import type { Executor, Storage } from '../../src/storage/storage.ts';

const ROTATOR = fileURLToPath(new URL('../unit/storage/rotator.ts', import.meta.url));

interface House {
  config: StorageConfig;
  storage: Storage;
  keysFile: string;
  /** With the keys that the file has now, as after a restart. */
  keyring(): Promise<LiveKeyring>;
  rotation(keyring: LiveKeyring, over?: { patience?: number; pause?: () => Promise<void> }): KeyRotation;
  fileIds(): string[];
}

type Sealed = [SealedColumn, { id: string; says: string }];

/** Fills all columns of a row that must be filled. */
async function columnsOf(ex: Executor, table: string): Promise<{ name: string; text: boolean }[]> {
  const found = (await ex.introspection.getTables()).find(({ name }) => name === table);
  return (found?.columns ?? [])
    .filter(({ isNullable, hasDefaultValue }) => !isNullable && !hasDefaultValue)
    .map(({ name, dataType }) => ({ name, text: /text/i.test(dataType) }));
}

/** That many rows with sealed values of their own. */
const putMany = (storage: Storage, keyring: LiveKeyring, sealed: SealedColumn, n: number) =>
  storage.transaction(async (trx) => {
    const rows: Sealed[] = [];
    const columns = await columnsOf(trx, sealed.table);
    for (let made = 0; made < n; made += 1) rows.push([sealed, await put(trx, keyring, sealed, columns)]);
    return rows;
  });

/** A row in that table with a sealed value of its own. Returns what it says. */
async function put(
  ex: Executor,
  keyring: LiveKeyring,
  sealed: SealedColumn,
  columns: Awaited<ReturnType<typeof columnsOf>>,
): Promise<{ id: string; says: string }> {
  const [id, says] = [newId(), `says ${newId()}`];
  const row: Record<string, string | number> = Object.fromEntries(
    columns.map(({ name, text }) => [name, text ? newId() : 1]),
  );
  const value = keyring.seal(says, `${sealed.context}:${id}`);
  await ex
    .insertInto(sealed.table as never)
    .values({
      ...row,
      ...(sealed.column === 'answer' ? { data: keyring.seal('{}', `ticket:${id}`) } : {}),
      id,
      [sealed.column]: value,
    } as never)
    .execute();
  return { id, says };
}

const read = async (storage: Storage, keyring: LiveKeyring, { table, column, context }: SealedColumn, id: string) => {
  const query = sql<{ value: string }>`select ${sql.ref(column)} as value from ${sql.table(table)} where id = ${id}`;
  const [row] = (await query.execute(storage.db)).rows;
  return keyring.open(row?.value ?? '', `${context}:${id}`);
};

export function keysContract(newDatabase: () => Promise<StorageConfig>): void {
  describe('rotation of the keys', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparekey-keys-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    async function build(): Promise<House> {
      const config = await newDatabase();
      const storage = await openStorage(config);
      const keysFile = join(folder, `${newId()}.json`);
      createKeysFile(keysFile, systemClock);
      const keys = () => {
        const found = readKeysFile(keysFile);
        if (found.is !== 'opened') throw new Error(found.is);
        return found.keys;
      };
      const keyring = async () => {
        const made = createKeyring(keys());
        await claimKeys(storage, made);
        return made;
      };
      return {
        config,
        storage,
        keysFile,
        keyring,
        fileIds: () =>
          keys()
            .filter(({ role }) => role !== 'base')
            .map(({ id }) => id),
        rotation: (ring, { patience = 0, pause = () => wait(5) } = {}) => {
          const audit = createAudit({ keyring: ring, clock: systemClock });
          return createKeyRotation({ storage, keyring: ring, keysFile, audit, clock: systemClock, pause, patience });
        },
      };
    }

    test('everything is readable afterwards, and the old key opens nothing any more', async () => {
      const { storage, keyring, rotation, fileIds } = await build();
      const ring = await keyring();
      const rows: Sealed[] = [];
      for (const sealed of sealedColumns) rows.push(...(await putMany(storage, ring, sealed, 30)));
      // More than one batch.
      const [first] = sealedColumns as [SealedColumn];
      rows.push(...(await putMany(storage, ring, first, 250)));
      await sql`insert into outbox (id, kind, payload, state, attempt, run_at, lease_until, expires_at, created_at)
        values ('done', 'mail', '', 'done', 1, 0, 0, 0, 0)`.execute(storage.db);
      const [old = ''] = fileIds();
      const rotated = await rotation(ring).rotate();
      const [fresh = ''] = fileIds();
      expect(fileIds()).toEqual([fresh, old]);
      // A row with an answer has data, too.
      expect(rotated).toEqual({ is: 'rotated', key: fresh, old: [old], resealed: rows.length + 30, unreadable: [] });
      expect(await countSealed(storage.db, [fresh, old])).toEqual(
        new Map([
          ['', 0],
          [fresh, rows.length + 30],
          [old, 0],
        ]),
      );
      expect(await rotation(ring).finish()).toEqual({ is: 'removed', keys: [old] });
      expect(fileIds()).toEqual([fresh]);
      expect(await rotation(ring).finish()).toEqual({ is: 'nothing' });
      const later = await keyring();
      expect(later.known()).toEqual([fresh]);
      for (const [sealed, { id, says }] of rows) expect(await read(storage, later, sealed, id)).toBe(says);
      expect((await createAudit({ keyring: later, clock: systemClock }).verify(storage.db)).faults).toEqual([]);
      await storage.close();
    });

    test('logs nobody out: tokens and versions stay as they are', async () => {
      const { storage, keyring, rotation } = await build();
      const ring = await keyring();
      const [token, cookie, id] = [newToken(), newToken(), newId()];
      const now = Date.now();
      await createFlows(ring).create(storage.db, {
        id,
        kind: 'recovery',
        token,
        subject: 'mia',
        state: { step: 'verify' },
        createdAt: now,
        expiresAt: now + 60_000,
      });
      await createSessions(ring).create(storage.db, {
        token: cookie,
        accountId: 'mia',
        directory: 'd',
        directoryKey: 'k',
        createdAt: now,
        expiresAt: now + 60_000,
        userAgent: '',
      });
      await rotation(ring).rotate();
      await rotation(ring).finish();
      const later = await keyring();
      expect(await createFlows(later).findByToken(storage.db, token)).toMatchObject({
        state: { step: 'verify' },
        version: 1,
      });
      expect(await createFlows(later).save(storage.db, id, 1, { state: { step: 'next' }, seenAt: now })).toBe(2);
      const found = await createSessions(later).findByToken(storage.db, cookie, { now, idle: 60_000 });
      expect(found).toMatchObject({ accountId: 'mia' });
      await storage.close();
    });

    test('no write of the same instant is lost', async () => {
      const { storage, keyring, rotation } = await build();
      const ring = await keyring();
      const flows = createFlows(ring);
      const now = Date.now();
      const ids = Array.from({ length: 120 }, newId);
      for (const id of ids)
        await flows.create(storage.db, {
          id,
          kind: 'x',
          token: newToken(),
          subject: id,
          state: { n: 0 },
          createdAt: now,
          expiresAt: now + 60_000,
        });
      let running = true;
      const last = new Map<string, number>();
      const writing = (async () => {
        for (let n = 1; running; n += 1)
          for (const id of ids.slice(0, 20)) {
            const flow = await flows.find(storage.db, id);
            await flows.save(storage.db, id, flow?.version ?? 0, { state: { n }, seenAt: now });
            last.set(id, n);
          }
      })();
      expect(await rotation(ring).rotate()).toMatchObject({ is: 'rotated', unreadable: [] });
      running = false;
      await writing;
      // What was sealed in the very instant of the change is found by `finish`, which then refuses; a second run mends it.
      if ((await rotation(ring).finish()).is === 'refused') {
        await rotation(ring).rotate();
        expect(await rotation(ring).finish()).toMatchObject({ is: 'removed' });
      }
      const later = createFlows(await keyring());
      for (const id of ids) expect((await later.find(storage.db, id))?.state['n']).toBe(last.get(id) ?? 0);
      await storage.close();
    });

    test('waits for nodes that lack the key, names them, and goes on with the same key later', async () => {
      const { storage, keyring, rotation, fileIds } = await build();
      const ring = await keyring();
      const [old = ''] = fileIds();
      const tell = (over: object) =>
        announceKeys(storage.db, { node: 'b', name: 'node b', knows: [old], seals: old, at: Date.now(), ...over });
      await tell({});
      const first = await rotation(ring).rotate();
      const [fresh = ''] = fileIds();
      expect(first).toMatchObject({ is: 'unknown', key: fresh, nodes: [{ name: 'node b' }] });
      expect(ring.sealsWith(), 'the new key seals nothing yet').toBe(old);
      expect((await keyring()).sealsWith(), 'not after a restart either').toBe(old);
      expect(await rotation(ring).finish()).toMatchObject({ is: 'refused' });
      await tell({ knows: [old, fresh] });
      expect(await rotation(ring).rotate()).toMatchObject({ is: 'unused', key: fresh, nodes: [{ name: 'node b' }] });
      expect(await rotation(ring).finish(), 'it still seals with the old one').toMatchObject({ is: 'refused' });
      expect(fileIds()).toEqual([fresh, old]);
      await tell({ knows: [old, fresh], seals: fresh });
      expect(await rotation(ring).rotate()).toMatchObject({ is: 'rotated', key: fresh });
      expect(await rotation(ring).finish()).toEqual({ is: 'removed', keys: [old] });
      await storage.close();
    });

    test('does not wait for a node that has been silent for long', async () => {
      const { storage, keyring, rotation } = await build();
      const ring = await keyring();
      await announceKeys(storage.db, { node: 'gone', name: 'gone', knows: [], seals: 'x', at: Date.now() - 100_000 });
      expect(await rotation(ring).rotate()).toMatchObject({ is: 'rotated' });
      await storage.close();
    });

    test('two at once make one key', async () => {
      const { storage, keyring, rotation, fileIds } = await build();
      const rings = [await keyring(), await keyring()];
      const both = await Promise.all(rings.map((ring) => rotation(ring).rotate()));
      expect(both).toMatchObject([{ is: 'rotated' }, { is: 'rotated' }]);
      expect(fileIds()).toHaveLength(2);
      await storage.close();
    });

    test('a node whose key file was not renewed is told which key it lacks, and does not start', async () => {
      const { storage, keyring, keysFile, rotation, fileIds } = await build();
      const stale = join(folder, `${newId()}.json`);
      copyFileSync(keysFile, stale);
      await rotation(await keyring()).rotate();
      const old = readKeysFile(stale);
      if (old.is !== 'opened') throw new Error(old.is);
      await expect(claimKeys(storage, createKeyring(old.keys))).rejects.toThrow(
        `lacks the key "${fileIds()[0]}" that seals now. Copy the key file`,
      );
      await storage.close();
    });

    test('a damaged row is named and stops nothing else', async () => {
      const { storage, keyring, rotation } = await build();
      const ring = await keyring();
      const [sealed] = sealedColumns as [SealedColumn];
      const [[, good], [, bad]] = (await putMany(storage, ring, sealed, 2)) as [Sealed, Sealed];
      await sql`update ${sql.table(sealed.table)} set ${sql.ref(sealed.column)} = ${sql.ref(sealed.column)} || 'x' where id = ${bad.id}`.execute(
        storage.db,
      );
      const rotated = await rotation(ring).rotate();
      expect(rotated).toMatchObject({ is: 'rotated', unreadable: [{ table: sealed.table, id: bad.id }] });
      expect(await rotation(ring).finish()).toMatchObject({
        is: 'refused',
        cause: expect.stringContaining('1 values'),
      });
      expect(await read(storage, ring, sealed, good.id)).toBe(good.says);
      await storage.close();
    });

    test('kill -9 in the middle, again and again: taken up, nothing lost, one new key', {
      timeout: 90_000,
    }, async () => {
      const { config, storage, keysFile, keyring, rotation, fileIds } = await build();
      const ring = await keyring();
      const rows: Sealed[] = [];
      for (const sealed of sealedColumns) rows.push(...(await putMany(storage, ring, sealed, 150)));
      const [old = ''] = fileIds();
      let kills = 0;
      for (let round = 0; round < 6; round += 1) {
        const child: ChildProcess = spawn(process.execPath, [ROTATOR, JSON.stringify(config), keysFile], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        child.stdout?.once('data', () => setTimeout(() => child.kill('SIGKILL'), randomInt(0, 25 + 20 * round)));
        if ((await once(child, 'close'))[1] === 'SIGKILL') kills += 1;
        const now = await keyring();
        for (const [sealed, { id, says }] of rows.filter((_, n) => n % 17 === round))
          expect(await read(storage, now, sealed, id)).toBe(says);
      }
      expect(kills, 'some died on the way').toBeGreaterThan(0);
      const last = await keyring();
      expect(await rotation(last).rotate()).toMatchObject({ is: 'rotated', unreadable: [] });
      const [fresh = '', ...others] = fileIds();
      expect(others).toEqual([old]);
      expect(await rotation(last).finish()).toEqual({ is: 'removed', keys: [old] });
      const later = await keyring();
      expect(later.known()).toEqual([fresh]);
      for (const [sealed, { id, says }] of rows) expect(await read(storage, later, sealed, id)).toBe(says);
      expect(await readKeyState(storage.db)).toEqual({ seals: fresh, next: null });
      await storage.close();
    });
  });
}
