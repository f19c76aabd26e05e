/** The pages of the console that have no room of their own: door, overview, incidents, senders and systems. */
import type { VNode } from 'preact';
import type { AuditEntry } from '../src/audit/read.ts';
import { AuditPage } from '../src/console/audit/audit-page.tsx';
import { RecordPage } from '../src/console/audit/record-page.tsx';
import { DoorPage } from '../src/console/door-page.tsx';
import { IncidentPage } from '../src/console/incidents/incident-page.tsx';
import { SystemsPage } from '../src/console/systems/systems-page.tsx';
import { askOf, type GalleryFrame } from './gallery-ask.ts';

const NOW = Date.UTC(2026, 10, 23, 9, 30);
const HOUR = 3_600_000;

const entry = (
  seq: number,
  event: AuditEntry['event'],
  outcome: AuditEntry['outcome'],
  reason: string,
): AuditEntry => ({
  seq,
  at: new Date(NOW - seq * HOUR).toISOString(),
  event,
  outcome,
  actor: 'anonymous',
  ip: '198.51.100.7',
  reason,
});

export function consoleStates(frame: GalleryFrame): Record<string, VNode> {
  const ask = askOf(frame);
  const says = 'The person pressed "It wasn\'t me" in a message (password-reset-notice).';
  const dossier = {
    incident: {
      id: 'i1',
      accountId: 'a1',
      kind: 'not-me',
      says,
      openedAt: NOW - HOUR,
      closedAt: undefined,
      closedBy: undefined,
    },
    account: { ...ask.staff.account, displayName: 'Amina Haddad', username: 'amina' },
    frozenAt: NOW - HOUR,
    watchedUntil: undefined,
    sessions: 2,
    timeline: [
      entry(1, 'recovery.frozen', 'success', says),
      entry(2, 'recovery.password-set', 'success', 'The directory took the password.'),
      entry(
        3,
        'risk.assessed',
        'refused',
        'Unusual: a new device, a new network (2 points), so one more gate is asked for.',
      ),
    ],
  };
  const system = {
    waiting: 0,
    failed: 0,
    oldest: undefined,
    failures: 0,
    resumesAt: undefined,
    pausedBy: undefined,
    deliveredAt: NOW - HOUR,
    failedAt: undefined,
    cause: undefined,
  };
  const systems = {
    ask,
    dead: [{ id: 'd1', kind: 'mail', reason: '550 5.1.1 no such user', attempt: 3, at: NOW - 2 * HOUR }],
    queue: [
      { is: 'ok' as const, what: 'messages and jobs are sent in time' },
      { is: 'warning' as const, what: 'no message or job was given up today', cause: '1 were given up.' },
    ],
    systems: [
      { ...system, id: 'wifi', label: 'Wi-Fi', is: 'working' as const },
      {
        ...system,
        id: 'library',
        label: 'Library',
        is: 'failing' as const,
        waiting: 12,
        oldest: NOW - 3 * HOUR,
        failures: 7,
        cause: 'connect ECONNREFUSED 192.0.2.5:636',
      },
      { ...system, id: 'mail', label: 'Mail', is: 'paused' as const, pausedBy: 'staff:chiara' },
    ],
    failures: [],
  };
  return {
    'console-door': <DoorPage t={frame.t} shell={frame.shell} why="no-factor" />,
    'console-incident': <IncidentPage ask={ask} dossier={dossier} />,
    'console-incident-error': <IncidentPage ask={ask} dossier={dossier} error />,
    'console-audit': (
      <AuditPage ask={ask} typed={{ event: 'recovery.' }} entries={dossier.timeline} next="/console/audit?before=3" />
    ),
    'console-audit-nobody': <AuditPage ask={ask} typed={{}} entries={[]} why="nobody" />,
    'console-audit-record': (
      <RecordPage ask={ask} entry={dossier.timeline[0] && { ...dossier.timeline[0], detail: { sessionsEnded: 2 } }} />
    ),
    'console-systems': <SystemsPage {...systems} />,
    'console-systems-checked': (
      <SystemsPage
        {...systems}
        checked={[{ name: 'smtp', kind: 'mail', findings: [{ is: 'ok', what: 'greet, STARTTLS, sign in' }] }]}
        tried={{ is: 'sent' }}
      />
    ),
  };
}
