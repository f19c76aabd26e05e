/** The audit on either engine. */
import type { Clock } from '../kernel/clock.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { append } from './append.ts';
import type { Audit } from './audit.ts';
import { createChain } from './chain.ts';
import { pruneAudit } from './prune.ts';
import { verify } from './verify.ts';
import { verifyLines } from './verify-lines.ts';

export function createAudit({ keyring, clock }: { keyring: Keyring; clock: Clock }): Audit {
  const chain = createChain(keyring);
  const audit: Audit = {
    append: (trx, ...records) => append(trx, chain, clock, records),
    verify: (executor, known) => verify(executor, chain, known),
    verifyLines: (lines, options) => verifyLines(lines, chain, options),
    prune: (storage, options) => pruneAudit({ storage, audit, chain, clock }, options),
  };
  return audit;
}

export { type AuditEvent, auditEvents } from './events.ts';
export { EXPORT_FORMATS, type ExportFormat, exportAudit } from './export.ts';
export { type AuditFilter, instantOf } from './filter.ts';
export { type AuditEntry, readAudit } from './read.ts';
export { type AuditPage, searchAudit } from './search.ts';
