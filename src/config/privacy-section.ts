/** Privacy: how long what is known of people is kept, and what happens when somebody leaves the directory. */
import { Type } from 'typebox';
import { Duration } from '../kernel/setting.ts';

const closed = { additionalProperties: false };

const keep = (preset: string, [min, max]: [string, string], description: string) =>
  Duration({ default: preset, duration: { min, max }, description });

export const privacySection = Type.Object(
  {
    keep: Type.Object(
      {
        journeys: keep('2 d', ['1 d', '30 d'], 'Journeys and one-use links, after they ended.'),
        sessions: keep('2 d', ['1 h', '30 d'], 'Sessions, after they ended.'),
        messages: keep('7 d', ['1 d', '90 d'], 'What was sent and what went to connected systems, after it was done.'),
        calls: keep('30 d', ['1 d', '365 d'], 'Calls of the help desk.'),
        places: keep('365 d', ['7 d', '730 d'], 'Where somebody was last seen. Shorter: risk knows less.'),
        incidents: keep('365 d', ['30 d', '3650 d'], 'Suspicious activity, after it was closed.'),
      },
      { ...closed, description: 'How long each class of data is kept. The audit has its own time: audit.keep.' },
    ),
    leaving: Type.Object(
      {
        erase: Type.Boolean({
          default: true,
          description: 'Whether what is known of people is erased when they have left the directory.',
        }),
        after: keep('30 d', ['0 d', '3650 d'], 'So long after somebody was no longer found.'),
        atMost: Type.Number({
          default: 0.05,
          minimum: 0.001,
          maximum: 1,
          description:
            'When a larger share of all known people is missing (and more than 20), nobody is erased and operators are told: it looks like a fault. 0.05 is five of a hundred.',
        }),
      },
      { ...closed, description: 'People who have left the directory.' },
    ),
  },
  { ...closed, description: 'How long what is known of people is kept.' },
);
