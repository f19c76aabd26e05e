/**
 * Reminder campaigns. One node at a time sends for a campaign, by a lease; a person is claimed for a round by a row that can
 * exist once, in the same transaction as the message itself, so that nobody is reminded twice whatever is killed.
 */
import type { Selectable } from 'kysely';
import type { CampaignTable, ReminderTable } from '../schema.ts';
import type { Executor, Trx } from '../storage.ts';

export interface Campaign {
  id: string;
  name: string;
  who: CampaignTable['who'];
  groups: readonly string[];
  /** Own words, by language. */
  texts: Readonly<Record<string, string>>;
  everyDays: number;
  /** Reminders that one person gets. */
  most: number;
  state: CampaignTable['state'];
  round: number;
  /** ms; when the round begins, or has begun. */
  nextAt: number;
  cursor: string;
  leaseUntil: number;
  problem: string | undefined;
  createdBy: string;
  createdAt: number;
}

const read = (row: Selectable<CampaignTable>): Campaign => ({
  id: row.id,
  name: row.name,
  who: row.who,
  groups: JSON.parse(row.groups) as string[],
  texts: JSON.parse(row.texts) as Record<string, string>,
  everyDays: row.every_days,
  most: row.most,
  state: row.state,
  round: row.round,
  nextAt: row.next_at,
  cursor: row.cursor,
  leaseUntil: row.lease_until,
  problem: row.problem ?? undefined,
  createdBy: row.created_by,
  createdAt: row.created_at,
});

export type NewCampaign = Pick<
  Campaign,
  'id' | 'name' | 'who' | 'groups' | 'texts' | 'everyDays' | 'most' | 'nextAt' | 'createdBy' | 'createdAt'
>;

export async function create(ex: Executor, campaign: NewCampaign): Promise<void> {
  await ex
    .insertInto('campaigns')
    .values({
      id: campaign.id,
      name: campaign.name,
      who: campaign.who,
      groups: JSON.stringify(campaign.groups),
      texts: JSON.stringify(campaign.texts),
      every_days: campaign.everyDays,
      most: campaign.most,
      state: 'active',
      round: 1,
      next_at: campaign.nextAt,
      cursor: '',
      lease_until: 0,
      created_by: campaign.createdBy,
      created_at: campaign.createdAt,
    })
    .execute();
}

export async function find(ex: Executor, id: string): Promise<Campaign | undefined> {
  const row = await ex.selectFrom('campaigns').selectAll().where('id', '=', id).executeTakeFirst();
  return row && read(row);
}

/** Newest first. */
export async function list(ex: Executor): Promise<Campaign[]> {
  const rows = await ex
    .selectFrom('campaigns')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(200)
    .execute();
  return rows.map(read);
}

/** What might be sent now. */
export async function due(ex: Executor, now: number): Promise<string[]> {
  const rows = await ex
    .selectFrom('campaigns')
    .select('id')
    .where('state', '=', 'active')
    .where('next_at', '<=', now)
    .where('lease_until', '<=', now)
    .orderBy('next_at')
    .limit(50)
    .execute();
  return rows.map(({ id }) => id);
}

/** `undefined`: not due, not active, or somebody else is at it. */
export async function claim(
  ex: Executor,
  id: string,
  { lease, until, now }: { lease: string; until: number; now: number },
): Promise<Campaign | undefined> {
  const row = await ex
    .updateTable('campaigns')
    .set({ lease, lease_until: until })
    .where('id', '=', id)
    .where('state', '=', 'active')
    .where('next_at', '<=', now)
    .where('lease_until', '<=', now)
    .returningAll()
    .executeTakeFirst();
  return row && read(row);
}

export interface Step {
  round?: number;
  next_at?: number;
  cursor?: string;
  lease_until?: number;
  problem?: string | null;
}

/** Writes what a step did. @returns false when the campaign was paused, ended or taken over meanwhile: the step is void. */
export async function advance(ex: Executor, id: string, lease: string, step: Step): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('campaigns')
    .set(step)
    .where('id', '=', id)
    .where('lease', '=', lease)
    .where('state', '=', 'active')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** @returns false when it was in none of these states. */
export async function change(
  ex: Executor,
  id: string,
  from: readonly Campaign['state'][],
  set: { state?: Campaign['state']; next_at?: number },
): Promise<boolean> {
  const { numUpdatedRows } = await ex
    .updateTable('campaigns')
    // Whoever sends just now must not finish a step on what is no longer so.
    .set({ ...set, lease: null, lease_until: 0 })
    .where('id', '=', id)
    .where('state', 'in', from)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** @returns false when this person was claimed for this round already. */
export async function remind(
  trx: Trx,
  one: { campaignId: string; accountId: string; round: number; at: number; outcome: ReminderTable['outcome'] },
): Promise<boolean> {
  const row = await trx
    .insertInto('reminders')
    .values({
      campaign_id: one.campaignId,
      account_id: one.accountId,
      round: one.round,
      at: one.at,
      outcome: one.outcome,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('round')
    .executeTakeFirst();
  return row !== undefined;
}

/** How often each of these people was reminded. Fewer than a statement takes parameters. */
export async function reminded(
  ex: Executor,
  campaignId: string,
  accountIds: readonly string[],
): Promise<Map<string, number>> {
  if (accountIds.length === 0) return new Map();
  const rows = await ex
    .selectFrom('reminders')
    .select((eb) => ['account_id', eb.fn.countAll<number>().as('n')])
    .where('campaign_id', '=', campaignId)
    .where('account_id', 'in', accountIds)
    .where('outcome', '=', 'sent')
    .groupBy('account_id')
    .execute();
  return new Map(rows.map(({ account_id, n }) => [account_id, Number(n)]));
}

export interface RoundFigures {
  round: number;
  sent: number;
  noAddress: number;
}

export async function rounds(ex: Executor, campaignId: string): Promise<RoundFigures[]> {
  const rows = await ex
    .selectFrom('reminders')
    .select((eb) => ['round', 'outcome', eb.fn.countAll<number>().as('n')])
    .where('campaign_id', '=', campaignId)
    .groupBy(['round', 'outcome'])
    .execute();
  const of = (round: number, outcome: ReminderTable['outcome']) =>
    Number(rows.find((row) => row.round === round && row.outcome === outcome)?.n ?? 0);
  return [...new Set(rows.map(({ round }) => round))]
    .toSorted((a, b) => a - b)
    .map((round) => ({ round, sent: of(round, 'sent'), noAddress: of(round, 'no-address') }));
}

/** Of the people whom it reminded, how many have enrolled since. */
export async function enrolledSince(ex: Executor, campaignId: string): Promise<number> {
  const row = await ex
    .selectFrom('people')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('enrolled_at', 'is not', null)
    .where('account_id', 'in', (eb) =>
      eb
        .selectFrom('reminders')
        .select('account_id')
        .where('campaign_id', '=', campaignId)
        .where('outcome', '=', 'sent'),
    )
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

/** @returns false when they had said so before. */
export async function optOut(ex: Executor, accountId: string, at: number): Promise<boolean> {
  const row = await ex
    .insertInto('reminder_opt_outs')
    .values({ account_id: accountId, at })
    .onConflict((conflict) => conflict.doNothing())
    .returning('account_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Of these, who wants no reminders, and who has enrolled. */
export async function spared(
  ex: Executor,
  accountIds: readonly string[],
): Promise<{ optedOut: Set<string>; enrolled: Set<string> }> {
  if (accountIds.length === 0) return { optedOut: new Set(), enrolled: new Set() };
  const out = await ex
    .selectFrom('reminder_opt_outs')
    .select('account_id')
    .where('account_id', 'in', accountIds)
    .execute();
  const known = await ex
    .selectFrom('people')
    .select('account_id')
    .where('account_id', 'in', accountIds)
    .where('enrolled_at', 'is not', null)
    .execute();
  return {
    optedOut: new Set(out.map(({ account_id }) => account_id)),
    enrolled: new Set(known.map(({ account_id }) => account_id)),
  };
}
