/** A role as PostgreSQL knows it, and why it must not be written from here: whoever holds it could rule the server. */
import type { Client } from 'pg';

export interface Role {
  name: string;
  canLogin: boolean;
  /** ms; `VALID UNTIL`. */
  validUntil: number | undefined;
  /** Why it is never written. */
  guard: string | undefined;
}

interface Row {
  name: string;
  login: boolean;
  until: Date | number | null;
  own: boolean;
  powers: string[];
}

// Compared as text: a cast to `name` would cut a long link down to somebody else's.
const QUERY = `
  with strong as (
    select oid, rolname,
      case when rolsuper then 'SUPERUSER' when rolreplication then 'REPLICATION' when rolbypassrls then 'BYPASSRLS'
        when rolcreaterole then 'CREATEROLE'
        when rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files') then rolname::text
      end as power
    from pg_catalog.pg_roles
  )
  select r.rolname::text as name, r.rolcanlogin as login, r.rolvaliduntil as until,
    r.rolname in (current_user, session_user) as own,
    array(
      select case when s.oid = r.oid then s.power else s.power || ' through ' || s.rolname end
      from strong s where s.power is not null and pg_catalog.pg_has_role(r.oid, s.oid, 'member') order by s.oid <> r.oid, 1
    ) as powers
  from pg_catalog.pg_roles r where r.rolname::text = $1`;

function guardOf({ name, own, powers, login }: Row, listed: readonly string[]): string | undefined {
  if (own) return `${name} is the role that Sparekey itself uses.`;
  if (powers[0] !== undefined) return `${name} has ${powers[0]}.`;
  if (/^pg_/.test(name)) return `${name} belongs to PostgreSQL itself.`;
  if (listed.includes(name)) return `${name} is listed as protected.`;
  return login ? undefined : `${name} has NOLOGIN: a group, or switched off by an administrator.`;
}

export async function readRole(client: Client, link: string, listed: readonly string[]): Promise<Role | undefined> {
  // PostgreSQL answers NUL with an error.
  if (link.includes('\0')) return undefined;
  const { rows } = await client.query<Row>(QUERY, [link]);
  const [row] = rows;
  if (!row) return undefined;
  const validUntil = row.until instanceof Date ? row.until.getTime() : undefined;
  return { name: row.name, canLogin: row.login, validUntil, guard: guardOf(row, listed) };
}
