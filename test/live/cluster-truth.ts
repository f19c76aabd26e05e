/**
 * Counted after all faults: each journey set one password, told of it with one notice, and none was left behind a gate.
 * A notice may be delivered again when the node died between the mail server's yes and the note of it; it then has the
 * same Message-ID, so that mailboxes show it once. There is no stronger promise over SMTP, and this one holds.
 */
import { expect } from 'vitest';
import type { Mailbox } from '../kit/mailbox.ts';
import type { Traveller } from './crash-travellers.ts';
import { audited, openNode } from './crash-truth.ts';

export interface OnceInput {
  file: string;
  people: readonly Traveller[];
  mailbox: Mailbox;
  /** Acknowledged ones: all that were begun. */
  journeys: number;
}

export async function expectExactlyOnce({ file, people, mailbox, journeys }: OnceInput): Promise<void> {
  const node = await openNode(file);
  try {
    const entries = await audited(node);
    const set = entries.filter(({ event }) => event === 'recovery.password-set');
    expect(set, 'one password for each journey').toHaveLength(journeys);
    const flows = (event: string) => new Set(entries.filter((entry) => entry.event === event).map(({ flow }) => flow));
    expect(flows('recovery.password-set').size).toBe(journeys);
    // What the replays of `expectTruth` opened ends before its last gate.
    const gates = Map.groupBy(
      entries.filter(({ event }) => event === 'recovery.verified'),
      ({ flow }) => flow,
    );
    const complete = [...gates].filter(([, passed]) => passed.length === 2).map(([flow]) => flow);
    expect(new Set(complete), 'whoever passed both gates came through').toEqual(flows('recovery.password-set'));

    const strangers = entries.filter(({ event, ip }) => event === 'recovery.verified' && !/^127\.0\./.test(ip ?? ''));
    expect(strangers, 'nobody believes what a browser says of its address').toEqual([]);
    expect(set.filter(({ ip }) => ip !== undefined && !ip.startsWith('127.0.1.'))).toEqual([]);

    for (const person of people) {
      const notices = mailbox
        .received(person.address)
        .filter(({ parsed }) => /password was reset/.test(parsed.subject ?? ''));
      const ids = new Set(notices.map(({ parsed }) => parsed.messageId));
      expect(ids.size, `${person.username}: one notice for each password`).toBe(person.told);
    }
  } finally {
    await node.close();
  }
}
