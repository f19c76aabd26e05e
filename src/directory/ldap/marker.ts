/**
 * A marker of a password together with the server that it was read on: `<value>@<server>`. Copies lag behind, so two markers
 * can be compared only when both come from one server; any other pair would tell a write that was none, or none that was one.
 */
import type { LdapConnection } from './connection.ts';
import { failureOf } from './failure.ts';
import type { Sessions } from './sessions.ts';

/** `before`: a marker to be compared with. Undefined when its server can't be asked now, or the account is gone. */
export async function readMarker(
  sessions: Sessions,
  about: string,
  before: string | undefined,
  read: (connection: LdapConnection) => Promise<string | undefined>,
): Promise<string | undefined> {
  const marker = async (connection: LdapConnection) => {
    const value = await read(connection);
    return value === undefined ? undefined : { value, server: connection.server };
  };
  try {
    const server = before === undefined ? undefined : serverOf(before);
    const found = await (server === undefined
      ? sessions.beforeWrite(marker, about)
      : sessions.on(server, marker, about));
    if (!found || (server !== undefined && found.server !== server)) return undefined;
    return `${found.value}@${found.server}`;
  } catch (error) {
    failureOf(error);
    return undefined;
  }
}

const serverOf = (marker: string): string => marker.slice(marker.lastIndexOf('@') + 1);
