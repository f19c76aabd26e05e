/** The help desk: who else is told of what it does. */
import { Type } from 'typebox';
import { Duration, FilePath, SecretText } from '../kernel/setting.ts';

const closed = { additionalProperties: false };

export const deskSection = Type.Object(
  {
    ticketWebhook: Type.Optional(
      Type.Object(
        {
          url: Type.String({
            pattern: '^https?://[^\\s#]+$',
            description: 'Where the ticket system listens. `http:` works only on this machine.',
            examples: ['https://tickets.example.org/hooks/sparekey'],
          }),
          secret: SecretText({
            description: 'Shared secret that messages are signed with: `whsec_` and 24 to 64 bytes in base64.',
          }),
          caFile: Type.Optional(
            FilePath({ description: 'PEM file of the only authorities to trust, instead of the usual ones.' }),
          ),
          timeout: Duration({
            default: '10 s',
            duration: { min: '1 s', max: '1 min' },
            description: 'Time for one attempt.',
          }),
        },
        { ...closed, description: 'A ticket system that is told of every act of the help desk (Standard Webhooks).' },
      ),
    ),
  },
  { ...closed, description: 'The help desk.' },
);
