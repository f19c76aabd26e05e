import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes } from '../../../src/kernel/errors.ts';
import { errorsPage } from '../../../tools/docs/errors.ts';
import { staleDocs } from '../../../tools/docs.ts';
import { folder } from './kit.ts';

test('a page that differs, or is not there, is stale; looking changes nothing', () => {
  const home = folder({ 'same.md': 'text\n', 'changed.md': 'old\n' });
  const docs = { 'same.md': 'text\n', 'changed.md': 'new\n', 'new.md': 'text\n' };
  expect(staleDocs(home, docs)).toEqual(['changed.md', 'new.md']);
  expect(readFileSync(join(home, 'changed.md'), 'utf8')).toBe('old\n');
});

test('every error code has its line', () => {
  const page = errorsPage();
  for (const code of errorCodes) expect(page).toContain(`| \`${code}\` |`);
});
