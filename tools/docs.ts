/** Writes the generated part of docs/, or (`--check`) fails and names what is stale. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from '../src/config/schema.ts';
import { registries } from '../src/registries.ts';
import { auditEventsPage } from './docs/audit-events.ts';
import { configurationPage } from './docs/configuration.ts';
import { errorsPage } from './docs/errors.ts';
import { flowPage } from './docs/flow.ts';
import { jsonSchema } from './docs/json-schema.ts';

/** By file name. */
export function generatedDocs(): Record<string, string> {
  const schema = buildSchema(registries);
  return {
    'configuration.md': configurationPage(schema),
    'sparekey.schema.json': jsonSchema(schema),
    'errors.md': errorsPage(),
    'audit-events.md': auditEventsPage(),
    'flow.md': flowPage(),
  };
}

/** Files in `folder` that differ from what their source says now. */
export const staleDocs = (folder: string, docs: Record<string, string>): string[] =>
  Object.entries(docs)
    .filter(([name, text]) => {
      const path = join(folder, name);
      return !existsSync(path) || readFileSync(path, 'utf8') !== text;
    })
    .map(([name]) => name);

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../docs');
  const docs = generatedDocs();
  const stale = staleDocs(folder, docs);
  if (process.argv.includes('--check')) {
    for (const name of stale) console.error(`docs/${name} is stale: run \`npm run docs\`.`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    mkdirSync(folder, { recursive: true });
    for (const name of stale) {
      writeFileSync(join(folder, name), docs[name] ?? '');
      console.log(`docs/${name} written.`);
    }
  }
}
