/** Connected systems: health, backlog, pause and retry. */
import { Type } from 'typebox';
import type { FlowDeps } from '../../flow/deps.ts';
import { type Operation, ok, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { Count, Done, isoOf, MaybeInstant, MaybeText, pageOf } from '../shapes.ts';

const System = Type.Object({
  id: Type.String(),
  label: Type.String(),
  is: Type.Enum(['working', 'failing', 'paused']),
  waiting: Count,
  failed: Count,
  oldest: MaybeInstant,
  deliveredAt: MaybeInstant,
  failedAt: MaybeInstant,
  cause: MaybeText,
});

export const systemOperations = ({ spread }: Pick<FlowDeps, 'spread'>): Operation[] => [
  operation({
    method: 'GET',
    path: '/systems',
    id: 'listSystems',
    tag: 'Systems',
    summary: 'Health and backlog of every connected system',
    scope: 'systems.view',
    answers: { 200: { says: 'All of them.', schema: pageOf(System) } },
    async run() {
      const all = (await spread?.overview()) ?? [];
      return ok({
        items: all.map(({ id, label, is, waiting, failed, oldest, deliveredAt, failedAt, cause }) => ({
          id,
          label,
          is,
          waiting,
          failed,
          oldest: isoOf(oldest),
          deliveredAt: isoOf(deliveredAt),
          failedAt: isoOf(failedAt),
          cause: cause ?? null,
        })),
        next: null,
      });
    },
  }),
  operation({
    method: 'POST',
    path: '/systems/{id}/acts',
    id: 'actOnSystem',
    tag: 'Systems',
    summary: 'Pause for maintenance, go on, or try again what was given up',
    scope: 'systems.act',
    params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
    body: Type.Object({ act: Type.Enum(['pause', 'resume', 'retry']) }, { additionalProperties: false }),
    answers: { 200: { says: 'Done.', schema: Done } },
    async run({ params: { id }, body: { act }, caller: { actor } }) {
      if (!spread || !(await spread.overview()).some((one) => one.id === id)) throw new Problem('not-found');
      if (act === 'pause') await spread.pause(id, actor);
      else if (act === 'resume') await spread.resume(id, actor);
      else return ok({ done: (await spread.retry({ system: id }, actor)) > 0 });
      return ok({ done: true });
    },
  }),
];
