/** Readiness, preview of rules and trial run, for the gallery. */
import type { VNode } from 'preact';
import { ReadinessPage } from '../src/console/readiness/overview-page.tsx';
import { PeoplePage } from '../src/console/readiness/people-page.tsx';
import { PreviewPage } from '../src/console/rules/preview-page.tsx';
import { RulesPage } from '../src/console/rules/rules-page.tsx';
import { TrialPage } from '../src/console/rules/trial-page.tsx';
import type { Overview } from '../src/insight/readiness/figures.ts';
import type { Trial } from '../src/insight/trial/trial.ts';
import type { ReadinessRow } from '../src/storage/repositories/readiness.ts';
import { askOf, type GalleryFrame } from './gallery-ask.ts';

const NOW = Date.UTC(2026, 10, 23, 9, 30);

const rows: ReadinessRow[] = (
  [
    ['amina', 'Amina Haddad', ['never-enrolled', 'unconfirmed-mail']],
    ['ben', 'Ben Okafor', ['too-few-gates', 'method-not-allowed']],
    ['chen', 'Chen Li', ['protected']],
  ] as const
).map(([username, displayName, reasons]) => ({
  accountId: username,
  directory: 'corp',
  directoryKey: username,
  username,
  displayName,
  locator: '',
  groups: [],
  attributes: {},
  facts: '{}',
  rule: 'default',
  verdict: 'not-ready',
  reasons,
  stamp: undefined,
  readAt: NOW,
  checkedAt: NOW,
  recheckAt: undefined,
}));

const overview: Overview = {
  group: undefined,
  ready: 8_214,
  notReady: 1_206,
  off: 341,
  reasons: [
    { reason: 'never-enrolled', people: 812 },
    { reason: 'too-few-gates', people: 301 },
    { reason: 'unconfirmed-mail', people: 144 },
    { reason: 'protected', people: 12 },
  ],
  groups: [
    { id: 'a', name: 'cn=Year 7,ou=groups,dc=example', ready: 90, notReady: 312, alarmed: true },
    { id: 'b', name: 'cn=Staff,ou=groups,dc=example', ready: 410, notReady: 23, alarmed: false },
  ],
  days: ['2026-11-21', '2026-11-22', '2026-11-23'].map((day, n) => ({
    day,
    ready: 8_000 + n * 90,
    notReady: 1_400 - n * 80,
    alarmed: n === 2,
  })),
  state: {
    id: 1,
    lease: null,
    lease_until: 0,
    walk: 3,
    walk_started_at: NOW - 60_000,
    walk_listed: 9_761,
    walk_ended_at: NOW,
    rules: '',
    rules_after: null,
    problem: null,
  },
  waiting: 2,
};

const policy = 'policy:\n  recovery:\n    methods: [email, totp, recovery-code]\n    gates: 2\n';

export function readinessStates(frame: GalleryFrame): Record<string, VNode> {
  const ask = askOf(frame);
  const trial: Trial = {
    account: { ...ask.staff.account, displayName: 'Amina Haddad', username: 'amina' },
    end: 'new-password',
    rule: {
      name: 'default',
      methods: ['email', 'totp', 'recovery-code'],
      gates: 2,
      weights: {},
      oneOf: [],
      kinds: [],
      also: [],
      accepted: [],
      showFactor: true,
      pair: true,
      ways: 1,
    },
    preflight: { is: 'ready', locked: false, mustChange: false, expired: false },
    frozenAt: undefined,
    gates: 2,
    routes: [
      ['email', 'totp'],
      ['email', 'recovery-code'],
    ],
    ways: [
      {
        id: '1',
        method: 'email',
        label: 'a•••@private.example',
        createdAt: 0,
        lastUsedAt: undefined,
        state: 'ready',
        settlesAt: undefined,
        left: undefined,
      },
      {
        id: '2',
        method: 'totp',
        label: 'Phone',
        createdAt: 0,
        lastUsedAt: undefined,
        state: 'ready',
        settlesAt: undefined,
        left: undefined,
      },
      {
        id: '3',
        method: 'sms',
        label: '•••• 42',
        createdAt: 0,
        lastUsedAt: undefined,
        state: 'ready',
        settlesAt: undefined,
        left: undefined,
      },
    ],
    missing: [],
    risk: {
      usual: { is: 'go', points: 0, says: 'Nothing unusual.' },
      strange: {
        is: 'extra-gate',
        points: 3,
        says: 'Unusual: a new device, a new network, an unusual hour (3 points), so one more gate is asked for.',
      },
      seenBefore: true,
    },
    password: [
      { id: 'min-length', state: 'open', fromDirectory: false, value: 15 },
      { id: 'common', state: 'open', fromDirectory: false },
      { id: 'history', state: 'open', fromDirectory: true, value: 5 },
    ],
    systems: ['Wi-Fi', 'Library'],
    told: ['a•••@private.example'],
  };
  const stuck: Trial = {
    ...trial,
    end: 'stuck',
    gates: undefined,
    routes: [],
    missing: [['totp'], ['recovery-code']],
    ways: trial.ways.slice(0, 1),
  };
  const judged = { rule: 'default', verdict: 'not-ready', reasons: ['too-few-gates'] } as const;
  const preview = {
    people: 9_761,
    stranded: {
      people: 312,
      groups: [{ name: 'cn=Year 7,ou=groups,dc=example', people: 298 }],
      rows: rows.map((row) => ({ row, is: 'stranded' as const, judged: { ...judged, reasons: [...judged.reasons] } })),
    },
    freed: { people: 0, groups: [], rows: [] },
  };
  const problems = [
    { path: 'policy.recovery.gates', what: 'is out of range ("99").', allowed: '1 to 4', at: { is: 'file', line: 4 } },
  ];
  return {
    'console-readiness': <ReadinessPage ask={ask} overview={overview} />,
    'console-readiness-people': <PeoplePage ask={ask} filter={{ mark: 'not-ready' }} listed={{ rows, next: 'x' }} />,
    'console-rules': <RulesPage ask={ask} policy={policy} />,
    'console-rules-invalid': <RulesPage ask={ask} policy={policy} problems={problems} failed="none" person="nobody" />,
    'console-rules-preview': <PreviewPage ask={ask} policy={policy} preview={preview} warnings={[]} unread={[]} />,
    'console-rules-trial': <TrialPage ask={ask} trial={trial} />,
    'console-rules-trial-stuck': <TrialPage ask={ask} trial={stuck} />,
  };
}
