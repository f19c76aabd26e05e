/** The contract of tokens on the embedded engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { newId } from '../../../src/kernel/random.ts';
import { apiContract } from '../../contract/api.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparekey-api-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

apiContract('SQLite', async () => ({ engine: 'sqlite', file: join(folder, newId(), 'sparekey.db') }));
