/** Erases a person: every row that leads to them goes in one transaction. In the audit stays the account id, which then leads to nobody. */
import type { Audit, AuditRecord } from '../audit/audit.ts';
import { eraseRows, isBusy } from '../storage/repositories/privacy.ts';
import { mark } from '../storage/repositories/readiness.ts';
import type { Trx } from '../storage/storage.ts';
import { personRows } from './data-classes.ts';

export interface Erasing {
  accountId: string;
  /** Key in the directory, when the entry is still there: readiness is judged anew. */
  key?: string | undefined;
  by: Pick<AuditRecord, 'actor' | 'reason' | 'ip'>;
}

/** @returns how many rows went; undefined: a password of theirs is being written just now, and nothing was erased. */
export async function erasePerson(
  audit: Pick<Audit, 'append'>,
  trx: Trx,
  { accountId, key, by }: Erasing,
): Promise<number | undefined> {
  if (await isBusy(trx, accountId)) return undefined;
  let rows = 0;
  for (const one of personRows) if (one.erase) rows += await eraseRows(trx, one, accountId);
  await mark(trx, accountId, key);
  await audit.append(trx, {
    event: 'person.erased',
    outcome: 'success',
    subject: accountId,
    ...by,
    detail: { rows },
  });
  return rows;
}
