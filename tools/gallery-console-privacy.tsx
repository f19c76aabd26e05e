/** Privacy: classes of data, a person who was found, an erasure, people who are missing; for the gallery. */
import type { VNode } from 'preact';
import { PrivacyPage } from '../src/console/privacy/privacy-page.tsx';
import type { Subject } from '../src/privacy/service.ts';
import { askOf, type GalleryFrame } from './gallery-ask.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23, 9, 30);

export function privacyStates(frame: GalleryFrame): Record<string, VNode> {
  const ask = askOf(frame);
  const settings = {
    keep: {
      journeys: 2 * DAY,
      sessions: 2 * DAY,
      messages: 7 * DAY,
      calls: 30 * DAY,
      places: 365 * DAY,
      incidents: 365 * DAY,
    },
    leaving: { erase: true, after: 30 * DAY },
    audit: 365 * DAY,
  };
  const page = {
    ask,
    settings,
    deleted: new Map([
      ['journeys', 1_204],
      ['sessions', 3_811],
      ['messages', 9_422],
      ['limits', 15_020],
    ]),
    leavers: { held_at: null, known: 9_761, missing: 3, accepted: 0, looked_at: NOW, problem: null },
  };
  const subject: Subject = {
    accountId: 'a1',
    account: { ...ask.staff.account, displayName: 'Amina Haddad', username: 'amina' },
    kept: [
      { id: 'ways', rows: 4 },
      { id: 'sessions', rows: 2 },
      { id: 'places', rows: 3 },
      { id: 'audit', rows: 41 },
    ],
  };
  const gone: Subject = { ...subject, accountId: 'pCzsNwL8mU1bQ2xT5kR7vA', account: undefined };
  return {
    'console-privacy': <PrivacyPage {...page} />,
    'console-privacy-person': <PrivacyPage {...page} who="amina" subject={subject} />,
    'console-privacy-left': (
      <PrivacyPage {...page} who={gone.accountId} subject={gone} mistakes={['reason', 'confirm']} />
    ),
    'console-privacy-erased': (
      <PrivacyPage {...page} erased={{ is: 'erased', rows: 14, told: ['a•••@private.example', '+49 ••• 78'] }} />
    ),
    'console-privacy-held': (
      <PrivacyPage
        {...page}
        leavers={{ held_at: 1, known: 9_761, missing: 4_880, accepted: 0, looked_at: NOW, problem: null }}
        problem="none"
        who="x"
      />
    ),
    'console-privacy-second': (
      <PrivacyPage
        {...page}
        who="amina"
        subject={subject}
        erased={{ is: 'second-needed', cause: 'The account is privileged.' }}
      />
    ),
  };
}
