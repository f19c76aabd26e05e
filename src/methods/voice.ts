/**
 * `voice`: a call that speaks a 6-digit code, but only to somebody who presses the digits that our page shows. A voicemail box
 * can't know them, and neither can a greeting with recorded tones (A15). Numbers that get texts can be called, too.
 */
import { Type } from 'typebox';
import { minutes } from '../kernel/clock.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { newDigits } from '../kernel/random.ts';
import { Duration } from '../kernel/setting.ts';
import type { MethodPorts, VerificationMethod } from './method.ts';
import { phoneMethod } from './phone.ts';

/** One of a thousand: with five calls an hour, guessing ahead what a page will show is no way in. */
const KEY_DIGITS = 3;
/** A call that begins so late could not be heard to its end. */
const TIME_TO_SPEAK = minutes(1);

export const configSchema = Type.Object({
  lifetime: Duration({
    default: '10 min',
    duration: { min: '3 min', max: '10 min' },
    description: 'How long a spoken code works, counted from the wish to be called.',
  }),
  directoryAttribute: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Attribute of the directory with phone numbers. They are suggested when a person adds a phone, and people who added none are called there. Nobody confirmed them, so they count as an issued code: never together with email, never at sign-in (NIST N-37).',
      examples: ['telephoneNumber'],
    }),
  ),
});

export const voice = definePlugin({
  id: 'voice',
  summary: 'A call that speaks a code to confirmed phones. A restricted authenticator (NIST SP 800-63B-4 §3.2.9).',
  configSchema,
  open: ({ lifetime, directoryAttribute }, ports: MethodPorts): VerificationMethod =>
    phoneMethod(
      {
        id: 'voice',
        lifetime,
        directoryAttribute,
        serves: ['sms'],
        newKey: () => newDigits(KEY_DIGITS),
        message: (to, { code, key, expiresAt }, { language }) => ({
          kind: 'place-call',
          to,
          language,
          key,
          code,
          expiresAt: expiresAt - TIME_TO_SPEAK,
        }),
      },
      ports,
    ),
});
