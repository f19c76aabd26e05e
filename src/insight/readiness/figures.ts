/** What pages, exports and the command line show of readiness. Reads what was counted beforehand, never everybody. */
import type { Account } from '../../kernel/account.ts';
import { inScope } from '../../staff/scope.ts';
import type { Staff } from '../../staff/staff.ts';
import * as store from '../../storage/repositories/readiness.ts';
import type { Storage } from '../../storage/storage.ts';
import { MARKS, REASONS, type Reason } from './reason.ts';

export interface Overview {
  group: { id: string; name: string } | undefined;
  ready: number;
  notReady: number;
  off: number;
  /** Most people first. */
  reasons: { reason: Reason; people: number }[];
  /** Those with most people who can't; only of everybody. */
  groups: (store.GroupFigures & { alarmed: boolean })[];
  days: store.Day[];
  state: store.ReadinessState | undefined;
  /** Changes that are not in the figures yet. */
  waiting: number;
}

export interface Filter {
  group?: string | undefined;
  mark?: string | undefined;
  search?: string | undefined;
  after?: string | undefined;
}

export interface Listed {
  rows: store.ReadinessRow[];
  /** Give it as `after` of the next page. */
  next: string | undefined;
}

const GROUPS = 50;
const DAYS = 30;
const PAGE = 50;
/** Rows that one page looks at for somebody who may see only some people. */
const SCOPED = 500;

const seal = ({ sortKey, accountId }: store.Cursor): string =>
  Buffer.from(JSON.stringify([sortKey, accountId])).toString('base64url');

/** Whatever else is typed into the address means "from the beginning". */
function cursorOf(text: string | undefined): store.Cursor | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8'));
    if (!Array.isArray(read) || read.length !== 2) return undefined;
    const [sortKey, accountId] = read as unknown[];
    const fits =
      typeof sortKey === 'string' && typeof accountId === 'string' && !`${sortKey}${accountId}`.includes('\0');
    return fits ? { sortKey, accountId } : undefined;
  } catch {
    return undefined;
  }
}

/** As far as a scope looks at it. */
export const accountOf = (row: store.ReadinessRow): Account => ({
  id: row.accountId,
  directory: row.directory,
  key: row.directoryKey,
  locator: row.locator,
  username: row.username,
  displayName: row.displayName,
  givenName: undefined,
  mail: [],
  language: undefined,
  groups: [...row.groups],
  attributes: row.attributes,
});

export type ReadinessFigures = ReturnType<typeof createFigures>;

export function createFigures({ storage, dayOf }: { storage: Storage; dayOf(at: number): string }) {
  const { db } = storage;
  const visible = (staff: Pick<Staff, 'account' | 'scope'> | undefined, row: store.ReadinessRow): boolean =>
    staff === undefined || inScope(staff, accountOf(row));

  const figures = {
    async overview(group: string | undefined, now: number): Promise<Overview> {
      const of = group === undefined ? undefined : await store.findGroup(db, group);
      const id = group === undefined ? store.EVERYBODY : (of?.id ?? '');
      const counts = await store.counts(db, id);
      const alarmed = await store.alarmedGroups(db, dayOf(now));
      const worst = of ? [] : await store.worstGroups(db, GROUPS);
      return {
        group: of,
        ready: counts.get('ready') ?? 0,
        notReady: counts.get('not-ready') ?? 0,
        off: counts.get('off') ?? 0,
        reasons: REASONS.map((reason) => ({ reason, people: counts.get(reason) ?? 0 }))
          .filter(({ people }) => people > 0)
          .sort((a, b) => b.people - a.people),
        groups: worst.map((one) => ({ ...one, alarmed: alarmed.has(one.id) })),
        days: await store.days(db, DAYS, id),
        state: await store.state(db),
        waiting: await store.waiting(db),
      };
    },

    /** `staff`: only whom they may see. */
    async list(
      { group, mark, search, after }: Filter,
      staff?: Pick<Staff, 'account' | 'scope'>,
      limit = PAGE,
    ): Promise<Listed> {
      if (search !== undefined) {
        const rows = await store.search(db, search, limit);
        return { rows: rows.filter((row) => visible(staff, row)), next: undefined };
      }
      const of = group === undefined ? undefined : await store.findGroup(db, group);
      if (group !== undefined && !of) return { rows: [], next: undefined };
      const limited = staff?.scope.is === 'limited';
      const most = limited ? SCOPED : limit;
      const known = mark !== undefined && MARKS.includes(mark) ? mark : 'not-ready';
      const found = await store.list(db, { group: of?.id, mark: known, after: cursorOf(after), limit: most + 1 });
      const page = found.slice(0, most);
      const seen = page.filter((row) => visible(staff, row));
      const rows = seen.slice(0, limit);
      const last = seen.length > limit ? rows.at(-1) : found.length > most ? page.at(-1) : undefined;
      return { rows, next: last && seal(store.cursorOf(last)) };
    },

    /** Everybody whom the filter means, page by page: for files. */
    async *all(filter: Filter, staff?: Pick<Staff, 'account' | 'scope'>): AsyncGenerator<store.ReadinessRow[]> {
      let { after } = filter;
      do {
        const { rows, next } = await figures.list({ ...filter, after }, staff, 500);
        yield rows;
        after = next;
      } while (after !== undefined);
    },
  };
  return figures;
}

export { shortName } from '../../storage/repositories/readiness.ts';
