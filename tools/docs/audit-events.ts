/** docs/audit-events.md, from the catalogue in src/audit/events.ts. */
import { auditEvents } from '../../src/audit/events.ts';
import { code, generatedFrom, page, table } from './markdown.ts';

const INTRODUCTION = `# Audit events

Everything that the audit records. A name, once released, never changes its meaning.`;

export const auditEventsPage = (): string =>
  page(
    generatedFrom('src/audit/events.ts'),
    INTRODUCTION,
    table(
      ['Event', 'Recorded when'],
      Object.entries(auditEvents).map(([name, description]) => [code(name), description]),
    ),
  );
