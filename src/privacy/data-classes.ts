/**
 * Everything that the database holds, in classes: what for, for how long, what a person gets of it as a file, and what is erased
 * with them. A table that is in no class, or a column of a person's row that nobody decided about, fails a test.
 */
import type { Schema } from '../storage/schema.ts';

export type Table = keyof Schema & string;

/** Keys of `privacy.keep`. */
export type KeepKey = 'journeys' | 'sessions' | 'messages' | 'calls' | 'places' | 'incidents';

export type Keep =
  /** As long as the person is in the directory, and `privacy.leaving.after` longer. */
  | { is: 'while-known' }
  | { is: 'setting'; key: KeepKey }
  | { is: 'audit' }
  /** By itself, at the latest so: one sentence. */
  | { is: 'own'; says: string }
  /** Nobody can be told from it. */
  | { is: 'no-person' };

export interface PersonRows {
  table: Table;
  /** Column with the account id. */
  by: string;
  /** Erased with the person. `false`: the class says why not. */
  erase: boolean;
  /** Part of the person's file, and its columns by name there. Absent: made by hand in person-file.ts. */
  file?: { name: string; columns: Readonly<Record<string, string>> };
  /** Columns that stay out of the file: secrets, keys and numbers of our own. */
  hidden: readonly string[];
}

export interface DataClass {
  id: string;
  /** What it is there for. */
  purpose: string;
  keep: Keep;
  /** What happens at its end, in one sentence. */
  end: string;
  /** Tables with rows about single people. */
  people: readonly PersonRows[];
  /** Tables in which nobody is looked up by account id. */
  others: readonly Table[];
}

export const DATA_CLASSES = [
  {
    id: 'ways',
    purpose: 'Ways to verify: addresses, numbers, passkeys, apps, saved codes. Without them nobody gets back in.',
    keep: { is: 'while-known' },
    end: 'Deleted.',
    people: [
      {
        table: 'authenticators',
        by: 'account_id',
        erase: true,
        hidden: [
          'id',
          'account_id',
          'data',
          'version',
          'lookup',
          'method',
          'label',
          'created_at',
          'last_used_at',
          'disabled_at',
          'settles_at',
          'expires_at',
        ],
      },
      {
        table: 'people',
        by: 'account_id',
        erase: true,
        hidden: [
          'account_id',
          'directory',
          'directory_key',
          'enrolled_at',
          'confirmed_at',
          'frozen_at',
          'frozen_reason',
          'watched_until',
        ],
      },
      {
        table: 'password_history',
        by: 'account_id',
        erase: true,
        file: { name: 'earlierPasswords', columns: { changedAt: 'created_at' } },
        hidden: ['id', 'account_id', 'hash'],
      },
    ],
    others: [],
  },
  {
    id: 'readiness',
    purpose: 'Who could recover today and why not: a copy of the directory’s entry without addresses, for figures.',
    keep: { is: 'own', says: 'until the directory no longer lists the person' },
    end: 'Deleted by the next walk through the directory.',
    people: [
      {
        table: 'readiness',
        by: 'account_id',
        erase: false,
        file: {
          name: 'readiness',
          columns: {
            rule: 'rule',
            verdict: 'verdict',
            reasons: 'reasons',
            facts: 'facts',
            attributes: 'attributes',
            readAt: 'read_at',
            checkedAt: 'checked_at',
          },
        },
        hidden: [
          'account_id',
          'directory',
          'directory_key',
          'username',
          'username_key',
          'display_name',
          'sort_key',
          'locator',
          'groups',
          'stamp',
          'seen_walk',
          'recheck_at',
        ],
      },
      {
        table: 'readiness_marks',
        by: 'account_id',
        erase: false,
        hidden: ['group_id', 'mark', 'sort_key', 'account_id'],
      },
      {
        table: 'readiness_dirty',
        by: 'account_id',
        erase: false,
        hidden: ['account_id', 'directory_key', 'stamp', 'version'],
      },
    ],
    others: [],
  },
  {
    id: 'journeys',
    purpose: 'Recoveries and other journeys under way, and one-use links, so that each step counts once.',
    keep: { is: 'setting', key: 'journeys' },
    end: 'Deleted.',
    people: [
      {
        table: 'flows',
        by: 'subject',
        erase: true,
        file: {
          name: 'journeys',
          columns: { kind: 'kind', startedAt: 'created_at', seenAt: 'seen_at', endedAt: 'ended_at' },
        },
        hidden: ['id', 'token_hash', 'subject', 'state', 'version', 'expires_at'],
      },
      {
        table: 'tickets',
        by: 'account_id',
        erase: true,
        file: {
          name: 'links',
          columns: { purpose: 'purpose', madeAt: 'created_at', usedAt: 'used_at', expiresAt: 'expires_at' },
        },
        hidden: ['id', 'token_hash', 'account_id', 'data', 'answer'],
      },
    ],
    others: [],
  },
  {
    id: 'sessions',
    purpose: 'Where a person is signed in.',
    keep: { is: 'setting', key: 'sessions' },
    end: 'Deleted.',
    people: [
      {
        table: 'sessions',
        by: 'account_id',
        erase: true,
        file: {
          name: 'sessions',
          columns: {
            createdAt: 'created_at',
            seenAt: 'seen_at',
            endedAt: 'ended_at',
            userAgent: 'user_agent',
            factor: 'factor',
          },
        },
        hidden: ['token_hash', 'account_id', 'directory', 'directory_key', 'proved_at', 'expires_at'],
      },
    ],
    others: [],
  },
  {
    id: 'places',
    purpose: 'Devices and networks that somebody was seen at, as keyed hashes, so that risk knows what is usual.',
    keep: { is: 'setting', key: 'places' },
    end: 'Deleted.',
    people: [
      {
        table: 'sightings',
        by: 'account_id',
        erase: true,
        file: {
          name: 'places',
          columns: {
            firstAt: 'first_at',
            lastAt: 'last_at',
            successes: 'successes',
            latitude: 'latitude',
            longitude: 'longitude',
          },
        },
        hidden: ['id', 'account_id', 'device', 'network', 'hours'],
      },
    ],
    others: [],
  },
  {
    id: 'messages',
    purpose:
      'Mails, texts and calls on their way (sealed, emptied when delivered), and passwords on their way to connected systems.',
    keep: { is: 'setting', key: 'messages' },
    end: 'Deleted.',
    people: [
      {
        table: 'spreads',
        by: 'account_id',
        erase: true,
        file: {
          name: 'toConnectedSystems',
          columns: { action: 'action', state: 'state', startedAt: 'created_at', endedAt: 'ended_at' },
        },
        hidden: ['id', 'account_id', 'secret', 'deadline'],
      },
    ],
    others: ['outbox', 'deliveries'],
  },
  {
    id: 'systems',
    purpose: 'How each connected system stands with an account.',
    keep: { is: 'while-known' },
    end: 'Deleted.',
    people: [
      {
        table: 'spread_targets',
        by: 'account_id',
        erase: true,
        file: {
          name: 'connectedSystems',
          columns: { system: 'system', action: 'action', state: 'state', changedAt: 'changed_at' },
        },
        hidden: ['account_id', 'spread_id', 'attempt', 'due_at', 'lease', 'lease_until', 'reason'],
      },
    ],
    others: [],
  },
  {
    id: 'incidents',
    purpose: 'Suspicious activity, for whoever looks into it.',
    keep: { is: 'setting', key: 'incidents' },
    end: 'Deleted.',
    people: [
      {
        table: 'incidents',
        by: 'account_id',
        erase: true,
        file: {
          name: 'incidents',
          columns: { kind: 'kind', says: 'says', openedAt: 'opened_at', closedAt: 'closed_at' },
        },
        hidden: ['id', 'account_id', 'closed_by'],
      },
    ],
    others: [],
  },
  {
    id: 'calls',
    purpose: 'Calls of the help desk: who was verified how, what was done, who agreed.',
    keep: { is: 'setting', key: 'calls' },
    end: 'Deleted.',
    people: [
      {
        table: 'calls',
        by: 'account_id',
        erase: true,
        file: {
          name: 'calls',
          columns: {
            helper: 'helper',
            ticket: 'ticket',
            openedAt: 'opened_at',
            verifiedAt: 'verified_at',
            endedAt: 'ended_at',
            endedBy: 'ended_by',
          },
        },
        hidden: ['id', 'helper_id', 'account_id', 'directory_key', 'username', 'expires_at', 'version', 'data'],
      },
      {
        table: 'second_requests',
        by: 'account_id',
        erase: true,
        file: {
          name: 'secondPersons',
          columns: {
            act: 'act',
            helper: 'helper',
            reason: 'reason',
            askedAt: 'created_at',
            decision: 'decision',
            decidedBy: 'decided_by',
            decidedAt: 'decided_at',
          },
        },
        hidden: ['id', 'call_id', 'account_id', 'username', 'directory_key', 'helper_id', 'expires_at', 'used_at'],
      },
    ],
    others: ['call_acts'],
  },
  {
    id: 'staff',
    purpose: 'Roles in the console that were given by hand.',
    keep: { is: 'while-known' },
    end: 'Deleted.',
    people: [
      {
        table: 'staff_grants',
        by: 'account_id',
        erase: true,
        file: { name: 'roles', columns: { role: 'role', givenBy: 'granted_by', givenAt: 'granted_at' } },
        hidden: ['account_id', 'username'],
      },
    ],
    others: [],
  },
  {
    id: 'leavers',
    purpose: 'Who was no longer found in the directory, and since when.',
    keep: { is: 'while-known' },
    end: 'Deleted with the person, or when they are back.',
    people: [
      {
        table: 'privacy_leavers',
        by: 'account_id',
        erase: true,
        file: { name: 'missing', columns: { missedAt: 'missed_at' } },
        hidden: ['account_id'],
      },
    ],
    others: [],
  },
  {
    id: 'rollout',
    purpose: 'What the organisation knew of people before they enrolled, who was reminded, and who wants no reminders.',
    keep: { is: 'while-known' },
    end: 'Deleted. Reports of lists, which name people by username, after 90 days.',
    people: [
      {
        table: 'pre_registrations',
        by: 'account_id',
        erase: true,
        hidden: ['id', 'account_id', 'kind', 'data', 'source', 'created_at'],
      },
      {
        table: 'reminders',
        by: 'account_id',
        erase: true,
        file: { name: 'reminders', columns: { round: 'round', at: 'at', outcome: 'outcome' } },
        hidden: ['campaign_id', 'account_id'],
      },
      {
        table: 'reminder_opt_outs',
        by: 'account_id',
        erase: true,
        file: { name: 'wantsNoReminders', columns: { since: 'at' } },
        hidden: ['account_id'],
      },
      {
        table: 'import_lines',
        by: 'account_id',
        erase: true,
        file: { name: 'inLists', columns: { line: 'line' } },
        hidden: ['id', 'import_id', 'account_id', 'username', 'state', 'says', 'data'],
      },
    ],
    others: ['campaigns', 'imports'],
  },
  {
    id: 'settings',
    purpose: 'Versions of the settings, with the username of whoever changed them and why.',
    keep: { is: 'own', says: 'for good: they say why things are as they are' },
    end: 'Stays.',
    people: [],
    others: ['settings_versions', 'settings_state'],
  },
  {
    id: 'api',
    purpose: 'Tokens of the API, as hashes, and answers that a repeated request gets again, sealed.',
    keep: { is: 'own', says: 'tokens for 30 days after their end, answers for a day' },
    end: 'Deleted.',
    people: [],
    others: ['api_tokens', 'api_answers'],
  },
  {
    id: 'limits',
    purpose: 'Counters against guessing and flooding, under keyed hashes.',
    keep: { is: 'own', says: 'when their window is over; failures of a way to verify after 365 days' },
    end: 'Deleted.',
    people: [],
    others: ['counters'],
  },
  {
    id: 'audit',
    purpose:
      'What happened, provably unchanged. It names people by account id, a one-way hash of the directory’s own key.',
    keep: { is: 'audit' },
    end: 'Deleted; a sealed checkpoint takes its place. Erasing a person leaves the account id, which then leads to nobody.',
    people: [
      {
        table: 'audit',
        by: 'subject',
        erase: false,
        hidden: ['seq', 'body', 'previous', 'hash', 'subject', 'event', 'actor', 'ip', 'flow', 'outcome'],
      },
    ],
    others: ['audit_head', 'audit_feeds', 'audit_checkpoint'],
  },
  {
    id: 'directory',
    purpose: 'The built-in directory, where it is used: the accounts themselves.',
    keep: { is: 'own', says: 'until an operator removes the account' },
    end: 'Deleted by sparekey accounts remove.',
    people: [],
    others: ['builtin_accounts'],
  },
  {
    id: 'operation',
    purpose: 'Figures, health and state of Sparekey itself.',
    keep: { is: 'no-person' },
    end: 'Stays.',
    people: [],
    others: [
      'meta',
      'systems',
      'readiness_groups',
      'readiness_counts',
      'readiness_days',
      'readiness_state',
      'report_counts',
      'report_people',
      'report_state',
      'privacy_deletions',
      'privacy_state',
    ],
  },
] as const satisfies readonly DataClass[];

export const dataClasses: readonly DataClass[] = DATA_CLASSES;

export type ClassId = (typeof DATA_CLASSES)[number]['id'];

/** Every table with rows about single people. */
export const personRows: readonly PersonRows[] = dataClasses.flatMap(({ people }) => people);
