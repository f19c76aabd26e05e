/** Every event that the journeys write is one that the catalogue explains. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { auditEvents } from '../../../src/audit/events.ts';

test('names of events in src/flow are in the catalogue', () => {
  const sources = readdirSync('src/flow', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'))
    .join('\n');
  const named = [...sources.matchAll(/event: '([a-z-]+\.[a-z-]+)'/g)].map(([, name]) => name as string);
  const steps = [...sources.matchAll(/noted\(journey, '([a-z-]+)'\)/g)].map(([, step]) => `recovery.${step}`);
  expect(named.length).toBeGreaterThan(8);
  expect(steps.length).toBeGreaterThan(8);
  for (const name of [...named, ...steps]) expect(Object.hasOwn(auditEvents, name), name).toBe(true);
});
