/** The REST API. */
import { Type } from 'typebox';

export const apiSection = Type.Object(
  {
    enabled: Type.Boolean({
      default: false,
      description: 'Serves `/api/v1`, its document and its page. Every operation needs a token.',
    }),
    perMinute: Type.Integer({
      default: 600,
      minimum: 1,
      maximum: 100_000,
      description: 'Requests of one token in a minute, over all nodes.',
    }),
  },
  { additionalProperties: false, description: 'The REST API.' },
);
