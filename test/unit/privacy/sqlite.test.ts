/** The privacy contract on the embedded engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { newId } from '../../../src/kernel/random.ts';
import { privacyContract } from '../../contract/privacy.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparekey-privacy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

privacyContract('SQLite', async () => ({ engine: 'sqlite', file: join(folder, newId(), 'sparekey.db') }));
