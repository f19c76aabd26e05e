import { expect, test } from 'vitest';
import { checkImports } from '../../../tools/check-imports.ts';
import { folder } from './kit.ts';

const violations = (files: Record<string, string>): string[] =>
  checkImports(folder(files)).map(({ file, line, what }) => `${file}:${line} ${what}`);

const imports = (...specifiers: string[]): string => specifiers.map((s) => `import { x } from '${s}';\n`).join('');

test.each<[string, Record<string, string>, string]>([
  [
    'a low room that imports a high one',
    { 'src/storage/a.ts': imports('../flow/b.ts') },
    'src/storage/a.ts:1 room storage may not import room flow',
  ],
  [
    'the kernel importing anything of ours',
    { 'src/kernel/a.ts': imports('../text/b.ts') },
    'src/kernel/a.ts:1 room kernel may not import room text',
  ],
  [
    'flow that sends by itself',
    { 'src/flow/recovery/a.ts': imports('../../notify/b.ts') },
    'src/flow/recovery/a.ts:1 room flow may not import room notify',
  ],
  [
    'a page that goes around flow',
    { 'src/portal/a.tsx': imports('../storage/b.ts') },
    'src/portal/a.tsx:1 room portal may not import room storage',
  ],
  [
    'a plug-in that reads the configuration',
    { 'src/methods/a.ts': imports('../config/b.ts') },
    'src/methods/a.ts:1 room methods may not import room config',
  ],
  [
    'a plug-in that reads storage',
    { 'src/directory/a.ts': imports('../storage/b.ts') },
    'src/directory/a.ts:1 room directory may not import room storage',
  ],
  [
    'config that imports a plug-in',
    { 'src/config/a.ts': imports('../directory/b.ts') },
    'src/config/a.ts:1 room config may not import room directory',
  ],
  [
    'a type from a forbidden room',
    { 'src/policy/a.ts': "import type { X } from '../storage/b.ts';\n" },
    'src/policy/a.ts:1 room policy may not import room storage',
  ],
  [
    'an import that is written over several lines',
    { 'src/audit/a.ts': "import {\n  a,\n  type b,\n} from '../flow/b.ts';\n" },
    'src/audit/a.ts:4 room audit may not import room flow',
  ],
  [
    'an export from a forbidden room',
    { 'src/audit/a.ts': "export * from '../flow/b.ts';\n" },
    'src/audit/a.ts:1 room audit may not import room flow',
  ],
  [
    'an import when it runs',
    { 'src/audit/a.ts': "const b = await import('../flow/b.ts');\n" },
    'src/audit/a.ts:1 room audit may not import room flow',
  ],
  [
    'an import for its side effect',
    { 'src/audit/a.ts': "import '../flow/b.ts';\n" },
    'src/audit/a.ts:1 room audit may not import room flow',
  ],
  [
    'a room that nobody planned',
    { 'src/attic/a.ts': imports('../kernel/b.ts') },
    'src/attic/a.ts:1 room attic has no line',
  ],
  [
    'something outside src',
    { 'src/cli/a.ts': imports('../../tools/b.ts') },
    'src/cli/a.ts:1 imports from outside src/',
  ],
  [
    'policy that reads files',
    { 'src/policy/a.ts': imports('node:fs') },
    'src/policy/a.ts:1 room policy may not import node:fs: policy is pure',
  ],
  [
    'LDAP outside directories',
    { 'src/flow/a.ts': imports('ldapts') },
    'src/flow/a.ts:1 room flow may not import ldapts',
  ],
  [
    'SQL outside storage',
    { 'src/flow/a.ts': imports('kysely/migration') },
    'src/flow/a.ts:1 room flow may not import kysely',
  ],
  [
    'SQL in the wiring',
    { 'src/compose.ts': imports('pg-boss') },
    'src/compose.ts:1 room compose may not import pg-boss',
  ],
  ['a folder called utils', { 'src/flow/utils/a.ts': '' }, 'src/flow/utils/a.ts:1 "utils" says nothing'],
  [
    'a file called …-manager',
    { 'src/flow/session-manager.ts': '' },
    'src/flow/session-manager.ts:1 "session-manager" says nothing',
  ],
])('refused: %s', (_name, files, expected) => {
  expect(violations(files)).toEqual([expect.stringContaining(expected)]);
});

test('refused: a plug-in that imports a sibling, by its file or its folder', () => {
  const files = {
    'src/directory/index.ts': imports('./openldap.ts', './active-directory.ts'),
    'src/directory/openldap.ts': imports(
      './directory.ts',
      './ldap/a.ts',
      './openldap/writes.ts',
      './active-directory.ts',
    ),
    'src/directory/openldap/writes.ts': imports('../active-directory/b.ts'),
    'src/directory/ldap/a.ts': imports('../openldap/writes.ts'),
  };
  expect(violations(files)).toEqual([
    expect.stringContaining('src/directory/ldap/a.ts:1 imports the plug-in openldap'),
    expect.stringContaining('src/directory/openldap.ts:4 imports the plug-in active-directory'),
    expect.stringContaining('src/directory/openldap/writes.ts:1 imports the plug-in active-directory'),
  ]);
});

test('refused: a circle, told once with its whole way', () => {
  const files = {
    'src/flow/a.ts': imports('./b.ts'),
    'src/flow/b.ts': imports('./c.ts'),
    'src/flow/c.ts': imports('./a.ts'),
  };
  expect(violations(files)).toEqual([
    'src/flow/c.ts:1 circular import: src/flow/a.ts → src/flow/b.ts → src/flow/c.ts → src/flow/a.ts',
  ]);
});

test('allowed: what the table lists, a circle of types, a diamond, and everything for the wiring', () => {
  const files = {
    'src/compose.ts': imports('./notify/index.ts', './storage/a.ts'),
    'src/cli/serve.ts': imports('../compose.ts', '../config/a.ts'),
    'src/flow/a.ts': imports('./b.ts', './c.ts', '../policy/d.ts', '../storage/a.ts', 'node:crypto'),
    'src/flow/b.ts': `${imports('./e.ts')}import type { A } from './a.ts';\n`,
    'src/flow/c.ts': imports('./e.ts'),
    'src/methods/helper-pass.ts': imports('../kernel/a.ts', './method.ts'),
    'src/notify/templates/code.tsx': imports('../../ui/a.tsx', '../../text/a.ts'),
    'src/storage/a.ts': imports('kysely', 'pg'),
    'src/directory/ldap/a.ts': imports('ldapts'),
    'src/kernel/a.ts': "// import { x } from '../flow/a.ts';\nconst from = 'import';\n",
  };
  expect(violations(files)).toEqual([]);
});
