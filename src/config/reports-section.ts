/** Reports: what a call costs, who gets the weekly mail. */
import { Type } from 'typebox';
import { Duration } from '../kernel/setting.ts';

const closed = { additionalProperties: false };
const price = (description: string) => Type.Number({ default: 0, minimum: 0, maximum: 1_000, description });

export const reportsSection = Type.Object(
  {
    costPerCall: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100_000,
        description:
          'What a call to your help desk costs you, in `currency`. Without it reports count calls and show no money.',
        examples: [22],
      }),
    ),
    currency: Type.String({
      default: 'EUR',
      pattern: '^[A-Z]{3}$',
      description: 'Currency of all amounts, as ISO 4217 spells it.',
      examples: ['USD'],
    }),
    callsAvoidedShare: Type.Number({
      default: 0.8,
      minimum: 0,
      maximum: 1,
      description: 'How many of those who helped themselves would have called: 0.8 is eighty of a hundred.',
    }),
    prices: Type.Object(
      { mail: price('Of a mail.'), text: price('Of a text message.'), call: price('Of a call that speaks a code.') },
      { ...closed, description: 'What messages cost you, in `currency`. Taken off what is saved.' },
    ),
    weekly: Type.Array(Type.String({ minLength: 3, maxLength: 320, pattern: '^[^\\s@<>,;]+@[^\\s@<>,;]+$' }), {
      default: [],
      uniqueItems: true,
      maxItems: 50,
      description: 'Mail addresses that get the figures of the week before on Monday morning at six.',
      examples: [['head-of-it@example.org']],
    }),
    keep: Duration({
      default: '1100 d',
      duration: { min: '60 d', max: '3650 d' },
      description:
        'How long figures are kept. Days are those of `organisation.timeZone` as it was when they were counted.',
    }),
  },
  { ...closed, description: 'Reports: adoption, resets, time, calls and money saved.' },
);
