/** What a migration of kind `expand` may not do, read off the SQL that it would run. Everything that is not known to be harmless is a fault. */
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { Migration } from '../../../src/storage/migrations/migration.ts';

/** The statements of a migration; nothing is run. */
async function statementsOf({ up }: Migration): Promise<string[]> {
  const statements: string[] = [];
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createDriver: () => ({
        init: async () => {},
        acquireConnection: async () => ({
          async executeQuery({ sql }) {
            statements.push(sql.toLowerCase().replaceAll('"', ''));
            return { rows: [] };
          },
          streamQuery() {
            throw new Error('A migration reads no streams.');
          },
        }),
        beginTransaction: async () => {},
        commitTransaction: async () => {},
        rollbackTransaction: async () => {},
        releaseConnection: async () => {},
        destroy: async () => {},
      }),
    },
  });
  await up(db);
  return statements;
}

const faultOf = (statement: string, own: ReadonlySet<string>): string | undefined => {
  if (/^(create table|insert into|update) /.test(statement)) return undefined;
  const index = /^create (unique )?index .* on (\w+)/.exec(statement);
  if (index) return index[1] && !own.has(index[2] ?? '') ? 'forbids what the build before may write' : undefined;
  const [, table = '', change = ''] = /^alter table (\w+) (.*)$/.exec(statement) ?? [];
  if (own.has(table)) return undefined;
  if (!/^add column [^,]*$/.test(change)) return 'takes away or changes what the build before uses';
  if (/ (unique|primary key|check)\b/.test(change)) return 'forbids what the build before may write';
  if (change.includes(' not null') && !change.includes(' default ')) return 'the build before does not fill it';
  return undefined;
};

/** One sentence for each; none: nodes of the build before can go on. */
export async function expandFaults(migration: Migration): Promise<string[]> {
  const statements = await statementsOf(migration);
  const own = new Set(statements.flatMap((text) => /^create table (?:if not exists )?(\w+)/.exec(text)?.[1] ?? []));
  return statements.flatMap((text) => {
    const fault = faultOf(text, own);
    return fault ? [`${text}: ${fault}`] : [];
  });
}
