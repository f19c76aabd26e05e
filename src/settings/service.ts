/**
 * Settings with history. A change is proposed as a numbered version, looked at, and takes force as a whole or not at all: judged by
 * the schema of the file, on top of the version that it was made from, by a second person where the configuration asks for one.
 * Console, command line and API share this.
 */
import type { Audit, AuditRecord } from '../audit/audit.ts';
import type { Layers, StoredValues } from '../config/load.ts';
import { type Problem, placeOf } from '../config/problem.ts';
import type { Clock } from '../kernel/clock.ts';
import type { SettingsVersion } from '../storage/repositories/settings-versions.ts';
import * as versions from '../storage/repositories/settings-versions.ts';
import type { Storage } from '../storage/storage.ts';
import { type Change, changesBetween, withChanges } from './change.ts';
import { editableOf, type Setting, settingsOf } from './editable.ts';
import { effective, type Ignored } from './effective.ts';
import { lint, type Risk } from './lint.ts';
import { typedValue } from './written.ts';

export type { Problem } from '../config/problem.ts';
export type { SettingsVersion } from '../storage/repositories/settings-versions.ts';
export type { Change } from './change.ts';
export type { Setting } from './editable.ts';
export type { Risk } from './lint.ts';

export interface By {
  /** As in the audit: `staff:<username>`, `operator:command-line`. */
  actor: string;
  ip?: string | undefined;
}

export interface Shown {
  /** Number of the version in force; 0: nothing was ever set here. */
  current: number;
  settings: Setting[];
  /** Stored values that don't count. */
  ignored: readonly Ignored[];
}

export type Invalid = { is: 'invalid'; problems: Problem[] };
/** Somebody else was faster. `theirs`: what changed since; `own`: what was asked for, against what is in force now. */
export type Conflict = { is: 'conflict'; current: number; theirs: Change[]; own: Change[] };

export type Proposed = { is: 'proposed'; number: number } | { is: 'unchanged' } | Conflict | Invalid;

export type Decided =
  | { is: 'applied'; number: number }
  | { is: 'rejected'; number: number }
  /** There is no such version, or it was decided already. */
  | { is: 'gone' }
  /** The configuration asks for a second person, and this is the first. */
  | { is: 'own' }
  | Conflict
  | Invalid;

export interface Proposal {
  /** The version in force when the person began. */
  base: number;
  /** By path; `undefined` as value: not set here any more. */
  changes: readonly Pick<Change, 'path' | 'after'>[];
  /** Why. */
  comment: string;
}

export interface SettingsDeps {
  storage: Storage;
  audit: Audit;
  clock: Clock;
  /** File and environment alone. */
  layers: Layers;
  /** Somebody else has to agree. */
  secondApproval: boolean;
  /** Opens what the configuration names. @returns what does not work, as a sentence. */
  tryOut?(config: Layers['config']): Promise<string | undefined>;
  /** Attributes of the directory that the configuration looks at: a node reads those that it knew of when it started. */
  attributes?(config: Layers['config']): Promise<readonly string[]>;
  /** Called when a version took force, before the answer. */
  applied?(): Promise<void>;
}

export type SettingsService = ReturnType<typeof createSettingsService>;

export function createSettingsService(deps: SettingsDeps) {
  const { storage, audit, clock, layers, secondApproval, tryOut, attributes, applied } = deps;
  const { db } = storage;
  const editable = new Map(editableOf(layers).map((one) => [one.path, one]));

  const valuesOf = async (number: number): Promise<StoredValues> =>
    number === 0 ? {} : ((await versions.find(db, number))?.values ?? {});

  const now = async () => {
    const number = await versions.currentNumber(db);
    const stored = await valuesOf(number);
    return { number, stored, ...effective(layers, { number, values: stored }) };
  };

  const record = (event: AuditRecord['event'], by: By, version: SettingsVersion): AuditRecord => ({
    event,
    outcome: 'success',
    actor: by.actor,
    ...(by.ip === undefined ? {} : { ip: by.ip }),
    ...(version.comment === '' ? {} : { reason: version.comment }),
    detail: {
      version: version.number,
      base: version.base,
      ...(version.rollsBackTo === undefined ? {} : { rollsBackTo: version.rollsBackTo }),
    },
  });

  /** What no schema can say: that a path may not be set at all. */
  const refusals = (changes: Proposal['changes']): Problem[] =>
    changes.flatMap(({ path, after }): Problem[] => {
      const at = layers.fixedAt(path);
      if (at && after !== undefined)
        return [{ path, at, what: `is fixed by the file (${placeOf(at)}).`, fix: 'Take it out of the file first.' }];
      if (!editable.has(path) && after !== undefined)
        return [{ path, at: undefined, what: 'can’t be set here.', fix: 'See `sparekey settings show`.' }];
      return [];
    });

  async function judge(values: StoredValues, number: number): Promise<Problem[]> {
    const loaded = layers.over(values, number);
    if (loaded.is === 'invalid') return loaded.problems;
    const fault = await tryOut?.(loaded.config);
    return fault === undefined ? [] : [{ path: '', at: undefined, what: fault }];
  }

  async function propose(proposal: Proposal, by: By, rollsBackTo?: number): Promise<Proposed> {
    const { base, changes, comment } = proposal;
    const present = await now();
    const values = withChanges(present.values, changes);
    const own = changesBetween(present.stored, values);
    if (base !== present.number)
      return {
        is: 'conflict',
        current: present.number,
        theirs: changesBetween(await valuesOf(base), present.stored),
        own,
      };
    const problems = [...refusals(changes), ...(await judge(values, present.number + 1))];
    if (problems.length > 0) return { is: 'invalid', problems };
    if (own.length === 0) return { is: 'unchanged' };
    const createdAt = clock.now();
    const number = await storage.transaction(async (trx) => {
      const made = { base, values, comment, author: by.actor, createdAt, rollsBackTo };
      const given = await versions.propose(trx, made);
      const version = await versions.find(trx, given);
      if (version) await audit.append(trx, record('settings.proposed', by, version));
      return given;
    });
    return { is: 'proposed', number };
  }

  /** What a version changes, against the one that it was made from. */
  const changesOf = async (version: SettingsVersion): Promise<Change[]> =>
    changesBetween(await valuesOf(version.base), version.values);

  async function conflictOf(version: SettingsVersion, current: number): Promise<Conflict> {
    const stored = await valuesOf(current);
    const theirs = changesBetween(await valuesOf(version.base), stored);
    const own = changesBetween(stored, withChanges(stored, await changesOf(version)));
    return { is: 'conflict', current, theirs, own };
  }

  async function apply(number: number, by: By, note?: string): Promise<Decided> {
    const version = await versions.find(db, number);
    if (version?.state !== 'proposed') return { is: 'gone' };
    if (secondApproval && version.author === by.actor) return { is: 'own' };
    const current = await versions.currentNumber(db);
    if (current !== version.base) return conflictOf(version, current);
    const problems = await judge(version.values, number);
    if (problems.length > 0) return { is: 'invalid', problems };
    const took = await storage.transaction(async (trx) => {
      if (!(await versions.apply(trx, { number, base: version.base, by: by.actor, at: clock.now(), note })))
        return false;
      const event = version.rollsBackTo === undefined ? 'settings.applied' : 'settings.rolled-back';
      const agreed = secondApproval ? [record('settings.approved', by, version)] : [];
      await audit.append(trx, ...agreed, record(event, by, version));
      return true;
    });
    if (!took) {
      const newer = await versions.currentNumber(db);
      return newer === version.base ? { is: 'gone' } : conflictOf(version, newer);
    }
    await applied?.();
    return { is: 'applied', number };
  }

  return {
    secondApproval,

    async show(): Promise<Shown> {
      const { number, loaded, ignored } = await now();
      return { current: number, settings: settingsOf(layers, loaded), ignored };
    },

    /** What is allowed and yet risky, in the whole configuration. */
    risks: async (): Promise<Risk[]> => lint((await now()).loaded.config),

    /** What counts of the version in force. */
    values: async () => (await now()).values,

    /** Reads what was typed as the kind of value that the path takes. */
    typed: (path: string, text: string): unknown => typedValue(text, editable.get(path)?.node ?? {}),

    find: (number: number) => versions.find(db, number),

    history: (filter: { before?: number; limit: number }) => versions.list(db, filter),

    /** Those that wait for a decision, newest first. */
    waiting: () => versions.list(db, { state: 'proposed', limit: 50 }),

    changesOf,

    /** What of a version takes effect at the next start of a node only: paths, and attributes that nobody reads so far. */
    async later(version: SettingsVersion): Promise<string[]> {
      const changed = await changesOf(version);
      const paths = changed.map(({ path }) => path).filter((path) => editable.get(path)?.takesEffect === 'at-restart');
      const read = async (values: StoredValues) => {
        const { loaded } = effective(layers, { number: version.number, values });
        return (await attributes?.(loaded.config)) ?? [];
      };
      const before = await read(await valuesOf(version.base));
      const unread = (await read(version.values)).filter((name) => !before.includes(name));
      return [...paths, ...unread.map((name) => `attribute ${name}`)];
    },

    /** How a proposal stands to what took force since it was made; `undefined`: nothing did. */
    async conflict(number: number): Promise<Conflict | undefined> {
      const version = await versions.find(db, number);
      const current = await versions.currentNumber(db);
      return version?.state === 'proposed' && version.base !== current ? conflictOf(version, current) : undefined;
    },

    /** `undefined`: there is no such version. 0 is the file alone. */
    async diff(from: number, to: number): Promise<Change[] | undefined> {
      const both = await Promise.all([from, to].map((one) => (one === 0 ? undefined : versions.find(db, one))));
      if (both.some((found, n) => found === undefined && [from, to][n] !== 0)) return undefined;
      return changesBetween(both[0]?.values ?? {}, both[1]?.values ?? {});
    },

    propose: (proposal: Proposal, by: By): Promise<Proposed> => propose(proposal, by),

    /** What a proposal changes, once more on top of what is in force now. */
    async again(number: number, by: By): Promise<Proposed | { is: 'gone' }> {
      const version = await versions.find(db, number);
      if (version?.state !== 'proposed') return { is: 'gone' };
      const base = await versions.currentNumber(db);
      return propose({ base, changes: await changesOf(version), comment: version.comment }, by, version.rollsBackTo);
    },

    /** A new version with the values of an older one that was in force. 0: the file alone. */
    async rollBack(to: number, comment: string, by: By): Promise<Proposed | { is: 'gone' }> {
      const older = to === 0 ? { values: {}, state: 'applied' } : await versions.find(db, to);
      if (older?.state !== 'applied') return { is: 'gone' };
      const present = await now();
      return propose({ base: present.number, changes: changesBetween(present.values, older.values), comment }, by, to);
    },

    /** Puts a version in force; where a second person is asked for, this is their agreement. */
    apply,

    /** Also how somebody takes back what they proposed. */
    async reject(number: number, by: By, note?: string): Promise<Decided> {
      const version = await versions.find(db, number);
      if (version?.state !== 'proposed') return { is: 'gone' };
      const done = await storage.transaction(async (trx) => {
        if (!(await versions.reject(trx, { number, by: by.actor, at: clock.now(), note }))) return false;
        await audit.append(trx, record('settings.rejected', by, { ...version, comment: note ?? '' }));
        return true;
      });
      return done ? { is: 'rejected', number } : { is: 'gone' };
    },
  };
}
