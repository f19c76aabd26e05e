/** An account as MariaDB knows it (a user at a host), and why it must not be written: whoever holds it could rule the server. */
import type { Connection } from 'mariadb';

export interface MariadbAccount {
  user: string;
  host: string;
  /** How it signs in. */
  plugin: string;
  /** Why it is never written. */
  guard: string | undefined;
}

interface Row {
  User: string;
  Host: string;
  plugin: string;
  own: string;
  powers: string | null;
}

const SYSTEM = new Set(['root', 'mariadb.sys', 'mysql', 'mysql.sys', 'mysql.session', 'mysql.infoschema', 'PUBLIC']);
/** Writing global tables means writing the table of accounts too. */
const POWERS = ['Super', 'Grant', 'Create_user', 'Insert', 'Update', 'Delete', 'File'];
const powersOf = (row: string): string =>
  `concat_ws(', ', ${POWERS.map((power) => `if(${row}.${power}_priv = 'Y', '${power.toUpperCase().replace('_', ' ')}', null)`).join(', ')})`;

// Roles count too, those behind roles included.
const QUERY = `
  with recursive held (User, Host, Role) as (
    select User, Host, Role from mysql.roles_mapping
    union
    select h.User, h.Host, m.Role from held h join mysql.roles_mapping m on m.User = h.Role and m.Host = ''
  )
  select u.User, u.Host, u.plugin, current_user() as own,
    concat_ws(', ', nullif(${powersOf('u')}, ''), (
      select group_concat(concat(r.User, ': ', ${powersOf('r')}))
      from held h join mysql.user r on r.is_role = 'Y' and r.User = h.Role
      where h.User = u.User and h.Host = u.Host and ${powersOf('r')} <> ''
    )) as powers
  from mysql.user u where u.is_role = 'N' and (u.User = ? or concat(u.User, '@', u.Host) = ?)`;

function guardOf({ User, Host, own, powers, plugin }: Row, listed: readonly string[]): string | undefined {
  const name = `${User}@${Host}`;
  if (SYSTEM.has(User)) return `${name} belongs to the server itself.`;
  if (name === own) return `${name} is the account that Sparekey itself uses.`;
  if (powers) return `${name} has ${powers}.`;
  if (listed.includes(User) || listed.includes(name)) return `${name} is listed as protected.`;
  return plugin === 'mysql_native_password' || plugin === 'ed25519'
    ? undefined
    : `${name} signs in by ${plugin || 'an unknown plugin'}, which has no password that could be set from here.`;
}

/** `user` means whoever has that name if there is one only; `user@host` exactly that one. */
export async function readAccounts(
  connection: Connection,
  link: string,
  listed: readonly string[],
): Promise<MariadbAccount[]> {
  const rows = await connection.query<Row[]>(QUERY, [link, link]);
  return (
    rows
      // The server compares more loosely: trailing spaces, the case of a host.
      .filter(({ User, Host }) => User !== '' && (User === link || `${User}@${Host}` === link))
      .map((row) => ({ user: row.User, host: row.Host, plugin: row.plugin, guard: guardOf(row, listed) }))
  );
}
