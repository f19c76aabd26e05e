/**
 * Who could recover, one row an account, and everything that a page shows of it counted beforehand: lists and figures are read
 * by key, whatever the size. Rows, marks and counts change together, in one transaction, by the one node that holds the lease.
 */
import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import { normaliseDn } from '../../kernel/dn.ts';
import type { ReadinessStateTable, ReadinessTable } from '../schema.ts';
import type { Executor, Trx } from '../storage.ts';

export type Verdict = 'ready' | 'not-ready' | 'off';

export interface ReadinessRow {
  accountId: string;
  directory: string;
  directoryKey: string;
  username: string;
  displayName: string;
  locator: string;
  groups: readonly string[];
  attributes: Readonly<Record<string, readonly string[]>>;
  /** What the verdict was made of; whoever wrote it can read it. JSON. */
  facts: string;
  rule: string;
  verdict: Verdict;
  reasons: readonly string[];
  stamp: string | undefined;
  /** ms; when the directory was asked. */
  readAt: number;
  checkedAt: number;
  /** ms; when time alone may change the verdict. */
  recheckAt: number | undefined;
}

export type ReadinessState = Selectable<ReadinessStateTable>;

/** Everybody, as a group. */
export const EVERYBODY = '*';
/** People in more groups than this are counted in the first ones only. */
const MOST_GROUPS = 200;
const CHUNK = 200;

export const foldName = (text: string): string => text.normalize('NFC').toLowerCase().slice(0, 120);

/** The same for every spelling of a DN. */
export const groupId = (name: string): string =>
  createHash('sha256').update(normaliseDn(name)).digest('base64url').slice(0, 16);

/** What people call a group: the first part of its DN. */
export const shortName = (name: string): string => /^[A-Za-z]+=((?:\\.|[^,\\])+)/.exec(name)?.[1] ?? name;

const read = (row: Selectable<ReadinessTable>): ReadinessRow => ({
  accountId: row.account_id,
  directory: row.directory,
  directoryKey: row.directory_key,
  username: row.username,
  displayName: row.display_name,
  locator: row.locator,
  groups: JSON.parse(row.groups) as string[],
  attributes: JSON.parse(row.attributes) as Record<string, string[]>,
  facts: row.facts,
  rule: row.rule,
  verdict: row.verdict,
  reasons: JSON.parse(row.reasons) as string[],
  stamp: row.stamp ?? undefined,
  readAt: row.read_at,
  checkedAt: row.checked_at,
  recheckAt: row.recheck_at ?? undefined,
});

const chunksOf = <T>(list: readonly T[], size = CHUNK): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));

// --- who must be looked at again ---

/** Something about this account changed: in the same transaction as the change itself. `key`: of the directory, where it is known. */
export async function mark(ex: Executor, accountId: string, key?: string): Promise<void> {
  await ex
    .insertInto('readiness_dirty')
    .values({ account_id: accountId, directory_key: key ?? null, stamp: null, version: 1 })
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet((eb) => ({ version: eb('readiness_dirty.version', '+', 1) })),
    )
    .execute();
}

/** As `mark`, by one of its authenticators. */
export async function markOwnerOf(ex: Executor, authenticatorId: string): Promise<void> {
  const owner = await ex
    .selectFrom('authenticators')
    .select('account_id')
    .where('id', '=', authenticatorId)
    .executeTakeFirst();
  if (owner) await mark(ex, owner.account_id);
}

export interface Listed {
  accountId: string;
  key: string;
  /** Changes with the entry. */
  stamp: string;
}

/** A page of the directory: marks who is new, changed, or was read before `readBefore`. @returns how many. */
export async function listed(
  trx: Trx,
  entries: readonly Listed[],
  { walk, readBefore }: { walk: number; readBefore: number },
): Promise<number> {
  let marked = 0;
  for (const part of chunksOf(entries)) {
    const ids = part.map(({ accountId }) => accountId);
    const known = await trx
      .selectFrom('readiness')
      .select(['account_id', 'stamp', 'read_at'])
      .where('account_id', 'in', ids)
      .execute();
    const fresh = new Map(known.filter((row) => row.read_at >= readBefore).map((row) => [row.account_id, row.stamp]));
    await trx.updateTable('readiness').set({ seen_walk: walk }).where('account_id', 'in', ids).execute();
    const changed = part.filter(({ accountId, stamp }) => fresh.get(accountId) !== stamp);
    marked += changed.length;
    if (changed.length === 0) continue;
    await trx
      .insertInto('readiness_dirty')
      .values(
        changed.map(({ accountId, key, stamp }) => ({ account_id: accountId, directory_key: key, stamp, version: 1 })),
      )
      .onConflict((conflict) =>
        conflict.column('account_id').doUpdateSet((eb) => ({
          directory_key: eb.ref('excluded.directory_key'),
          stamp: eb.ref('excluded.stamp'),
          version: eb('readiness_dirty.version', '+', 1),
        })),
      )
      .execute();
  }
  return marked;
}

const markWhere = (trx: Trx, condition: ReturnType<typeof sql<boolean>>) =>
  sql`
    insert into readiness_dirty (account_id, directory_key, stamp, version)
    select account_id, directory_key, stamp, 1 from readiness where ${condition}
    on conflict (account_id) do update set version = readiness_dirty.version + 1`.execute(trx);

/** Whoever the walk did not meet: the directory is asked once more before they go. */
export const markUnseen = (trx: Trx, walk: number) => markWhere(trx, sql<boolean>`seen_walk < ${walk}`);

/** Whoever time alone may have changed. */
export async function markDue(trx: Trx, now: number): Promise<void> {
  await markWhere(trx, sql<boolean>`recheck_at <= ${now}`);
  await trx.updateTable('readiness').set({ recheck_at: null }).where('recheck_at', '<=', now).execute();
}

export interface Dirty {
  accountId: string;
  key: string | undefined;
  stamp: string | undefined;
  version: number;
}

/** `key`: where none was given, the one that is known from elsewhere. */
export async function dirty(ex: Executor, limit: number): Promise<Dirty[]> {
  const rows = await ex
    .selectFrom('readiness_dirty as d')
    .leftJoin('readiness as r', 'r.account_id', 'd.account_id')
    .leftJoin('people as p', 'p.account_id', 'd.account_id')
    .select((eb) => [
      'd.account_id as accountId',
      'd.version',
      eb.fn.coalesce('d.directory_key', 'r.directory_key', 'p.directory_key').as('key'),
      eb.fn.coalesce('d.stamp', 'r.stamp').as('stamp'),
    ])
    .orderBy('d.account_id')
    .limit(limit)
    .execute();
  return rows.map(({ accountId, version, key, stamp }) => ({
    accountId,
    version,
    key: key ?? undefined,
    stamp: stamp ?? undefined,
  }));
}

export const waiting = async (ex: Executor): Promise<number> => {
  const row = await ex
    .selectFrom('readiness_dirty')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(row.n);
};

// --- rows, marks and counts ---

const marksOf = (row: Pick<ReadinessRow, 'groups' | 'verdict' | 'reasons'>): { group: string; mark: string }[] => {
  const groups = [EVERYBODY, ...new Set(row.groups.slice(0, MOST_GROUPS).map(groupId))];
  return groups.flatMap((group) => [row.verdict, ...row.reasons].map((mark) => ({ group, mark })));
};

const sortKeyOf = ({ displayName }: Pick<ReadinessRow, 'displayName'>): string => foldName(displayName).slice(0, 60);

interface MarkRow {
  group_id: string;
  mark: string;
  sort_key: string;
  account_id: string;
}

const markRows = (row: ReadinessRow): MarkRow[] =>
  marksOf(row).map(({ group, mark }) => ({
    group_id: group,
    mark,
    sort_key: sortKeyOf(row),
    account_id: row.accountId,
  }));

const keyOf = ({ group_id, mark, sort_key }: MarkRow): string => JSON.stringify([group_id, mark, sort_key]);

const columnsOf = (row: ReadinessRow, walk: number): ReadinessTable => ({
  account_id: row.accountId,
  directory: row.directory,
  directory_key: row.directoryKey,
  username: row.username,
  username_key: foldName(row.username),
  display_name: row.displayName,
  sort_key: sortKeyOf(row),
  locator: row.locator,
  groups: JSON.stringify(row.groups),
  attributes: JSON.stringify(row.attributes),
  facts: row.facts,
  rule: row.rule,
  verdict: row.verdict,
  reasons: JSON.stringify(row.reasons),
  stamp: row.stamp ?? null,
  seen_walk: walk,
  read_at: row.readAt,
  checked_at: row.checkedAt,
  recheck_at: row.recheckAt ?? null,
});

export interface Writing {
  rows: readonly ReadinessRow[];
  /** No longer in the directory. */
  gone: readonly string[];
  /** What was worked off; one that was marked again meanwhile stays. */
  done: readonly Pick<Dirty, 'accountId' | 'version'>[];
  walk: number;
}

/** Everything of one batch. The caller holds the lease. */
export async function write(trx: Trx, { rows, gone, done, walk }: Writing): Promise<void> {
  const before = new Map<string, ReadinessRow>();
  for (const ids of chunksOf([...rows.map(({ accountId }) => accountId), ...gone]))
    for (const row of await trx.selectFrom('readiness').selectAll().where('account_id', 'in', ids).execute())
      before.set(row.account_id, read(row));
  const counts = new Map<string, { group_id: string; mark: string; n: number }>();
  const count = ({ group_id, mark }: MarkRow, n: number) => {
    const key = JSON.stringify([group_id, mark]);
    const sum = (counts.get(key)?.n ?? 0) + n;
    counts.set(key, { group_id, mark, n: sum });
  };
  const added: MarkRow[] = [];
  const names = new Map<string, string>();
  const replace = async (old: ReadinessRow | undefined, fresh: ReadinessRow | undefined) => {
    const was = new Map((old ? markRows(old) : []).map((row) => [keyOf(row), row]));
    const is = new Map((fresh ? markRows(fresh) : []).map((row) => [keyOf(row), row]));
    for (const [key, row] of is)
      if (!was.has(key)) {
        added.push(row);
        count(row, 1);
      }
    for (const [key, row] of was)
      if (!is.has(key)) {
        await trx
          .deleteFrom('readiness_marks')
          .where((eb) => eb.and({ ...row }))
          .execute();
        count(row, -1);
      }
    for (const name of fresh?.groups.slice(0, MOST_GROUPS) ?? []) names.set(groupId(name), name);
  };
  for (const row of rows) await replace(before.get(row.accountId), row);
  for (const id of gone) await replace(before.get(id), undefined);

  for (const part of chunksOf(rows, 40))
    await trx
      .insertInto('readiness')
      .values(part.map((row) => columnsOf(row, walk)))
      .onConflict((conflict) =>
        conflict
          .column('account_id')
          .doUpdateSet((eb) =>
            Object.fromEntries(
              Object.keys(columnsOf(part[0] as ReadinessRow, walk)).map((name) => [
                name,
                eb.ref(`excluded.${name}` as never),
              ]),
            ),
          ),
      )
      .execute();
  for (const ids of chunksOf(gone)) await trx.deleteFrom('readiness').where('account_id', 'in', ids).execute();
  for (const part of chunksOf(added)) await trx.insertInto('readiness_marks').values(part).execute();
  for (const part of chunksOf([...names]))
    await trx
      .insertInto('readiness_groups')
      .values(part.map(([id, name]) => ({ id, name, name_key: foldName(shortName(name)) })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  for (const part of chunksOf([...counts.values()].filter(({ n }) => n !== 0)))
    await trx
      .insertInto('readiness_counts')
      .values(part.map(({ group_id, mark, n }) => ({ group_id, mark, people: n })))
      .onConflict((conflict) =>
        conflict
          .columns(['group_id', 'mark'])
          .doUpdateSet((eb) => ({ people: eb('readiness_counts.people', '+', eb.ref('excluded.people')) })),
      )
      .execute();
  for (const { accountId, version } of done)
    await trx
      .deleteFrom('readiness_dirty')
      .where('account_id', '=', accountId)
      .where('version', '=', version)
      .execute();
}

// --- looking ---

export async function find(ex: Executor, accountId: string): Promise<ReadinessRow | undefined> {
  const row = await ex.selectFrom('readiness').selectAll().where('account_id', '=', accountId).executeTakeFirst();
  return row && read(row);
}

export interface Cursor {
  sortKey: string;
  accountId: string;
}

export const cursorOf = (row: ReadinessRow): Cursor => ({ sortKey: sortKeyOf(row), accountId: row.accountId });

/** By name, from `after` on. `mark`: a verdict or a reason. */
export async function list(
  ex: Executor,
  filter: { group?: string | undefined; mark: string; after?: Cursor | undefined; limit: number },
): Promise<ReadinessRow[]> {
  const { group = EVERYBODY, mark, after, limit } = filter;
  const rows = await ex
    .selectFrom('readiness_marks as m')
    .innerJoin('readiness as r', 'r.account_id', 'm.account_id')
    .selectAll('r')
    .where('m.group_id', '=', group)
    .where('m.mark', '=', mark)
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(m.sort_key, m.account_id) > (${after?.sortKey}, ${after?.accountId})`),
    )
    .orderBy('m.sort_key')
    .orderBy('m.account_id')
    .limit(limit)
    .execute();
  return rows.map(read);
}

/** By the beginning of the username. */
export async function search(ex: Executor, beginning: string, limit: number): Promise<ReadinessRow[]> {
  const from = foldName(beginning);
  const rows = await ex
    .selectFrom('readiness')
    .selectAll()
    .where('username_key', '>=', from)
    .where('username_key', '<', `${from}\u{10FFFD}`)
    .orderBy('username_key')
    .limit(limit)
    .execute();
  return rows.map(read);
}

/** Everybody, in the order of ids: give the last id of a page as `after` of the next. */
export async function page(ex: Executor, after: string, limit: number): Promise<ReadinessRow[]> {
  const rows = await ex
    .selectFrom('readiness')
    .selectAll()
    .where('account_id', '>', after)
    .orderBy('account_id')
    .limit(limit)
    .execute();
  return rows.map(read);
}

/** How many people have each mark in a group. */
export async function counts(ex: Executor, group = EVERYBODY): Promise<Map<string, number>> {
  const rows = await ex
    .selectFrom('readiness_counts')
    .select(['mark', 'people'])
    .where('group_id', '=', group)
    .where('people', '>', 0)
    .execute();
  return new Map(rows.map((row) => [row.mark, Number(row.people)]));
}

export interface GroupFigures {
  id: string;
  name: string;
  ready: number;
  notReady: number;
}

/** The groups with most people who could not recover. */
export async function worstGroups(ex: Executor, limit: number): Promise<GroupFigures[]> {
  const rows = await ex
    .selectFrom('readiness_counts as c')
    .innerJoin('readiness_groups as g', 'g.id', 'c.group_id')
    .leftJoin('readiness_counts as r', (join) => join.onRef('r.group_id', '=', 'c.group_id').on('r.mark', '=', 'ready'))
    .select(['g.id', 'g.name', 'c.people as notReady', 'r.people as ready'])
    .where('c.mark', '=', 'not-ready')
    .where('c.people', '>', 0)
    .orderBy('c.people', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ id, name, notReady, ready }) => ({
    id,
    name,
    notReady: Number(notReady),
    ready: Number(ready ?? 0),
  }));
}

/** By its short name or its DN, in any spelling; by its id, too. */
export async function findGroup(ex: Executor, typed: string): Promise<{ id: string; name: string } | undefined> {
  return ex
    .selectFrom('readiness_groups')
    .select(['id', 'name'])
    .where((eb) => eb.or([eb('id', 'in', [typed, groupId(typed)]), eb('name_key', '=', foldName(typed))]))
    .limit(1)
    .executeTakeFirst();
}

/** Which of these phone numbers (or what else `lookup` stands for) more than one account has. */
export async function shared(ex: Executor, accountIds: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const ids of chunksOf(accountIds)) {
    const rows = await ex
      .selectFrom('authenticators as a')
      .innerJoin('authenticators as b', 'b.lookup', 'a.lookup')
      .select('a.account_id')
      .distinct()
      .where('a.account_id', 'in', ids)
      .where('a.method', 'in', ['sms', 'voice'])
      .where('a.lookup', 'is not', null)
      .whereRef('b.account_id', '!=', 'a.account_id')
      .execute();
    for (const row of rows) found.add(row.account_id);
  }
  return found;
}

// --- day by day ---

export interface Day {
  day: string;
  ready: number;
  notReady: number;
  alarmed: boolean;
}

/** The figures as this day begins; once. @returns false when they are there already. */
export async function beginDay(trx: Trx, day: string): Promise<boolean> {
  const known = await trx.selectFrom('readiness_days').select('day').where('day', '=', day).limit(1).executeTakeFirst();
  if (known) return false;
  await sql`
    insert into readiness_days (day, group_id, ready, not_ready, alarmed)
    select ${day}, group_id,
      sum(case when mark = 'ready' then people else 0 end),
      sum(case when mark = 'not-ready' then people else 0 end), 0
    from readiness_counts where mark in ('ready', 'not-ready') group by group_id
    on conflict (day, group_id) do nothing`.execute(trx);
  return true;
}

/** Newest last. */
export async function days(ex: Executor, limit: number, group = EVERYBODY): Promise<Day[]> {
  const rows = await ex
    .selectFrom('readiness_days')
    .selectAll()
    .where('group_id', '=', group)
    .orderBy('day', 'desc')
    .limit(limit)
    .execute();
  return rows
    .map((row) => ({
      day: row.day,
      ready: Number(row.ready),
      notReady: Number(row.not_ready),
      alarmed: row.alarmed === 1,
    }))
    .reverse();
}

export interface Drift {
  group: string;
  name: string;
  before: { ready: number; notReady: number };
  now: { ready: number; notReady: number };
}

/** Groups in which at least `people` more can't recover than as that day began, and of which `today` has not told yet. */
export async function drifts(ex: Executor, since: string, today: string, people: number): Promise<Drift[]> {
  const rows = await ex
    .selectFrom('readiness_days as d')
    .innerJoin('readiness_days as t', (join) => join.onRef('t.group_id', '=', 'd.group_id').on('t.day', '=', today))
    .innerJoin('readiness_counts as n', (join) =>
      join.onRef('n.group_id', '=', 'd.group_id').on('n.mark', '=', 'not-ready'),
    )
    .leftJoin('readiness_counts as r', (join) => join.onRef('r.group_id', '=', 'd.group_id').on('r.mark', '=', 'ready'))
    .leftJoin('readiness_groups as g', 'g.id', 'd.group_id')
    .select(['d.group_id', 'g.name', 'd.ready', 'd.not_ready', 'n.people as nowNotReady', 'r.people as nowReady'])
    .where('d.day', '=', since)
    .where('t.alarmed', '=', 0)
    .where(sql<boolean>`n.people - d.not_ready >= ${sql.lit(people)}`)
    .execute();
  return rows.map((row) => ({
    group: row.group_id,
    name: row.name ?? row.group_id,
    before: { ready: Number(row.ready), notReady: Number(row.not_ready) },
    now: { ready: Number(row.nowReady ?? 0), notReady: Number(row.nowNotReady) },
  }));
}

export async function alarmed(trx: Trx, day: string, groups: readonly string[]): Promise<void> {
  for (const ids of chunksOf(groups))
    await trx
      .updateTable('readiness_days')
      .set({ alarmed: 1 })
      .where('day', '=', day)
      .where('group_id', 'in', ids)
      .execute();
}

/** Groups of which that day has told. */
export async function alarmedGroups(ex: Executor, day: string): Promise<Set<string>> {
  const rows = await ex
    .selectFrom('readiness_days')
    .select('group_id')
    .where('day', '=', day)
    .where('alarmed', '=', 1)
    .execute();
  return new Set(rows.map(({ group_id }) => group_id));
}

export const sweepDays = (trx: Trx, before: string) =>
  trx.deleteFrom('readiness_days').where('day', '<', before).execute();

// --- one node at a time ---

const FIRST = { id: 1, lease_until: 0, walk: 0, walk_listed: 0, rules: '' } as const;

export const state = (ex: Executor): Promise<ReadinessState | undefined> =>
  ex.selectFrom('readiness_state').selectAll().where('id', '=', 1).executeTakeFirst();

/** @returns undefined while another node is at it. */
export async function claim(
  ex: Executor,
  lease: { id: string; now: number; until: number },
): Promise<ReadinessState | undefined> {
  await ex
    .insertInto('readiness_state')
    .values(FIRST)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return ex
    .updateTable('readiness_state')
    .set({ lease: lease.id, lease_until: lease.until })
    .where('id', '=', 1)
    .where((eb) => eb.or([eb('lease_until', '<=', lease.now), eb('lease', '=', lease.id)]))
    .returningAll()
    .executeTakeFirst();
}

/** Inside every transaction of the work: nobody else is at it until the commit. @returns false when the lease went to another. */
export async function hold(
  trx: Trx,
  lease: { id: string; until: number },
  set: Partial<Omit<ReadinessState, 'id' | 'lease' | 'lease_until'>> = {},
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('readiness_state')
    .set({ lease_until: lease.until, ...set })
    .where('id', '=', 1)
    .where('lease', '=', lease.id)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function letGo(ex: Executor, lease: string): Promise<void> {
  await ex.updateTable('readiness_state').set({ lease: null, lease_until: 0 }).where('lease', '=', lease).execute();
}
