/** All migrations, oldest first. One list for both engines. A name, once released, never changes. */
import type { Migration } from 'kysely/migration';
import { initial } from './0001-initial.ts';
import { ways } from './0002-ways.ts';

export const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-ways': ways,
};
