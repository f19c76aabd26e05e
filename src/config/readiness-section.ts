/** Readiness: how often the directory is walked through, and when operators are told that it fell. */
import { Type } from 'typebox';

const duration = (preset: string, [min, max]: [string, string], description: string) =>
  Type.Unsafe<number>({ type: 'string', default: preset, duration: { min, max }, description });

export const readinessSection = Type.Object(
  {
    walkEvery: duration(
      '6 h',
      ['15 min', '7 d'],
      'How often everybody in the directory is looked at for changes. Enrolments and stops count within seconds, whatever this says.',
    ),
    rereadAfter: duration(
      '7 d',
      ['1 d', '90 d'],
      'After so long an entry is read again although it has not changed: memberships of groups change without it.',
    ),
    alarmPeople: Type.Integer({
      default: 50,
      minimum: 1,
      maximum: 10_000_000,
      description: 'Operators are told when so many more people of a group could not recover than the day before …',
    }),
    alarmShare: Type.Number({
      default: 0.1,
      minimum: 0.01,
      maximum: 1,
      description: '… or when the share of those who could falls by so much: 0.1 is ten of a hundred.',
    }),
    keep: duration('400 d', ['30 d', '3650 d'], 'How long the figures of each day are kept.'),
  },
  { additionalProperties: false, description: 'Who could recover today, and who could not.' },
);
