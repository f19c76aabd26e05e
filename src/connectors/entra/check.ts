/** Signs in at Microsoft, reads the rights in the token, and looks somebody up who is not there. */
import type { Finding } from '../../kernel/plugin.ts';
import type { Api } from '../http/api.ts';
import { deadlineIn } from '../http/deadline.ts';
import type { TokenCredentials } from '../http/token.ts';
import { asFinding } from '../http/trouble.ts';
import { hasRole, mayRead, mayReadRoles, mayWrite, rightsOf, roleAbove } from './rights.ts';

const KEY = 'clientId';

function rightsFound(token: string): Finding[] {
  const what = 'rights of the application';
  const rights = rightsOf(token);
  if (rights === undefined) return [];
  if (!mayWrite(rights)) {
    const cause = 'It may not set passwords.';
    const fix = 'Grant the application permission User-PasswordProfile.ReadWrite.All, with admin consent.';
    return [{ is: 'failed', what, cause, fix, key: KEY }];
  }
  if (!mayRead(rights)) {
    const fix = 'Grant the application permission User.Read.All, with admin consent.';
    return [{ is: 'failed', what, cause: 'It may not look users up.', fix, key: KEY }];
  }
  if (!hasRole(rights)) {
    const cause = 'Its token does not show the role User Administrator, without which Graph refuses passwords.';
    const fix = 'Assign that role to the service principal, at best scoped to an administrative unit.';
    return [{ is: 'warning', what, cause, fix, key: KEY }];
  }
  const above = roleAbove(rights);
  if (above !== undefined && !mayReadRoles(rights)) {
    const cause = `With the role ${above} it could write administrators, and it may not see who they are.`;
    const fix = 'Give it User Administrator instead, or the permission RoleManagement.Read.Directory.';
    return [{ is: 'failed', what, cause, fix, key: KEY }];
  }
  return [{ is: 'ok', what }];
}

export async function checkEntra(
  api: Api,
  credentials: TokenCredentials,
  timeout: number,
  lookup: string,
): Promise<Finding[]> {
  const what = 'get a token';
  const got = await credentials.token(deadlineIn(timeout));
  if (got.is === 'trouble') return [asFinding(what, got.trouble)];
  const findings: Finding[] = [{ is: 'ok', what }, ...rightsFound(got.token)];
  const query = { $filter: `${lookup} eq 'sparekey-check-nobody'`, $select: 'id', $top: '1' };
  const reply = await api.ask({ method: 'GET', path: '/users', query }, deadlineIn(timeout));
  const search = `look a user up by ${lookup}`;
  if (reply.is === 'trouble') return [...findings, asFinding(search, reply.trouble)];
  if (reply.status === 200) return [...findings, { is: 'ok', what: search }];
  const cause = `Graph refused the search (status ${reply.status}).`;
  const fix = 'Grant the application permission User.Read.All, with admin consent.';
  return [...findings, { is: 'failed', what: search, cause, fix, key: KEY }];
}
