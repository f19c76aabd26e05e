/** The help desk: a person who was found, a call before and after the caller was verified, and the page for the caller. */
import type { VNode } from 'preact';
import { CallPage } from '../src/console/desk/call-page.tsx';
import { DeskPage } from '../src/console/desk/desk-page.tsx';
import { HelperCheckPage } from '../src/console/desk/helper-check.tsx';
import { type Acted, DESK_ACTS, type Dossier } from '../src/flow/assisted/desk.ts';
import type { Sheet } from '../src/flow/assisted/sheet.ts';
import { askOf, type GalleryFrame } from './gallery-ask.ts';

const NOW = Date.UTC(2026, 10, 23, 9, 30);

export function deskStates(frame: GalleryFrame): Record<string, VNode> {
  const ask = askOf(frame);
  const sheet: Sheet = {
    account: { ...ask.staff.account, id: 'a1', displayName: 'Amina Haddad', username: 'amina' },
    locked: true,
    blocked: undefined,
    privileged: false,
    ready: false,
    missing: [['totp'], ['recovery-code']],
    ways: [{ method: 'email', state: 'ready', settlesAt: undefined, lastUsedAt: undefined }],
    contacts: [
      { id: 'c1', to: 'a•••@private.example', by: 'mail' },
      { id: 'c2', to: '+49 ••• 78', by: 'text' },
    ],
    frozenAt: undefined,
    frozenReason: undefined,
    systems: [{ system: 'wifi', label: 'Wi-Fi', action: 'password', is: 'retrying', at: NOW, cause: 'No answer.' }],
    events: [
      {
        seq: 1,
        at: new Date(NOW).toISOString(),
        event: 'sign-in.refused',
        outcome: 'failure',
        actor: 'anonymous',
        reason: 'The directory refused the password.',
      },
    ],
  };
  const call = {
    id: 'call1',
    helperId: 'chiara',
    helper: 'chiara',
    accountId: 'a1',
    directoryKey: 'amina',
    username: 'amina',
    ticket: 'T-1204',
    openedAt: NOW,
    expiresAt: NOW + 1_800_000,
    endedAt: undefined,
    endedBy: undefined,
    version: 1,
    verifiedAt: undefined,
    data: {},
  };
  const dossier: Dossier = {
    call,
    data: { helper: 'Chiara Rossi', verified: [], code: { mac: '', to: 'a•••@private.example', expiresAt: NOW } },
    sheet,
    live: true,
    acts: [],
    seconds: [],
    offered: [...DESK_ACTS],
    number: undefined,
  };
  const verified: Dossier = {
    ...dossier,
    data: { helper: 'Chiara Rossi', verified: [{ kind: 'code-read-back', at: NOW }] },
    acts: [{ act: 'unlock', at: NOW }],
  };
  const pass: Acted = {
    is: 'pass',
    code: '7KQ2-M9XD-40TW-HC3V',
    expiresAt: NOW + 900_000,
    told: ['a•••@private.example'],
  };
  return {
    'console-desk': <DeskPage ask={ask} calls={[call]} requests={[]} />,
    'console-desk-found': <DeskPage ask={ask} who="amina" sheet={sheet} calls={[]} requests={[]} />,
    'console-desk-call': <CallPage ask={ask} dossier={{ ...dossier, number: '417' }} proof="48319027" />,
    'console-desk-pass': <CallPage ask={ask} dossier={verified} said={pass} />,
    'helper-check': (
      <HelperCheckPage t={frame.t} shell={frame.shell} asking={{ call: 'call1', helper: 'Chiara Rossi' }} />
    ),
  };
}
