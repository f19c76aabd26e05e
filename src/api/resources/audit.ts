/** The audit, newest first. */
import { Type } from 'typebox';
import { instantOf } from '../../audit/filter.ts';
import { searchAudit } from '../../audit/search.ts';
import type { FlowDeps } from '../../flow/deps.ts';
import { type Operation, ok, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { LIMIT, Limit, pageOf } from '../shapes.ts';

const Text = (description: string) => Type.Optional(Type.String({ maxLength: 256, description }));

const Entry = Type.Object(
  { seq: Type.Integer(), at: Type.String(), event: Type.String(), outcome: Type.String(), actor: Type.String() },
  {
    additionalProperties: true,
    description: 'A record as it is chained; docs/audit-events.md says what each event means.',
  },
);

export const auditOperations = ({ storage }: Pick<FlowDeps, 'storage'>): Operation[] => [
  operation({
    method: 'GET',
    path: '/audit',
    id: 'listAudit',
    tag: 'Audit',
    summary: 'Records of what happened, newest first',
    scope: 'audit.view',
    query: Type.Object({
      since: Text('RFC 3339 or a day.'),
      until: Text('RFC 3339 or a day.'),
      event: Text('Beginning of its name.'),
      outcome: Type.Optional(Type.Enum(['success', 'failure', 'refused', 'unknown'])),
      subject: Text('Account id.'),
      actor: Text('Who did it.'),
      ip: Text('From where.'),
      after: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,14}$', description: '`next` of the answer before.' })),
      limit: Limit,
    }),
    answers: { 200: { says: 'A page of records.', schema: pageOf(Entry) } },
    async run({ query: { since, until, after, limit, ...rest } }) {
      const [from, to] = [since && instantOf(since), until && instantOf(until, true)];
      if ((since && from === undefined) || (until && to === undefined))
        throw new Problem('bad-request', 'since and until are days like 2026-11-24 or moments of RFC 3339.');
      const filter = {
        ...rest,
        ...(typeof from === 'number' ? { since: from } : {}),
        ...(typeof to === 'number' ? { until: to } : {}),
      };
      const page = { limit: limit ?? LIMIT, ...(after === undefined ? {} : { before: Number(after) }) };
      const { entries, next } = await searchAudit(storage.db, filter, page);
      return ok({ items: entries, next: next === undefined ? null : String(next) });
    },
  }),
];
