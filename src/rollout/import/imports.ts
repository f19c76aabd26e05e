/**
 * Lists from outside, always in two steps: every line is read and looked at, which changes nothing and makes a report; then it is
 * carried out, all lines or none if one wants it so. Each portion is one transaction, so that a list goes on after a crash,
 * on any node, and no line is carried out twice.
 */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditRecord } from '../../audit/audit.ts';
import type { FlowDeps } from '../../flow/deps.ts';
import { days, hours, minutes, seconds } from '../../kernel/clock.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { createLanes } from '../../kernel/lanes.ts';
import { newId } from '../../kernel/random.ts';
import type { VerificationMethod } from '../../methods/method.ts';
import * as store from '../../storage/repositories/imports.ts';
import { createPreRegistrations } from '../../storage/repositories/pre-registrations.ts';
import { carryOut } from './carry-out.ts';
import { detectEncoding, type Encoding } from './encoding.ts';
import { type Entry, type ReadLine, UnusableFile } from './entry.ts';
import { type Brings, createJudge, dataOf, type Judged } from './judge.ts';
import { type OpenBytes, type ReadOptions, readFile } from './read-file.ts';

export type { Import, Line, LineState } from '../../storage/repositories/imports.ts';

export interface ImportDeps {
  flow: Pick<
    FlowDeps,
    | 'storage'
    | 'directory'
    | 'authenticators'
    | 'tickets'
    | 'contacts'
    | 'languages'
    | 'audit'
    | 'outbox'
    | 'clock'
    | 'keyring'
  >;
  methods: ReadonlyMap<string, VerificationMethod>;
  trust: { files: 'unconfirmed' | 'vouched'; directory: 'unconfirmed' | 'vouched' };
  countries: readonly string[];
  log: { warn(detail: object, message: string): void };
}

export interface NewImport {
  kind: store.Import['kind'];
  /** Of the file, for people. */
  name: string;
  actor: string;
}

export interface Progress {
  is: 'reading' | 'checking' | 'applying';
  /** Lines. */
  done: number;
  all: number;
}

export type Worked =
  | { is: 'checked' | 'done' }
  /** Cancelled meanwhile, or another node is at it. */
  | { is: 'idle' }
  | { is: 'unavailable'; cause: string };

export type Applied =
  | { is: 'applying' }
  /** All or nothing: this many lines can't be carried out, so none is. */
  | { is: 'refused'; lines: number }
  /** It is not waiting for that. */
  | { is: 'closed' };

/** Longer lists come in parts. */
const MOST_LINES = 1_000_000;
const PORTION = 200;
const LEASE = minutes(2);
const EVERY = seconds(2);
/** As long as a list waits for somebody to carry it out. */
const WAITS = days(7);
const KEEP = days(90);

export type Imports = ReturnType<typeof createImports>;

export function createImports({ flow, methods, trust, countries, log }: ImportDeps) {
  const { storage, clock, audit, outbox } = flow;
  const lines = store.createImportLines(flow.keyring);
  const known = createPreRegistrations(flow.keyring);
  const judgeOf = (kind: store.Import['kind']) => {
    const vouched = (kind === 'attributes' ? trust.directory : trust.files) === 'vouched';
    return createJudge({ flow, known, methods, vouched, countries });
  };

  const record = (event: AuditRecord['event'], actor: string, detail: JsonObject): AuditRecord => ({
    event,
    outcome: 'success',
    actor,
    detail,
  });

  const rowOf = (one: ReadLine): store.NewLine =>
    one.is === 'broken'
      ? { line: one.line, username: one.username.slice(0, 120), state: 'refused', says: one.says, data: undefined }
      : {
          line: one.line,
          username: (one.entry.username || one.entry.dn || '').slice(0, 120),
          state: 'read',
          says: '',
          data: one.entry as unknown as Json,
        };

  /** Brings lines in, sealed. @throws UnusableFile; then nothing of it stays. */
  async function bringIn(
    { kind, name, actor }: NewImport,
    read: (note: (says: string) => void) => AsyncIterable<ReadLine>,
    onProgress: (progress: Progress) => void = () => {},
  ): Promise<string> {
    const id = newId();
    const notes: string[] = [];
    const digest = createHash('sha256').update(kind);
    await store.create(storage.db, { id, kind, name: name.slice(0, 200), options: {}, actor, createdAt: clock.now() });
    let count = 0;
    let broken = 0;
    let portion: store.NewLine[] = [];
    const write = async () => {
      const rows = portion;
      portion = [];
      await storage.transaction((trx) => lines.add(trx, id, rows));
      onProgress({ is: 'reading', done: count, all: 0 });
      // Whoever else this process serves comes in between.
      await wait(1);
    };
    try {
      for await (const one of read((says) => notes.push(says))) {
        count += 1;
        if (count > MOST_LINES)
          throw new UnusableFile(`The list has more than ${MOST_LINES.toLocaleString('en')} lines.`);
        digest.update(JSON.stringify(one));
        const row = rowOf(one);
        if (row.state === 'refused') broken += 1;
        if (portion.push(row) >= PORTION) await write();
      }
      await write();
      if (count === 0) throw new UnusableFile('The list has no lines.');
    } catch (error) {
      await store.change(storage.db, id, ['reading'], { state: 'cancelled', ended_at: clock.now() });
      await store.forgetData(storage.db, id);
      throw error;
    }
    const same = digest.digest('base64url');
    const before = await store.doneBefore(storage.db, same);
    if (before !== undefined) notes.push(`The very same list was carried out on ${new Date(before).toISOString()}.`);
    await storage.transaction(async (trx) => {
      const set = {
        state: 'checking' as const,
        lines: count,
        checked: broken,
        digest: same,
        notes: JSON.stringify(notes),
      };
      await store.change(trx, id, ['reading'], set);
      await audit.append(trx, record('rollout.import-begun', actor, { import: id, kind, lines: count, broken }));
    });
    return id;
  }

  /** Looks at the next lines. @returns why it can't. */
  async function checkPortion(
    one: store.Import,
    lease: string,
  ): Promise<Extract<Judged, { is: 'unavailable' }> | undefined> {
    const judge = judgeOf(one.kind);
    const rows = await lines.list(storage.db, one.id, { state: 'read', limit: PORTION }, { withData: true });
    const lane = createLanes(4);
    const judged = await Promise.all(rows.map(({ data }) => lane(() => judge(data as unknown as Entry))));
    const down = judged.find((each) => each.is === 'unavailable');
    if (down?.is === 'unavailable') return down;
    const ids = judged.flatMap((each) => ('accountId' in each && each.accountId ? [each.accountId] : []));
    const taken = await lines.taken(storage.db, one.id, [...new Set(ids)]);
    const ended = rows.map((row, n): store.EndedLine => {
      const each = judged[n] as Exclude<Judged, { is: 'unavailable' }>;
      const { accountId } = each;
      const earlier = accountId === undefined ? undefined : taken.get(accountId);
      if (earlier !== undefined)
        return { id: row.id, state: 'refused', says: `The same person is on line ${earlier}.`, data: undefined };
      if (accountId !== undefined && each.is !== 'refused') taken.set(accountId, row.line);
      return {
        id: row.id,
        state: each.is,
        says: each.says,
        accountId,
        data: each.is === 'ready' ? dataOf(each.brings) : undefined,
      };
    });
    await storage.transaction(async (trx) => {
      const step = {
        checked: one.checked + ended.length,
        lease_until: clock.now() + LEASE,
        problem: null,
        ...(rows.length < PORTION ? { state: 'checked' as const } : {}),
      };
      if (!(await store.advance(trx, one.id, lease, step))) return;
      await lines.end(trx, ended);
    });
    return undefined;
  }

  /** Carries out the next lines. */
  async function applyPortion(one: store.Import, lease: string): Promise<void> {
    const limit = PORTION / 4;
    const rows = await lines.list(storage.db, one.id, { state: 'ready', limit }, { withData: true });
    const actor = String(one.options['actor'] ?? one.actor);
    await storage.transaction(async (trx) => {
      const ended: store.EndedLine[] = [];
      for (const { id, data } of rows) {
        const says = await carryOut({ flow, known }, trx, data as unknown as Brings, { source: one.kind, actor });
        ended.push({ id, state: says ? 'done' : 'same', says: says ?? 'Nothing new.', data: undefined });
      }
      await lines.end(trx, ended);
      const last = rows.length < limit;
      const step = {
        applied: one.applied + rows.length,
        lease_until: clock.now() + LEASE,
        ...(last ? { state: 'done' as const, ended_at: clock.now() } : {}),
      };
      if (!(await store.advance(trx, one.id, lease, step))) throw new LeaseLost();
      if (last) {
        const { done, same, refused } = await store.counts(trx, one.id);
        await audit.append(
          trx,
          record('rollout.import-ended', actor, { import: one.id, kind: one.kind, done, same, refused }),
        );
      }
    });
    outbox.nudge();
  }

  /** Goes on with a list until it waits for somebody, or is done. */
  async function work(id: string, onProgress: (progress: Progress) => void = () => {}): Promise<Worked> {
    const lease = newId();
    try {
      for (;;) {
        const now = clock.now();
        const one = await store.claim(storage.db, id, { lease, until: now + LEASE, now });
        if (!one) {
          const found = await store.find(storage.db, id);
          return found?.state === 'checked' || found?.state === 'done' ? { is: found.state } : { is: 'idle' };
        }
        if (one.state === 'checking') {
          onProgress({ is: 'checking', done: one.checked, all: one.lines });
          const went = await checkPortion(one, lease);
          if (went) {
            await store.advance(storage.db, id, lease, { problem: went.cause, lease_until: now + minutes(1) });
            return went;
          }
        } else {
          onProgress({ is: 'applying', done: one.applied, all: Number(one.options['ready'] ?? one.lines) });
          await applyPortion(one, lease);
        }
        await wait(1);
      }
    } catch (error) {
      if (error instanceof LeaseLost) return { is: 'idle' };
      throw error;
    }
  }

  const ended = async (id: string, from: store.Import['state'][], state: 'cancelled' | 'refused', actor: string) =>
    storage.transaction(async (trx) => {
      if (!(await store.change(trx, id, from, { state, ended_at: clock.now() }))) return false;
      await store.forgetData(trx, id);
      const reason = state === 'refused' ? 'All or nothing: some lines can’t be carried out.' : 'Cancelled.';
      await audit.append(trx, { ...record('rollout.import-ended', actor, { import: id }), outcome: 'refused', reason });
      return true;
    });

  async function tidy(): Promise<void> {
    const now = clock.now();
    for (const id of await store.stale(storage.db, ['reading'], now - hours(6)))
      await ended(id, ['reading'], 'cancelled', 'system');
    for (const id of await store.stale(storage.db, ['checked'], now - WAITS))
      await ended(id, ['checked'], 'cancelled', 'system');
    await store.sweep(storage.db, now - KEEP);
  }

  return {
    work,
    tidy,
    list: () => store.list(storage.db),
    find: (id: string) => store.find(storage.db, id),
    counts: (id: string) => store.counts(storage.db, id),
    lines: (id: string, filter: { state?: store.LineState | undefined; after?: number; limit: number }) =>
      lines.list(storage.db, id, filter),

    /** Of a file or a text. @returns its id. @throws UnusableFile with a sentence; then nothing of it stays. */
    async read(
      one: NewImport & { kind: ReadOptions['kind'] },
      open: OpenBytes,
      options: Omit<ReadOptions, 'kind' | 'encoding'> & { encoding?: Encoding | undefined },
      onProgress?: (progress: Progress) => void,
    ): Promise<string> {
      const { encoding, ...rest } = options;
      const detected = encoding ? { encoding, says: '' } : await detectEncoding(open());
      return bringIn(
        one,
        (note) => {
          if (detected.says !== '') note(detected.says);
          return readFile(open, { ...rest, kind: one.kind, encoding: detected.encoding }, note);
        },
        onProgress,
      );
    },

    /** Of what the directory says of people. */
    take: (one: NewImport, entries: () => AsyncIterable<ReadLine>, onProgress?: (progress: Progress) => void) =>
      bringIn(one, entries, onProgress),

    /** Begins to carry out what was looked at. `all`: every line, or none. */
    async apply(id: string, { all, actor }: { all: boolean; actor: string }): Promise<Applied> {
      const { ready, refused } = await store.counts(storage.db, id);
      if (all && refused > 0)
        return (await ended(id, ['checked'], 'refused', actor)) ? { is: 'refused', lines: refused } : { is: 'closed' };
      const options = JSON.stringify({ all, actor, ready });
      const begun = await store.change(storage.db, id, ['checked'], { state: 'applying', options });
      return { is: begun ? 'applying' : 'closed' };
    },

    /** Before it is carried out. @returns false when it is too late. */
    cancel: (id: string, actor: string) => ended(id, ['reading', 'checking', 'checked'], 'cancelled', actor),

    /** Goes on with whatever waits, on this node. @returns how to end it. */
    begin(): () => Promise<void> {
      let working: Promise<void> | undefined;
      let tidied = 0;
      const round = async () => {
        for (const id of await store.due(storage.db, clock.now())) await work(id);
        if (clock.now() - tidied < hours(1)) return;
        tidied = clock.now();
        await tidy();
      };
      const timer = setInterval(() => {
        working ??= round()
          .catch((error) => log.warn({ err: error }, 'A list waits; it will be gone on with.'))
          .finally(() => {
            working = undefined;
          });
      }, EVERY);
      timer.unref();
      return async () => {
        clearInterval(timer);
        await working;
      };
    },
  };
}

class LeaseLost extends Error {}
