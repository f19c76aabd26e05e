/**
 * What a change of the rules would do: who could recover now and could not then, and the other way round. Computed from what is
 * known of people, page by page, in the same memory whatever their number; nobody is asked and nothing is changed.
 */

import { type RecoveryRule, ruleFor } from '../../policy/rules.ts';
import { inScope } from '../../staff/scope.ts';
import type { Staff } from '../../staff/staff.ts';
import * as store from '../../storage/repositories/readiness.ts';
import type { Storage } from '../../storage/storage.ts';
import { accountOf } from '../readiness/figures.ts';
import { type Facts, type Judged, type Judging, judge } from '../readiness/judge.ts';

export interface Change {
  row: store.ReadinessRow;
  is: 'stranded' | 'freed';
  /** As they would be then. */
  judged: Judged;
}

export interface Affected {
  people: number;
  /** Most people first. */
  groups: { name: string; people: number }[];
  /** The first ones. */
  rows: Change[];
}

export interface Preview {
  /** How many were looked at. */
  people: number;
  stranded: Affected;
  freed: Affected;
}

const PAGE = 1_000;
const SHOWN = 50;
const SHOWN_GROUPS = 30;
/** Groups that are counted; whoever has more of them reads the file. */
const COUNTED = 20_000;
/** People have few sets of ways and few sets of groups, so most answers were given before. */
const REMEMBERED = 20_000;

function remembering<T>(make: () => T, known: Map<string, T>, key: string): T {
  const had = known.get(key);
  if (had !== undefined) return had;
  if (known.size >= REMEMBERED) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}

function createJudge(judging: Judging) {
  const rules = new Map<string, RecoveryRule>();
  const answers = new Map<string, Judged>();
  return (row: store.ReadinessRow): Judged => {
    const { groups, attributes } = row;
    const rule = remembering(
      () => ruleFor(judging.book, { groups: [...groups], attributes }),
      rules,
      JSON.stringify([groups, attributes]),
    );
    const judged = () => judge(JSON.parse(row.facts) as Facts, row, judging, rule);
    return remembering(judged, answers, `${rule.name}\0${row.facts}`);
  };
}

export interface PreviewInput {
  storage: Storage;
  present: Judging;
  changed: Judging;
  /** Only whom they may see. */
  staff?: Pick<Staff, 'account' | 'scope'> | undefined;
  onProgress?: (people: number) => void;
}

/** Page by page, whom it would change. */
export async function* changes({
  storage,
  present,
  changed,
  staff,
  onProgress,
}: PreviewInput): AsyncGenerator<Change[]> {
  const [before, after] = [createJudge(present), createJudge(changed)];
  let people = 0;
  for (let last = ''; ; ) {
    const rows = await store.page(storage.db, last, PAGE);
    const found: Change[] = [];
    for (const row of rows) {
      if (staff && !inScope(staff, accountOf(row))) continue;
      people += 1;
      const [was, is] = [before(row), after(row)];
      if (was.verdict !== is.verdict)
        found.push({ row, is: is.verdict === 'ready' ? 'freed' : 'stranded', judged: is });
    }
    onProgress?.(people);
    if (found.length > 0) yield found;
    if (rows.length < PAGE) return;
    last = rows.at(-1)?.accountId ?? '';
  }
}

function createTally() {
  const groups = new Map<string, number>();
  const rows: Change[] = [];
  let people = 0;
  return {
    add(change: Change): void {
      people += 1;
      if (rows.length < SHOWN) rows.push(change);
      for (const name of new Set(change.row.groups))
        if (groups.has(name) || groups.size < COUNTED) groups.set(name, (groups.get(name) ?? 0) + 1);
    },
    result: (): Affected => ({
      people,
      rows,
      groups: [...groups]
        .map(([name, count]) => ({ name, people: count }))
        .sort((a, b) => b.people - a.people)
        .slice(0, SHOWN_GROUPS),
    }),
  };
}

export async function preview(input: PreviewInput): Promise<Preview> {
  const tallies = { stranded: createTally(), freed: createTally() };
  let people = 0;
  const onProgress = (count: number) => {
    people = count;
    input.onProgress?.(count);
  };
  for await (const page of changes({ ...input, onProgress })) for (const one of page) tallies[one.is].add(one);
  return { people, stranded: tallies.stranded.result(), freed: tallies.freed.result() };
}
