/**
 * A step of the tables, and who may still run on them afterwards. Nodes are upgraded one by one, so the build before goes on
 * working, and starts again, on tables that were only expanded.
 */
import type { Migration as KyselyMigration } from 'kysely/migration';

export interface Migration extends KyselyMigration {
  /**
   * `expand`: only adds (tables, indexes, columns that may stay empty or have a default), so the build before does not mind.
   * `contract`: takes away or forbids. Released only when no build that needs what goes may still be running; older builds
   * refuse to start afterwards.
   */
  kind: 'expand' | 'contract';
}

/** By name, oldest first. */
export type Migrations = Readonly<Record<string, Migration>>;
