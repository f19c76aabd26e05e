/** The figures of the reports. */
import { Type } from 'typebox';
import type { Reports } from '../../insight/reports/reports.ts';
import { type Operation, ok, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { Count, isoOf, MaybeInstant } from '../shapes.ts';

const Day = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description, examples: ['2026-11-01'] }));
const Named = Type.Array(Type.Object({ name: Type.String(), n: Count }, { additionalProperties: true }));

export const reportOperations = (reports: Reports): Operation[] => [
  operation({
    method: 'GET',
    path: '/reports',
    id: 'getReport',
    tag: 'Reports',
    summary: 'Adoption, resets, time, funnel, failures, calls and money saved',
    scope: 'reports.view',
    query: Type.Object({
      from: Day('First day; thirty days ago if absent.'),
      to: Day('Last day; today if absent.'),
      group: Type.Optional(Type.String({ maxLength: 100, description: 'Name of a rule.' })),
    }),
    answers: {
      200: {
        says: 'Every figure.',
        schema: Type.Object(
          {
            from: Type.String(),
            to: Type.String(),
            resets: Count,
            unlocks: Count,
            changes: Count,
            assisted: Count,
            left: Count,
            funnel: Named,
            ended: Named,
            hurdles: Named,
            turnedAway: Named,
            savings: Type.Object({ callsAvoided: Type.Number() }, { additionalProperties: true }),
            countedAt: MaybeInstant,
          },
          { additionalProperties: true },
        ),
      },
    },
    async run({ query }) {
      const range = reports.rangeOf(query);
      if ((query.from ?? range.from) !== range.from || (query.to ?? range.to) !== range.to)
        throw new Problem('bad-request', 'from and to are days that there are, the first not after the last.');
      const { countedAt } = await reports.standing();
      return ok({ ...(await reports.report(range)), countedAt: isoOf(countedAt) });
    },
  }),
];
