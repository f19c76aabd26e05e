import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { leavesOf } from '../../../src/config/leaves.ts';
import { envName } from '../../../src/config/path.ts';
import { buildSchema } from '../../../src/config/schema.ts';
import { allowedWords } from '../../../src/config/words.ts';
import { configurationPage } from '../../../tools/docs/configuration.ts';
import { jsonSchema } from '../../../tools/docs/json-schema.ts';
import { LDAP, registries, SMALL } from './kit.ts';

const schema = buildSchema(registries);
const forEditors = JSON.parse(jsonSchema(schema)) as object;

test('no two keys share an environment variable', () => {
  const paths = [...new Set(leavesOf(schema).map(({ path }) => path))];
  expect(new Set(paths.map(envName)).size).toBe(paths.length);
});

test('every key of ours says what it is for and what it allows', () => {
  const ours = leavesOf(schema).filter(({ path }) => !/^(directory|mail)\./.test(path));
  expect(ours.length).toBeGreaterThan(40);
  expect(ours.filter(({ node }) => !node.description || allowedWords(node) === 'anything')).toEqual([]);
});

test('the documentation has a line for every key', () => {
  const page = configurationPage(schema);
  const told = leavesOf(schema).filter(({ node }) => node.const === undefined);
  for (const { path } of told) expect(page).toContain(`\`${path}\` |`);
});

test.each([
  ['a small file', SMALL],
  ['a secret by its file', LDAP],
  ['a secret that comes from the environment', LDAP.replace(', bindPasswordFile: bind', '')],
])('the schema for editors accepts %s', (_name, yaml) => {
  expect([...Value.Errors(forEditors, parse(yaml))]).toEqual([]);
});

test.each([
  ['an unknown key', `${SMALL}colour: blue\n`],
  ['a missing section', SMALL.replace('mail:', '# mail:')],
  ['a duration that is none', `${SMALL}lifetimes: { stepUp: 5 }\n`],
  ['an unknown directory', SMALL.replace('builtin', 'ldap')],
])('the schema for editors refuses %s', (_name, yaml) => {
  expect(Value.Check(forEditors, parse(yaml))).toBe(false);
});

test('the schema for editors holds none of our own keywords', () => {
  expect(JSON.stringify(forEditors)).not.toMatch(/"secret":true|"path":true|"duration":\{"m/);
});
