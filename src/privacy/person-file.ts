/**
 * Everything that is kept of a person, as a file: the same for the person and for operators. Secrets stay out: they are of no use to
 * them and would be to a thief.
 */
import { readAudit } from '../audit/read.ts';
import type { FlowDeps } from '../flow/deps.ts';
import type { Account } from '../kernel/account.ts';
import type { Json, JsonObject } from '../kernel/json.ts';
import * as people from '../storage/repositories/people.ts';
import { createPreRegistrations } from '../storage/repositories/pre-registrations.ts';
import { rowsOf } from '../storage/repositories/privacy.ts';
import type { Executor } from '../storage/storage.ts';
import { type PersonRows, personRows } from './data-classes.ts';

/** Of each table. */
const ALL = 10_000;
/** Columns of text in which JSON lies. */
const PARSED = new Set(['reasons', 'facts', 'attributes']);

const iso = (at: number | null | undefined): string | null => (at == null ? null : new Date(at).toISOString());

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function shown(column: string, value: string | number | null): Json {
  if (column === 'at' || column.endsWith('_at')) return iso(value === null ? null : Number(value));
  return PARSED.has(column) && typeof value === 'string' ? (JSON.parse(value) as Json) : value;
}

async function part(ex: Executor, accountId: string, rows: PersonRows): Promise<[string, Json][]> {
  if (!rows.file) return [];
  const { name, columns } = rows.file;
  const found = await rowsOf(ex, rows, Object.values(columns), accountId, ALL);
  const list = found.map((row) =>
    Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, shown(column, row[column] ?? null)])),
  );
  return [[name, list]];
}

/** `account`: as the directory has it; absent: gone from there. */
export async function personFile(
  { storage, authenticators, keyring }: Pick<FlowDeps, 'storage' | 'authenticators' | 'keyring'>,
  accountId: string,
  account: Account | undefined,
): Promise<JsonObject> {
  const { db } = storage;
  const own = await authenticators.list(db, accountId);
  const known = await people.find(db, accountId);
  const events = await readAudit(db, { subject: accountId, limit: ALL });
  const beforehand = createPreRegistrations(keyring);
  const [address, number, language] = await Promise.all(
    (['email', 'phone', 'language'] as const).map((kind) => beforehand.find(db, accountId, kind)),
  );
  const rest = await Promise.all(personRows.map((rows) => part(db, accountId, rows)));
  return {
    account: account
      ? {
          id: account.id,
          directory: account.directory,
          username: account.username,
          displayName: account.displayName,
          mail: account.mail,
          language: account.language ?? null,
          groups: account.groups,
        }
      : { id: accountId },
    enrolledAt: iso(known?.enrolledAt),
    confirmedAt: iso(known?.confirmedAt),
    recoveryStoppedAt: iso(known?.frozenAt),
    recoveryStoppedBecause: known?.frozenReason ?? null,
    watchedUntil: iso(known?.watchedUntil),
    waysToVerify: own.map((one) => ({
      method: one.method,
      name: one.label,
      address: text(one.data['address']),
      number: text(one.data['number']),
      addedAt: iso(one.createdAt),
      lastUsedAt: iso(one.lastUsedAt),
      disabledAt: iso(one.disabledAt),
    })),
    knownBeforehand: { address: address ?? null, number: number ?? null, language: language ?? null },
    ...Object.fromEntries(rest.flat()),
    events: events.map(({ event, outcome, at, ip, method }) => ({
      event,
      outcome,
      ip: ip ?? null,
      method: method ?? null,
      at,
    })),
  };
}
