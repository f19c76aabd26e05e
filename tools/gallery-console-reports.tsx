/** Reports of the console, and the tap that they ask for, for the gallery. */
import type { VNode } from 'preact';
import { ReportsPage } from '../src/console/reports/reports-page.tsx';
import { addDays } from '../src/insight/reports/calendar.ts';
import type { Report } from '../src/insight/reports/report.ts';
import { RatedPage } from '../src/portal/pages/rated-page.tsx';
import { askOf, type GalleryFrame } from './gallery-ask.ts';

const days = Array.from({ length: 30 }, (_, n) => addDays('2026-10-26', n));
const wave = (n: number, high: number) => Math.round(high * (n % 7 < 5 ? 1 + 0.4 * Math.sin(n) : 0.15));

const report: Report = {
  from: '2026-10-26',
  to: '2026-11-24',
  step: 'day',
  adoption: { day: '2026-11-24', eligible: 9_420, enrolled: 8_214 },
  adoptionByDay: days.map((day, n) => ({ day, eligible: 9_420, enrolled: 6_900 + n * 45 })),
  resets: 1_204,
  unlocks: 318,
  changes: 476,
  assisted: 41,
  byTime: days.map((at, n) => ({ at, resets: wave(n, 52), unlocks: wave(n + 2, 14), changes: wave(n + 4, 20) })),
  byHour: Array.from({ length: 24 }, (_, hour) =>
    hour < 6 ? 2 : Math.round(160 * Math.exp(-((hour - 8) ** 2) / 9)) + 12,
  ),
  time: { median: 71_000, p90: 214_000, n: 1_204 },
  funnel: [
    { name: 'started', n: 1_711 },
    { name: 'gate-1', n: 1_624 },
    { name: 'gate-2', n: 1_560 },
    { name: 'through', n: 1_560 },
    { name: 'done', n: 1_522 },
  ],
  left: 131,
  methods: [
    { method: 'email', chosen: 1_480, passed: 1_402 },
    { method: 'totp', chosen: 902, passed: 871 },
    { method: 'sms', chosen: 611, passed: 560 },
    { method: 'recovery-code', chosen: 204, passed: 201 },
  ],
  ended: [
    { name: 'cancelled', n: 38 },
    { name: 'not-enough-ways', n: 14 },
    { name: 'blocked:disabled', n: 6 },
  ],
  hurdles: [
    { name: 'mismatched', method: 'email', n: 121 },
    { name: 'voided-expired', method: 'sms', n: 40 },
  ],
  rules: [
    { name: 'common', n: 212 },
    { name: 'min-length', n: 96 },
    { name: 'breached', n: 44 },
  ],
  turnedAway: [
    { name: 'no-account', n: 89 },
    { name: 'limit', n: 7 },
  ],
  rating: { n: 488, average: 4.4, stars: [11, 14, 41, 120, 302] },
  messages: [
    { channel: 'mail', sent: 4_920, undelivered: 12, cost: 4.92 },
    { channel: 'text', sent: 701, undelivered: 9, cost: 56.08 },
    { channel: 'call', sent: 0, undelivered: 0, cost: 0 },
  ],
  savings: {
    selfHelped: 1_481,
    share: 0.8,
    callsAvoided: 1_184.8,
    calls: 62,
    currency: 'EUR',
    messages: 61,
    money: { perCall: 22, gross: 26_065.6, net: 26_004.6 },
  },
};

const { money: _, ...withoutMoney } = report.savings;
const empty: Report = {
  ...report,
  adoption: undefined,
  adoptionByDay: [],
  resets: 0,
  unlocks: 0,
  changes: 0,
  assisted: 0,
  byTime: days.map((at) => ({ at, resets: 0, unlocks: 0, changes: 0 })),
  byHour: Array(24).fill(0),
  time: undefined,
  funnel: ['started', 'through', 'done'].map((name) => ({ name, n: 0 })),
  left: 0,
  methods: [],
  ended: [],
  hurdles: [],
  rules: [],
  turnedAway: [],
  rating: undefined,
  messages: report.messages.map((one) => ({ ...one, sent: 0, undelivered: 0, cost: 0 })),
  savings: { ...withoutMoney, selfHelped: 0, callsAvoided: 0, calls: 0, messages: 0 },
};

export function reportsStates(frame: GalleryFrame): Record<string, VNode> {
  const ask = askOf(frame);
  const groups = ['default', 'privileged', 'Year 7'];
  const standing = { countedAt: Date.UTC(2026, 10, 24, 9, 30), waiting: 3, peopleMissing: false };
  return {
    'console-reports': <ReportsPage ask={ask} report={report} groups={groups} standing={standing} />,
    'console-reports-empty': (
      <ReportsPage
        ask={ask}
        report={empty}
        groups={groups}
        standing={{ countedAt: undefined, waiting: 0, peopleMissing: true }}
        corrected
      />
    ),
    'reports-rated': <RatedPage t={frame.t} shell={frame.shell} />,
  };
}
