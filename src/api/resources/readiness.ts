/** Who could recover today, and a trial run for one person. */
import { Type } from 'typebox';
import type { ReadinessFigures } from '../../insight/readiness/figures.ts';
import { MARKS } from '../../insight/readiness/reason.ts';
import type { createTrial } from '../../insight/trial/trial.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type Operation, ok, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { After, Count, Instant, iso, isoOf, LIMIT, Limit, MaybeInstant, pageOf } from '../shapes.ts';

export interface ReadinessResources {
  clock: Clock;
  figures(): Promise<ReadinessFigures>;
  trial: ReturnType<typeof createTrial>;
}

const Group = Type.Optional(Type.String({ maxLength: 300, description: 'Name or DN of a group.' }));

const Person = Type.Object({
  username: Type.String(),
  name: Type.String(),
  verdict: Type.Enum(['ready', 'not-ready', 'off']),
  reasons: Type.Array(Type.String()),
  rule: Type.String(),
  checkedAt: Instant,
});

export const readinessOperations = ({ clock, figures, trial }: ReadinessResources): Operation[] => [
  operation({
    method: 'GET',
    path: '/readiness',
    id: 'getReadiness',
    tag: 'Readiness',
    summary: 'How many could recover today, and why the others could not',
    scope: 'readiness.view',
    query: Type.Object({ group: Group }),
    answers: {
      200: {
        says: 'The figures.',
        schema: Type.Object({
          ready: Count,
          notReady: Count,
          off: Count,
          reasons: Type.Array(Type.Object({ reason: Type.String(), people: Count })),
          groups: Type.Array(
            Type.Object({ name: Type.String(), ready: Count, notReady: Count, alarmed: Type.Boolean() }),
          ),
          walkedAt: MaybeInstant,
          waiting: Count,
        }),
      },
    },
    async run({ query }) {
      const overview = await (await figures()).overview(query.group, clock.now());
      if (query.group !== undefined && !overview.group)
        throw new Problem('not-found', 'Nobody is known in such a group.');
      const { ready, notReady, off, reasons, groups, state, waiting } = overview;
      return ok({
        ready,
        notReady,
        off,
        reasons,
        groups: groups.map((one) => ({
          name: one.name,
          ready: one.ready,
          notReady: one.notReady,
          alarmed: one.alarmed,
        })),
        walkedAt: isoOf(state?.walk_ended_at),
        waiting,
      });
    },
  }),
  operation({
    method: 'GET',
    path: '/readiness/people',
    id: 'listReadiness',
    tag: 'Readiness',
    summary: 'People by verdict or reason',
    scope: 'readiness.view',
    query: Type.Object({
      group: Group,
      mark: Type.Optional(
        Type.Enum([...MARKS] as [string, ...string[]], { description: 'Verdict or reason; not-ready if absent.' }),
      ),
      search: Type.Optional(Type.String({ maxLength: 100, description: 'Beginning of the username.' })),
      after: After,
      limit: Limit,
    }),
    answers: { 200: { says: 'A page of people.', schema: pageOf(Person) } },
    async run({ query: { limit, ...filter } }) {
      const { rows, next } = await (await figures()).list(filter, undefined, limit ?? LIMIT);
      return ok({
        items: rows.map((row) => ({
          username: row.username,
          name: row.displayName,
          verdict: row.verdict,
          reasons: row.reasons,
          rule: row.rule,
          checkedAt: iso(row.checkedAt),
        })),
        next: next ?? null,
      });
    },
  }),
  operation({
    method: 'POST',
    path: '/trial',
    id: 'tryPerson',
    tag: 'Readiness',
    summary: 'What would happen if this person forgot the password now; nothing is sent or changed',
    scope: 'rules.try',
    body: Type.Object({ username: Type.String({ minLength: 1, maxLength: 320 }) }, { additionalProperties: false }),
    answers: {
      200: {
        says: 'How it would end.',
        schema: Type.Object({
          end: Type.Enum(['new-password', 'stuck', 'frozen', 'blocked', 'unknown']),
          rule: Type.String(),
          gates: Type.Union([Count, Type.Null()]),
          routes: Type.Array(Type.Array(Type.String())),
          missing: Type.Array(Type.Array(Type.String())),
          systems: Type.Array(Type.String()),
          told: Type.Array(Type.String({ description: 'Masked.' })),
        }),
      },
    },
    async run({ body, caller }) {
      const tried = await trial.run(caller.staff, body.username);
      if (tried.is === 'none') throw new Problem('not-found', 'No account is called so.');
      if (tried.is === 'unavailable') throw new Problem('unavailable', 'The directory does not answer.');
      const { end, rule, gates, routes, missing, systems, told } = tried.trial;
      return ok({ end, rule: rule.name, gates: gates ?? null, routes, missing, systems, told });
    },
  }),
];
