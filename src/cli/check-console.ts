/** Whether anybody can run this in the console: by a group, or by a role given by hand. */
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
  // No fault: whoever wants no console does everything on the command line.
  const what =
    byGroup.length > 0 || given.length > 0
      ? 'somebody can run this in the console'
      : 'nobody can open the console yet: name a group in console.roles, or run sparekey console invite USERNAME';
  return [{ is: 'ok', what }];
}
