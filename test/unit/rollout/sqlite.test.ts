/** The contracts of the roll-out on the embedded engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { newId } from '../../../src/kernel/random.ts';
import { importContract } from '../../contract/imports.ts';
import { rolloutContract } from '../../contract/rollout.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparekey-rollout-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const contract of [rolloutContract, importContract])
  contract('SQLite', async () => ({ engine: 'sqlite', file: join(folder, newId(), 'sparekey.db') }));
