/** A million accounts in the database: their rows, their ways to verify, their indexes. Nobody of them ever comes. */
import { sql } from 'kysely';
import type { Storage } from '../../src/storage/storage.ts';

export async function addCrowd({ db }: Storage, count: number): Promise<void> {
  const numbers = sql`with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count})`;
  const id = sql`'crowd-account-' || n`;
  await sql`insert into builtin_accounts
    (id, username, username_key, mail, mail_key, display_name, given_name, language, groups, password_hash, password_changed_at,
     must_change, disabled, cannot_change, failed_binds)
    ${numbers} select ${id}, 'crowd' || n, 'crowd' || n, 'crowd' || n || '@corp.example', 'crowd' || n || '@corp.example',
     'One of the crowd', null, null, '[]', '', 0, 0, 0, 0, 0 from numbers`.execute(db);
  await sql`insert into people (account_id, directory, directory_key, enrolled_at)
    ${numbers} select ${id}, 'openldap', ${id}, 0 from numbers`.execute(db);
  for (const method of ['email', 'totp'])
    await sql`insert into authenticators (id, account_id, method, label, data, version, created_at)
      ${numbers} select ${method} || n, ${id}, ${method}, 'Crowd', ${'x'.repeat(150)}, 1, 0 from numbers`.execute(db);
}
