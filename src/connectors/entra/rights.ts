/**
 * What an access token of Microsoft says about the rights of its application: `roles` are application permissions, `wids` are
 * directory roles. Only for words to operators, and to tell a refusal of one account from one of us all; Graph alone decides.
 */
import { asObject, asTexts, parse } from '../http/json.ts';

export interface Rights {
  roles: readonly string[];
  wids: readonly string[];
}

/** Reference of user: update: the least of them stands first. */
const PERMISSIONS = ['User-PasswordProfile.ReadWrite.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'];
const READERS = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
/** Template ids of roles. */
const USER_ADMINISTRATOR = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
const ABOVE = {
  'Privileged Authentication Administrator': '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  'Global Administrator': '62e90394-69f5-4237-9190-012177145e10',
};
const ROLE_READERS = ['RoleManagement.Read.Directory', 'Directory.Read.All', 'Directory.ReadWrite.All'];

/** `undefined` for a token that we can't read. */
export function rightsOf(token: string): Rights | undefined {
  const [, claims = ''] = token.split('.');
  const read = asObject(parse(Buffer.from(claims, 'base64url').toString('utf8')));
  if (read === undefined || (read['roles'] === undefined && read['wids'] === undefined)) return undefined;
  return { roles: asTexts(read['roles']), wids: asTexts(read['wids']) };
}

export const mayWrite = ({ roles }: Rights): boolean => PERMISSIONS.some((name) => roles.includes(name));
export const mayRead = ({ roles }: Rights): boolean => READERS.some((name) => roles.includes(name));
export const mayReadRoles = ({ roles }: Rights): boolean => ROLE_READERS.some((name) => roles.includes(name));
/** A role that carries over administrators too, which Graph would then no longer protect. */
export const roleAbove = ({ wids }: Rights): string | undefined =>
  Object.entries(ABOVE).find(([, id]) => wids.includes(id))?.[0];
export const hasRole = (rights: Rights): boolean =>
  rights.wids.includes(USER_ADMINISTRATOR) || roleAbove(rights) !== undefined;
