/** Settings with history, for the gallery. */
import type { VNode } from 'preact';
import { EditPage } from '../src/console/settings/edit-page.tsx';
import { HistoryPage } from '../src/console/settings/history-page.tsx';
import { OverviewPage } from '../src/console/settings/overview-page.tsx';
import { RisksPage } from '../src/console/settings/risks-page.tsx';
import { TextsPage } from '../src/console/settings/texts-page.tsx';
import { VersionPage } from '../src/console/settings/version-page.tsx';
import type { Risk, Setting, SettingsVersion } from '../src/settings/service.ts';
import { askOf, type GalleryFrame } from './gallery-ask.ts';

const NOW = Date.UTC(2026, 10, 24, 9, 30);

const setting = (path: string, value: unknown, more: Partial<Setting> = {}): Setting => ({
  path,
  section: path.slice(0, path.lastIndexOf('.')),
  value,
  from: 'default',
  lockedBy: undefined,
  takesEffect: 'at-once',
  description: 'How many gates must be passed.',
  allowed: 'a whole number, 1 to 3',
  choices: undefined,
  ...more,
});

const settings: Setting[] = [
  setting('policy.recovery.methods', ['email', 'totp', 'passkey', 'recovery-code'], {
    from: 'file',
    lockedBy: '/etc/sparekey/sparekey.yaml:31:5',
  }),
  setting('policy.recovery.gates', 2, { from: 'settings' }),
  setting('policy.recovery.acceptSingleGate', false, {
    description: 'Allows rules of one gate.',
    choices: ['true', 'false'],
  }),
  setting('policy.recovery.oneOf', ['passkey', 'totp'], {
    description: 'One of these must be among the gates.',
    allowed: 'a list of (one of email, totp, passkey)',
  }),
  setting('mail.connections', 4, { description: 'Connections at most.', takesEffect: 'at-restart' }),
];

const version = (more: Partial<SettingsVersion> = {}): SettingsVersion => ({
  number: 7,
  base: 6,
  state: 'proposed',
  values: {},
  comment: 'Students keep losing their codes; asked for by the dean.',
  author: 'staff:chiara',
  createdAt: NOW,
  rollsBackTo: undefined,
  decidedBy: undefined,
  decidedAt: undefined,
  note: undefined,
  ...more,
});

const changes = [
  { path: 'policy.recovery.methods', before: ['email', 'totp', 'recovery-code'], after: ['email', 'totp', 'passkey'] },
  { path: 'organisation.help.hours', before: undefined, after: 'Mon–Fri 8–17' },
  { path: 'limits.triesPerCode', before: 4, after: undefined },
];
const theirs = [{ path: 'organisation.help.text', before: 'Room 12', after: 'Room 14, main building' }];

const risks: Risk[] = [
  {
    id: 'one-gate',
    path: 'policy.groups[0].gates',
    weight: 'high',
    what: 'one gate opens the account',
    why: 'Whoever has that one thing, a mailbox for instance, has the account.',
    fix: 'Ask for two.',
  },
  {
    id: 'no-canary',
    path: 'directory.canary',
    weight: 'medium',
    what: 'the write of a password is never tried',
    why: 'A right that got lost is noticed when the first person is locked out.',
    fix: 'Make a test account and name it.',
  },
];

export function settingsStates(frame: GalleryFrame): Record<string, VNode> {
  const ask = askOf(frame);
  const page = { ask, changes, current: 6, secondApproval: false, later: [] };
  const conflict = { is: 'conflict', current: 8, theirs, own: changes.slice(1, 2) } as const;
  return {
    'console-settings': (
      <OverviewPage
        ask={ask}
        shown={{
          current: 6,
          settings,
          ignored: [{ path: 'limits.triesPerCode', why: 'fixed by the file (/etc/sparekey/sparekey.yaml:40:3).' }],
        }}
        waiting={[version()]}
        risks={risks}
      />
    ),
    'console-settings-edit': (
      <EditPage ask={ask} section="policy.recovery" settings={settings} base={6} comment="Asked for by the dean." />
    ),
    'console-settings-invalid': (
      <EditPage
        ask={ask}
        section="policy.recovery"
        settings={settings}
        base={6}
        typed={new Map([['policy.recovery.gates', '9']])}
        problems={[
          {
            path: 'policy.recovery.gates',
            at: undefined,
            what: 'is out of range ("9").',
            allowed: 'a whole number, 1 to 3',
          },
        ]}
      />
    ),
    'console-settings-conflict': (
      <EditPage ask={ask} section="organisation.help" settings={settings.slice(1)} base={8} conflict={conflict} />
    ),
    'console-settings-version': <VersionPage {...page} version={version()} later={['mail.connections']} />,
    'console-settings-version-own': <VersionPage {...page} version={version()} secondApproval />,
    'console-settings-version-late': (
      <VersionPage {...page} version={version({ author: 'staff:otto' })} conflict={conflict} />
    ),
    'console-settings-version-old': (
      <VersionPage
        {...page}
        version={version({ number: 5, state: 'applied', decidedBy: 'staff:otto', decidedAt: NOW, rollsBackTo: 3 })}
      />
    ),
    'console-settings-history': (
      <HistoryPage
        ask={ask}
        current={6}
        list={[version(), version({ number: 6, state: 'applied' }), version({ number: 5, state: 'rejected' })]}
        compared={{ from: 5, to: 6, changes }}
        next="/x"
      />
    ),
    'console-settings-risks': <RisksPage ask={ask} risks={risks} />,
    'console-settings-texts': <TextsPage ask={ask} language={ask.language} words="code" />,
  };
}
