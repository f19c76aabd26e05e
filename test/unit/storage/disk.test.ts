/** Commits share syncs, nobody is told too early, and a disk that failed once is not believed again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDisk } from '../../../src/storage/sqlite/disk.ts';

function disk() {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-disk-'));
  const log = join(folder, 'log');
  writeFileSync(log, '');
  const syncs: PromiseWithResolvers<void>[] = [];
  const sync = () => {
    const one = Promise.withResolvers<void>();
    syncs.push(one);
    return one.promise;
  };
  const made = createDisk(log, sync);
  onTestFinished(async () => {
    for (const one of syncs) one.resolve();
    await made.close();
    rmSync(folder, { recursive: true });
  });
  const ticks = async () => {
    for (let n = 0; n < 20; n += 1) await Promise.resolve();
  };
  return { disk: made, syncs, ticks };
}

describe('the disk', () => {
  it('serves all who came before a sync began with that one', async () => {
    const { disk: it, syncs, ticks } = disk();
    const told: number[] = [];
    for (const n of [1, 2, 3]) void it.settled().then(() => told.push(n));
    await ticks();
    expect(syncs).toHaveLength(1);
    expect(told).toEqual([]);
    syncs[0]?.resolve();
    await ticks();
    expect(told).toEqual([1, 2, 3]);
    expect(syncs).toHaveLength(1);
  });

  it('lets whoever comes while a sync is running wait for the next one', async () => {
    const { disk: it, syncs, ticks } = disk();
    const told: string[] = [];
    void it.settled().then(() => told.push('first'));
    await ticks();
    for (const name of ['second', 'third']) void it.settled().then(() => told.push(name));
    await ticks();
    expect(syncs, 'never two at a time').toHaveLength(1);
    syncs[0]?.resolve();
    await ticks();
    expect(told).toEqual(['first']);
    expect(syncs).toHaveLength(2);
    syncs[1]?.resolve();
    await ticks();
    expect(told).toEqual(['first', 'second', 'third']);
  });

  it('is not believed again once a sync has failed', async () => {
    const { disk: it, syncs, ticks } = disk();
    const first = it.settled();
    first.catch(() => {});
    await ticks();
    const waiting = it.settled();
    waiting.catch(() => {});
    syncs[0]?.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
    await expect(first).rejects.toThrow('The disk did not take what was stored');
    await expect(waiting).rejects.toThrow('The disk did not take what was stored');
    await expect(it.settled()).rejects.toThrow('The disk did not take what was stored');
    expect(syncs, 'it is not even tried').toHaveLength(1);
    expect(it.failed()).toBe(true);
  });
});
