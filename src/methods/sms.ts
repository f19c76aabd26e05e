/** `sms`: a 6-digit code as a text message to confirmed phones. Phones fill it in, on our pages only (P-03). */
import { Type } from 'typebox';
import { definePlugin } from '../kernel/plugin.ts';
import { Duration } from '../kernel/setting.ts';
import type { MethodPorts, VerificationMethod } from './method.ts';
import { phoneMethod } from './phone.ts';

export const configSchema = Type.Object({
  lifetime: Duration({
    default: '10 min',
    duration: { min: '1 min', max: '10 min' },
    description: 'How long a texted code works.',
  }),
  directoryAttribute: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Attribute of the directory with phone numbers. They are suggested when a person adds a phone, and people who added none get texts there. Nobody confirmed them, so they count as an issued code: never together with email, never at sign-in (NIST N-37).',
      examples: ['mobile'],
    }),
  ),
});

export const sms = definePlugin({
  id: 'sms',
  summary: 'A code as a text message to confirmed phones. A restricted authenticator (NIST SP 800-63B-4 §3.2.9).',
  configSchema,
  open: ({ lifetime, directoryAttribute }, ports: MethodPorts): VerificationMethod =>
    phoneMethod(
      {
        id: 'sms',
        lifetime,
        directoryAttribute,
        message: (to, { code, template, minutes, expiresAt }, { language }) => ({
          kind: 'send-text',
          to,
          template,
          language,
          values: { code, minutes },
          expiresAt,
        }),
      },
      ports,
    ),
});
