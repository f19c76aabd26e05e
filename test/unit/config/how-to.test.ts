import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { registries } from '../../../src/registries.ts';
import { folder } from './kit.ts';

const HOW_TO = join(import.meta.dirname, '../../../docs/how-to');
const configurations = readdirSync(HOW_TO).flatMap((name) =>
  [...readFileSync(join(HOW_TO, name), 'utf8').matchAll(/```yaml\n(# yaml-language-server[\s\S]*?)```/g)].map(
    ([, yaml = '']) => [name, yaml] as const,
  ),
);

describe('what the how-tos tell people to write', () => {
  test('is there', () => {
    expect(configurations.map(([name]) => name)).toEqual(
      expect.arrayContaining(['active-directory.md', 'openldap.md']),
    );
  });

  test.each(configurations)('%s loads without a problem or a warning', (_name, yaml) => {
    const file = join(folder({ 'sparekey.yaml': yaml }), 'sparekey.yaml');
    const env = { SPAREKEY_DIRECTORY_BIND_PASSWORD: 'x' };
    const loaded = loadConfig({ file, env, registries });
    expect(loaded).toMatchObject({ is: 'ok', warnings: [] });
  });
});
