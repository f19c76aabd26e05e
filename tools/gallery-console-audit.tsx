/** Feeds of the audit, for the gallery. */
import type { VNode } from 'preact';
import type { FeedHealth } from '../src/audit/feeds/health.ts';
import { FeedsPage } from '../src/console/audit/feeds-page.tsx';
import { askOf, type GalleryFrame } from './gallery-ask.ts';

const NOW = Date.UTC(2026, 10, 23, 9, 30);

const feeds: FeedHealth[] = [
  {
    id: 'siem',
    type: 'syslog',
    to: 'siem.example.org:6514',
    state: 'working',
    behind: 0,
    oldest: undefined,
    deliveredAt: NOW,
    failingSince: undefined,
    nextAt: undefined,
    cause: undefined,
    fix: undefined,
  },
  {
    id: 'archive',
    type: 'json',
    to: '/var/log/sparekey/audit.log',
    state: 'failing',
    behind: 1_284,
    oldest: NOW - 7_200_000,
    deliveredAt: NOW - 7_200_000,
    failingSince: NOW - 7_100_000,
    nextAt: NOW + 60_000,
    cause: '/var/log/sparekey/audit.log can’t be written (ENOSPC).',
    fix: 'The disk is full: make room, or rotate the file more often.',
  },
];

export function auditStates(frame: GalleryFrame): Record<string, VNode> {
  const ask = askOf(frame);
  const checked = [
    { id: 'siem', findings: [{ is: 'ok' as const, what: 'connect to siem.example.org, port 6514' }] },
    {
      id: 'archive',
      findings: [
        { is: 'failed' as const, what: 'write to /var/log/sparekey/audit.log', cause: feeds[1]?.cause ?? '', fix: '' },
      ],
    },
  ];
  return {
    'console-audit-feeds': <FeedsPage ask={ask} feeds={feeds} checked={checked} />,
    'console-audit-feeds-none': <FeedsPage ask={ask} feeds={[]} />,
  };
}
