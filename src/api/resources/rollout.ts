/** Reminder campaigns, and lists from outside. */
import { Type } from 'typebox';
import { type Campaign, campaignFaults } from '../../rollout/campaigns.ts';
import { textBytes } from '../../rollout/import/encoding.ts';
import { UnusableFile } from '../../rollout/import/entry.ts';
import type { Rollout } from '../../rollout.ts';
import { type Operation, ok, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { Count, Done, IdParams, Instant, iso, LIMIT, Limit, pageOf } from '../shapes.ts';

const CampaignShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  who: Type.Enum(['never-enrolled', 'not-ready']),
  groups: Type.Array(Type.String()),
  state: Type.Enum(['active', 'paused', 'ended']),
  round: Type.Integer(),
  nextAt: Instant,
  createdAt: Instant,
});

const shown = ({ id, name, who, groups, state, round, nextAt, createdAt }: Campaign) => ({
  id,
  name,
  who,
  groups,
  state,
  round,
  nextAt: iso(nextAt),
  createdAt: iso(createdAt),
});

const ListShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: Type.String(),
  state: Type.Enum(['reading', 'checking', 'checked', 'applying', 'done', 'refused', 'cancelled']),
  lines: Count,
  notes: Type.Array(Type.String()),
  counts: Type.Object({ read: Count, ready: Count, done: Count, same: Count, refused: Count }),
});

/** Bytes. Longer lists come in parts, or by command. */
const LIST_BYTES = 8_000_000;

export function rolloutOperations({ campaigns, imports, beginOf }: Rollout, now: () => number): Operation[] {
  const listOf = async (id: string) => {
    const list = await imports.find(id);
    if (!list) throw new Problem('not-found');
    const { name, kind, state, lines, notes } = list;
    return ok({ id, name, kind, state, lines, notes, counts: await imports.counts(id) });
  };
  return [
    operation({
      method: 'GET',
      path: '/campaigns',
      id: 'listCampaigns',
      tag: 'Roll-out',
      summary: 'Reminder campaigns, newest first',
      scope: 'rollout.view',
      answers: { 200: { says: 'All of them.', schema: pageOf(CampaignShape) } },
      run: async () => ok({ items: (await campaigns.list()).map(shown), next: null }),
    }),
    operation({
      method: 'POST',
      path: '/campaigns',
      id: 'createCampaign',
      tag: 'Roll-out',
      summary: 'Remind people to enrol, round after round; `dryRun` only says whom it would reach',
      scope: 'rollout.edit',
      body: Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 80 }),
          who: Type.Optional(Type.Enum(['never-enrolled', 'not-ready'])),
          groups: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { maxItems: 20 })),
          everyDays: Type.Integer({ minimum: 1, maximum: 365 }),
          most: Type.Integer({ minimum: 1, maximum: 50, description: 'Reminders that one person gets.' }),
          startsOn: Type.Optional(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' })),
          texts: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 600 }))),
          dryRun: Type.Optional(Type.Boolean()),
        },
        { additionalProperties: false },
      ),
      answers: {
        200: { says: 'Whom it would reach.', schema: Type.Object({ people: Count }) },
        201: { says: 'It has begun.', schema: Type.Object({ id: Type.String(), people: Count }) },
      },
      async run({ body, caller }) {
        const { name, who = 'never-enrolled', groups = [], everyDays, most, startsOn, texts = {}, dryRun } = body;
        const startsAt = startsOn === undefined ? now() : (beginOf(startsOn) ?? Number.NaN);
        const campaign = { name, who, groups, everyDays, most, texts, startsAt };
        const faults = campaignFaults(campaign);
        if (faults.length > 0)
          throw new Problem('unfit', undefined, {
            errors: faults.map((at) => ({ at: `/body/${at}`, says: 'can’t be used' })),
          });
        const { people } = await campaigns.audience(campaign);
        if (dryRun) return ok({ people });
        return ok({ id: await campaigns.create(campaign, caller.actor), people }, 201);
      },
    }),
    operation({
      method: 'POST',
      path: '/campaigns/{id}/acts',
      id: 'actOnCampaign',
      tag: 'Roll-out',
      summary: 'Pause, go on, end, or begin the next round now',
      scope: 'rollout.edit',
      params: IdParams,
      body: Type.Object({ act: Type.Enum(['pause', 'resume', 'end', 'send-now']) }, { additionalProperties: false }),
      answers: { 200: { says: 'Done, or it was in no state for that.', schema: Done } },
      async run({ params: { id }, body: { act }, caller: { actor } }) {
        if (!(await campaigns.find(id))) throw new Problem('not-found');
        if (act === 'send-now') return ok({ done: (await campaigns.sendNow(id, actor)) !== undefined });
        return ok({ done: await campaigns[act](id, actor) });
      },
    }),
    operation({
      method: 'POST',
      path: '/lists',
      id: 'createList',
      tag: 'Roll-out',
      summary: 'Bring a list in; it is looked at, and nothing is carried out',
      scope: 'rollout.edit',
      bodyLimit: LIST_BYTES,
      body: Type.Object(
        {
          kind: Type.Enum(['csv', 'pwm', 'ssp']),
          name: Type.String({ minLength: 1, maxLength: 100 }),
          text: Type.String({ minLength: 1, description: 'The whole file.' }),
        },
        { additionalProperties: false },
      ),
      answers: { 202: { says: 'It is being looked at.', schema: Type.Object({ id: Type.String() }) } },
      async run({ body: { kind, name, text }, caller: { actor } }) {
        try {
          const open = () => textBytes(text);
          return ok({ id: await imports.read({ kind, name, actor }, open, { encoding: 'utf-8' }) }, 202);
        } catch (error) {
          if (error instanceof UnusableFile) throw new Problem('unfit', error.message);
          throw error;
        }
      },
    }),
    operation({
      method: 'GET',
      path: '/lists/{id}',
      id: 'getList',
      tag: 'Roll-out',
      summary: 'How far a list is',
      scope: 'rollout.view',
      params: IdParams,
      answers: { 200: { says: 'How far it is.', schema: ListShape } },
      run: ({ params: { id } }) => listOf(id),
    }),
    operation({
      method: 'GET',
      path: '/lists/{id}/lines',
      id: 'listLines',
      tag: 'Roll-out',
      summary: 'What becomes of each line',
      scope: 'rollout.view',
      params: IdParams,
      query: Type.Object({
        state: Type.Optional(Type.Enum(['read', 'ready', 'done', 'same', 'refused'])),
        after: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$', description: '`next` of the answer before.' })),
        limit: Limit,
      }),
      answers: {
        200: {
          says: 'A page of lines, in the order of the file.',
          schema: pageOf(
            Type.Object({ line: Count, username: Type.String(), state: Type.String(), says: Type.String() }),
          ),
        },
      },
      async run({ params: { id }, query: { state, after, limit = LIMIT } }) {
        if (!(await imports.find(id))) throw new Problem('not-found');
        const lines = await imports.lines(id, {
          state,
          limit,
          ...(after === undefined ? {} : { after: Number(after) }),
        });
        return ok({
          items: lines.map(({ line, username, state: is, says }) => ({ line, username, state: is, says })),
          next: lines.length === limit ? String(lines.at(-1)?.line) : null,
        });
      },
    }),
    operation({
      method: 'POST',
      path: '/lists/{id}/acts',
      id: 'actOnList',
      tag: 'Roll-out',
      summary: 'Carry a list out (the good lines, or all or nothing), or give it up',
      scope: 'rollout.edit',
      params: IdParams,
      body: Type.Object(
        { act: Type.Enum(['apply', 'apply-all-or-nothing', 'cancel']) },
        { additionalProperties: false },
      ),
      answers: { 200: { says: 'Begun, or it was in no state for that.', schema: Done } },
      async run({ params: { id }, body: { act }, caller: { actor } }) {
        if (!(await imports.find(id))) throw new Problem('not-found');
        if (act === 'cancel') return ok({ done: await imports.cancel(id, actor) });
        const applied = await imports.apply(id, { all: act === 'apply-all-or-nothing', actor });
        if (applied.is === 'refused')
          throw new Problem(
            'unfit',
            `All or nothing: ${applied.lines} lines can’t be used, so nothing was carried out.`,
          );
        return ok({ done: applied.is === 'applying' });
      },
    }),
  ];
}
