/** `/console/audit`: who did what. Found by what is asked for, one record whole, and files that prove themselves. */
import { Readable } from 'node:stream';
import { EXPORT_FORMATS, type ExportFormat, exportAudit } from '../../audit/export.ts';
import type { FeedHealth } from '../../audit/feeds/health.ts';
import { readAudit } from '../../audit/read.ts';
import { searchAudit } from '../../audit/search.ts';
import type { FlowDeps } from '../../flow/deps.ts';
import type { Finding } from '../../kernel/plugin.ts';
import { inScope } from '../../staff/scope.ts';
import { actorOf, type Staff } from '../../staff/staff.ts';
import type { Area, Ask } from '../console.ts';
import { AuditPage } from './audit-page.tsx';
import { FeedsPage } from './feeds-page.tsx';
import { address, FEEDS, filterOf, numberOf, PATH, type Typed, typedOf } from './query.ts';
import { RecordPage } from './record-page.tsx';

const PAGE = 50;

const TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

type Whom =
  /** `subject` undefined: everybody. */
  { is: 'all'; subject: string | undefined } | { is: 'nobody' } | { is: 'unavailable' };

export interface FeedsPort {
  health(): Promise<FeedHealth[]>;
  /** Really tries each. */
  check(): Promise<{ id: string; findings: readonly Finding[] }[]>;
}

export type AuditAreaDeps = Pick<FlowDeps, 'storage' | 'directory' | 'audit'> & { feeds: FeedsPort };

export function auditArea({ storage, directory, audit, feeds }: AuditAreaDeps): Area {
  /** Whoever has a scope sees what is about one person inside of it, never the whole. */
  async function whom(staff: Staff, { who }: Typed): Promise<Whom> {
    const limited = staff.scope.is === 'limited';
    if (who === undefined) return limited ? { is: 'nobody' } : { is: 'all', subject: undefined };
    const found = await directory.find(who);
    if (found.is === 'unavailable') return { is: 'unavailable' };
    if (found.is === 'found')
      return inScope(staff, found.account) ? { is: 'all', subject: found.account.id } : { is: 'nobody' };
    // Of people who left, the account id is what is known.
    return limited ? { is: 'nobody' } : { is: 'all', subject: who };
  }

  const nothing = (ask: Ask, typed: Typed, why: 'nobody' | 'unavailable') =>
    ask.page(<AuditPage ask={ask} typed={typed} entries={[]} why={why} />, why === 'unavailable' ? 503 : 200);

  /** What is in a feed is about everybody. */
  const mayLook = ({ staff }: Ask) => staff.scope.is === 'everybody';

  return ({ get, post }) => {
    get(FEEDS, 'audit.view', async (ask) =>
      mayLook(ask) ? ask.page(<FeedsPage ask={ask} feeds={await feeds.health()} />) : ask.go(PATH),
    );

    post(`${FEEDS}/check`, 'audit.view', async (ask) => {
      if (!mayLook(ask)) return ask.go(PATH);
      const checked = await feeds.check();
      return ask.page(<FeedsPage ask={ask} feeds={await feeds.health()} checked={checked} />);
    });

    get(PATH, 'audit.view', async (ask) => {
      const typed = typedOf(ask);
      const asked = await whom(ask.staff, typed);
      if (asked.is !== 'all') return nothing(ask, typed, asked.is);
      const before = numberOf(ask.query('before', 15));
      const filter = filterOf(typed, asked.subject);
      const found = await searchAudit(storage.db, filter, { ...(before === undefined ? {} : { before }), limit: PAGE });
      return ask.page(
        <AuditPage
          ask={ask}
          typed={typed}
          entries={found.entries}
          first={before === undefined ? undefined : address(PATH, typed)}
          next={found.next === undefined ? undefined : address(PATH, typed, { before: String(found.next) })}
        />,
      );
    });

    for (const format of EXPORT_FORMATS)
      get(`${PATH}.${format}`, 'audit.export', async (ask) => {
        const typed = typedOf(ask);
        const asked = await whom(ask.staff, typed);
        if (asked.is !== 'all') return nothing(ask, typed, asked.is);
        await storage.transaction((trx) =>
          audit.append(trx, {
            event: 'audit.exported',
            outcome: 'success',
            actor: actorOf(ask.staff),
            ip: ask.origin.ip,
            ...(asked.subject === undefined ? {} : { subject: asked.subject }),
            // Names that were typed stay out: the account id says it.
            reason: address(`audit.${format}`, { ...typed, who: undefined }),
          }),
        );
        const pieces = exportAudit(storage.db, filterOf(typed, asked.subject), format);
        return ask.file(`audit.${format}`, TYPES[format], Readable.from(pieces));
      });

    get(`${PATH}/:seq`, 'audit.view', async (ask) => {
      const seq = numberOf((ask.request.params as { seq?: string }).seq);
      const [entry] = seq === undefined ? [] : await readAudit(storage.db, { before: seq + 1, limit: 1 });
      // A record is found by its number only by whoever may see all of them.
      const visible = entry?.seq === seq && ask.staff.scope.is === 'everybody';
      return ask.page(<RecordPage ask={ask} entry={visible ? entry : undefined} />, visible ? 200 : 404);
    });
  };
}
