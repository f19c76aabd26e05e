/** The roll-out of the console, for the gallery. */
import type { VNode } from 'preact';
import { CampaignFormPage } from '../src/console/rollout/campaign-form-page.tsx';
import { CampaignPage } from '../src/console/rollout/campaign-page.tsx';
import { ListFormPage } from '../src/console/rollout/list-form-page.tsx';
import { ListPage } from '../src/console/rollout/list-page.tsx';
import { RolloutPage } from '../src/console/rollout/overview-page.tsx';
import type { Campaign } from '../src/rollout/campaigns.ts';
import type { Import, Line } from '../src/rollout/import/imports.ts';
import { askOf, type GalleryFrame } from './gallery-ask.ts';

const NOW = Date.UTC(2026, 10, 24, 9, 30);

const campaign: Campaign = {
  id: 'c1',
  name: 'Autumn reminder for students',
  who: 'never-enrolled',
  groups: ['cn=Year 7,ou=groups,dc=northfield,dc=example'],
  texts: {},
  everyDays: 7,
  most: 4,
  state: 'active',
  round: 3,
  nextAt: NOW + 3 * 86_400_000,
  cursor: '',
  leaseUntil: 0,
  problem: undefined,
  createdBy: 'staff:chiara',
  createdAt: NOW - 14 * 86_400_000,
};

const list: Import = {
  id: 'l1',
  kind: 'csv',
  name: 'Private addresses of Year 7',
  digest: '',
  state: 'checked',
  options: {},
  notes: ['The file is UTF-8.', 'Columns are separated by semicolons: username, mail, phone.', 'Not used: room.'],
  lines: 1_204,
  checked: 1_204,
  applied: 0,
  problem: undefined,
  actor: 'staff:chiara',
  createdAt: NOW,
  endedAt: undefined,
};

const lines: Line[] = (
  [
    [2, 'amina', 'ready', 'New: email, phone.'],
    [3, 'ben', 'refused', 'phone has no country code, or one that does not exist.'],
    [4, 'chen', 'same', 'Nothing new.'],
    [5, '=HYPERLINK("x")', 'refused', 'username begins like a formula.'],
  ] as const
).map(([line, username, state, says]) => ({
  id: username,
  line,
  accountId: undefined,
  username,
  state,
  says,
  data: undefined,
}));

const counts = { read: 0, ready: 1_180, done: 0, same: 20, refused: 4 };
const input = {
  name: 'Autumn reminder for students',
  who: 'never-enrolled',
  groups: 'Year 7\nYear 8',
  everyDays: '7',
  most: '4',
  startsOn: '',
  texts: {},
};

export function rolloutStates(frame: GalleryFrame): Record<string, VNode> {
  const ask = askOf(frame);
  const phases = [
    { name: 'Pilot', groups: ['cn=IT,ou=groups,dc=northfield'], opens: '2026-11-02', open: true },
    { name: 'Everybody', groups: [], opens: '2027-01-11', open: false },
  ];
  return {
    'console-rollout': (
      <RolloutPage ask={ask} phases={phases} campaigns={[campaign]} lists={[list]} quietUntil={NOW + 36_000_000} />
    ),
    'console-rollout-empty': <RolloutPage ask={ask} phases={[]} campaigns={[]} lists={[]} />,
    'console-rollout-campaign-new': (
      <CampaignFormPage
        ask={ask}
        input={input}
        audience={{ people: 412, first: ['Amina Haddad', 'Ben Okafor', 'Chen Li'] }}
      />
    ),
    'console-rollout-campaign-faults': (
      <CampaignFormPage
        ask={ask}
        input={{ ...input, name: '', everyDays: 'often' }}
        faults={['name', 'every-days', 'starts-at']}
      />
    ),
    'console-rollout-campaign': (
      <CampaignPage
        ask={ask}
        campaign={campaign}
        progress={{
          rounds: [
            { round: 1, sent: 401, noAddress: 11 },
            { round: 2, sent: 322, noAddress: 9 },
          ],
          enrolled: 168,
        }}
      />
    ),
    'console-rollout-list-new': (
      <ListFormPage
        ask={ask}
        kind="csv"
        name=""
        problem="The first line must name the columns, one of them username; found: &quot;a&quot;, &quot;b&quot;."
        vouched={false}
        hasAttributes
      />
    ),
    'console-rollout-list': (
      <ListPage ask={ask} list={list} counts={counts} lines={lines} shown={undefined} next="?after=5" />
    ),
    'console-rollout-list-working': (
      <ListPage
        ask={ask}
        list={{ ...list, state: 'checking', checked: 480 }}
        counts={{ ...counts, read: 724, ready: 470, same: 6 }}
        lines={[]}
        shown={undefined}
      />
    ),
  };
}
