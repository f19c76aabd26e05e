/** Cross checks of the connected systems: names, order, account linking. */
import { linkFault } from '../kernel/account-link.ts';
import { type Finding, problem, when } from './finding.ts';
import type { Config } from './schema.ts';

type Systems = Config['connectors'];

/** Ids that can only start after themselves. */
function inCircles(systems: Systems): string[] {
  const after = new Map(systems.map(({ id, after: before }) => [id, before]));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (after.get(from) ?? []).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return systems.map(({ id }) => id).filter((id) => reaches(id, id));
}

export function connectedSystems({ connectors: systems }: Config): Finding[] {
  const ids = systems.map(({ id }) => id);
  const circles = inCircles(systems);
  return systems.flatMap(({ id, after, account }, index): Finding[] => {
    const at = `connectors[${index}]`;
    const fault = linkFault(account);
    return [
      ...when(ids.indexOf(id) !== index, () =>
        problem(`${at}.id`, `is ${id}, as another system already is.`, 'Give each system an id of its own.'),
      ),
      ...after
        .filter((before) => !ids.includes(before))
        .map((before) =>
          problem(`${at}.after`, `names ${before}, which is no connected system.`, `Known: ${ids.join(', ')}.`),
        ),
      ...when(circles.includes(id), () =>
        problem(`${at}.after`, 'goes in a circle: the system would wait for itself.', 'Take one of the steps out.'),
      ),
      ...when(fault !== undefined, () =>
        problem(`${at}.account`, `can not be used. ${fault}`, 'Write it like {username} or {mail|local}.'),
      ),
    ];
  });
}
