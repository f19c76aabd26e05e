/** Can anybody run this in the console? Without a group and without a role given by hand, nobody can. */
import type { Finding } from '../kernel/plugin.ts';
import type { SparekeyConfig } from '../registries.ts';
import { isRight, type Right, ROLES } from '../staff/rights.ts';
import { roleNamed } from '../staff/roles.ts';
import * as grants from '../storage/repositories/staff-grants.ts';
import type { Storage } from '../storage/storage.ts';

/** Who has this can set everything else right. */
const DECISIVE: Right = 'settings.edit';

export async function consoleFindings({ console: { roles } }: SparekeyConfig, storage: Storage): Promise<Finding[]> {
  const decides = (role: (typeof roles)[number]): boolean =>
    [...(role.role ? ROLES[role.role] : []), ...role.rights.filter(isRight)].some((right) => right === DECISIVE);
  const byGroup = roles.filter((role) => role.groups.length > 0 && decides(role));
  const given = (await grants.list(storage.db)).filter(({ role }) => {
    const known = roleNamed(roles, role);
    return known !== undefined && decides(known as (typeof roles)[number]);
  });
  const what = 'somebody can run this in the console';
  if (byGroup.length > 0 || given.length > 0) return [{ is: 'ok', what }];
  return [
    {
      is: 'warning',
      what,
      cause: 'No group has the role of an operator, and nobody was given it by hand.',
      fix: 'Name a group in console.roles, or print a one-use link: sparekey console invite USERNAME.',
      key: 'roles',
    },
  ];
}
