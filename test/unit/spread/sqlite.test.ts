/** The spread engine on the embedded database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { newId } from '../../../src/kernel/random.ts';
import { spreadContract } from '../../contract/spread.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparekey-spread-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

spreadContract('SQLite', async () => ({ engine: 'sqlite', file: join(folder, newId(), 'sparekey.db') }));
