/** Suspicious activity: what is open, and what can be done about it. */
import { Type } from 'typebox';
import type { FlowDeps } from '../../flow/deps.ts';
import { ACTS, createIncidentService } from '../../flow/incidents/service.ts';
import { type Operation, ok, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { Done, IdParams, Instant, iso, isoOf, LIMIT, Limit, MaybeInstant, MaybeText, pageOf } from '../shapes.ts';

const Incident = Type.Object({
  id: Type.String(),
  accountId: Type.String(),
  kind: Type.String(),
  says: Type.String(),
  openedAt: Instant,
  closedAt: MaybeInstant,
  closedBy: MaybeText,
});

export function incidentOperations(flow: FlowDeps): Operation[] {
  const incidents = createIncidentService(flow);
  return [
    operation({
      method: 'GET',
      path: '/incidents',
      id: 'listIncidents',
      tag: 'Incidents',
      summary: 'What somebody has to look at, newest first',
      scope: 'incidents.view',
      query: Type.Object({
        all: Type.Optional(Type.Boolean({ description: 'Closed ones, too.' })),
        after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: '`next` of the answer before.' })),
        limit: Limit,
      }),
      answers: { 200: { says: 'A page of incidents.', schema: pageOf(Incident) } },
      async run({ query: { all, after, limit = LIMIT } }) {
        const before = after === undefined ? {} : { before: Number(after) };
        const found = await incidents.list({ open: all !== true, limit: limit + 1, ...before });
        const items = found.slice(0, limit);
        return ok({
          items: items.map((one) => ({
            ...one,
            openedAt: iso(one.openedAt),
            closedAt: isoOf(one.closedAt),
            closedBy: one.closedBy ?? null,
          })),
          next: found.length > limit ? String(items.at(-1)?.openedAt) : null,
        });
      },
    }),
    operation({
      method: 'POST',
      path: '/incidents/{id}/acts',
      id: 'actOnIncident',
      tag: 'Incidents',
      summary: 'Stop recovery, end sessions, watch, close; each with a sentence that says why',
      scope: 'incidents.act',
      params: IdParams,
      body: Type.Object(
        { act: Type.Enum([...ACTS]), note: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }) },
        { additionalProperties: false },
      ),
      answers: { 200: { says: 'Done, or somebody was quicker.', schema: Done } },
      async run({ params, body, caller }) {
        const dossier = await incidents.find(caller.staff, params.id);
        if (!dossier) throw new Problem('not-found');
        return ok({ done: await incidents.act(caller.staff, dossier, body.act, body.note, caller.ip) });
      },
    }),
  ];
}
