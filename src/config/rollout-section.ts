/** Roll-out: who may begin when, when reminders rest, where people come back to, and how far lists from outside are believed. */
import { Type } from 'typebox';

const closed = { additionalProperties: false };

const trust = (what: string) =>
  Type.Union([Type.Literal('unconfirmed'), Type.Literal('vouched')], {
    default: 'unconfirmed',
    description: `How far ${what} are believed. \`unconfirmed\`: they are suggested when a person enrols, and open nothing. \`vouched\`: the organisation answers for them, so they work at once for people who have no way of their own.`,
  });

const hour = (preset: number, description: string) =>
  Type.Integer({ default: preset, minimum: 0, maximum: 23, description });

const phase = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60, description: 'Shown in the console.', examples: ['Pilot'] }),
    groups: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      uniqueItems: true,
      description: 'Groups (DN or name) that may begin. Empty: everybody.',
      examples: [['cn=pilot,ou=groups,dc=example,dc=org']],
    }),
    opens: Type.String({
      pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
      description: 'First day, from midnight on in the time zone of the organisation. Stays open afterwards.',
      examples: ['2026-12-01'],
    }),
  },
  { ...closed, description: 'One phase.' },
);

export const rolloutSection = Type.Object(
  {
    phases: Type.Array(phase, {
      default: [],
      maxItems: 50,
      description:
        'Who may enrol and recover, from when on. Empty: everybody, now. Whoever has a role in the console always may.',
    }),
    quietHours: Type.Object(
      {
        from: hour(20, 'Full hour from which on no reminder leaves.'),
        until: hour(8, 'Full hour at which they may leave again. The same as `from`: no quiet hours.'),
      },
      { ...closed, description: 'When reminders rest, in the time zone of the organisation.' },
    ),
    remindersPerMinute: Type.Integer({
      default: 240,
      minimum: 12,
      maximum: 6_000,
      description: 'Reminders that leave in a minute, over all nodes: codes must never wait behind them.',
    }),
    returnTo: Type.Array(Type.String({ pattern: '^https?://[^\\s#?]+$' }), {
      default: [],
      uniqueItems: true,
      description:
        'Addresses that `/enrol?return=` may lead back to: the same scheme, host and port, and a path below the one written here. Nothing else is ever followed.',
      examples: [['https://login.example.org/']],
    }),
    attributes: Type.Object(
      {
        email: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'Attribute of the directory with a private mail address.',
            examples: ['personalMail'],
          }),
        ),
        phone: Type.Optional(
          Type.String({ minLength: 1, description: 'Attribute with a phone number.', examples: ['mobile'] }),
        ),
      },
      { ...closed, description: 'What `sparekey rollout import attributes` takes from the directory.' },
    ),
    trustDirectory: trust('attributes of the directory'),
    trustFiles: trust('imported files'),
  },
  { ...closed, description: 'Bringing Sparekey to people, step by step.' },
);
