import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { leavesOf } from '../../../src/config/leaves.ts';
import { renderProblems } from '../../../src/config/problem.ts';
import { buildSchema } from '../../../src/config/schema.ts';
import { LDAP, load, registries } from './kit.ts';

const ODD = [null, 0, -1, 1.5, 1e21, true, '', ' ', 'x', '10 min', [], {}, [[]], [null], [{}], { a: 1 }, { type: 'x' }];

/** Every key and every section, as steps from the top. */
const places = [
  ...new Set(
    leavesOf(buildSchema(registries)).flatMap(({ path }) =>
      path.split('.').map((_, at, all) => all.slice(0, at + 1).join('.')),
    ),
  ),
];

function withValue(place: string, value: unknown): string {
  const root = parse(LDAP) as Record<string, unknown>;
  const steps = place.split('.');
  const name = steps.pop() ?? '';
  const section = steps.reduce((parent, step) => {
    parent[step] ??= {};
    return parent[step] as Record<string, unknown>;
  }, root);
  section[name] = value;
  return JSON.stringify(root);
}

test.each(places)('whatever stands at %s, loading ends with a result and every problem names a key', (place) => {
  for (const value of ODD) {
    const loaded = load(withValue(place, value), {}, { bind: 'sesame' });
    const problems = loaded.is === 'ok' ? [] : loaded.problems;
    for (const problem of problems)
      expect(problem).toMatchObject({ path: expect.stringMatching(/./), at: { is: 'file' } });
    expect(renderProblems([...problems, ...loaded.warnings])).not.toMatch(/Symbol|undefined|sesame|\[object/);
  }
});
