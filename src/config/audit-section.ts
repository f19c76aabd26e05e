/** The audit: how long it is kept, and who else gets it. */
import { Type } from 'typebox';
import { Duration, FilePath, SecretText } from '../kernel/setting.ts';

const closed = { additionalProperties: false };

const shared = {
  id: Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
    description: 'Names the feed for good: how far it is, is kept under this name.',
    examples: ['siem'],
  }),
  events: Type.Array(Type.String({ pattern: '^[a-z][a-z.-]{0,60}$' }), {
    default: [],
    uniqueItems: true,
    description: 'Only these events: whole names, or how they begin (`recovery.`). Empty: all.',
    examples: [['recovery.', 'console.', 'incident.opened']],
  }),
  from: Type.Union(
    [
      Type.Literal('beginning', { description: 'From the oldest record that is kept.' }),
      Type.Literal('now', { description: 'From the first start with this feed.' }),
    ],
    { default: 'beginning', description: 'Where a new feed begins.' },
  ),
  timeout: Duration({
    default: '10 s',
    duration: { min: '1 s', max: '1 min' },
    description: 'Time for one delivery, until the receiver has confirmed it.',
  }),
};

const HOST = {
  pattern: '^[A-Za-z0-9._:-]{1,253}$',
  description: 'Name or address of the receiver.',
  examples: ['siem.example.org'],
};

const network = {
  port: Type.Integer({ default: 6_514, minimum: 1, maximum: 65_535, description: 'Port of the receiver.' }),
  tls: Type.Boolean({
    default: true,
    description: 'TLS. `false` works only for a receiver on this machine.',
  }),
  caFile: Type.Optional(
    FilePath({ description: 'PEM file of the only authorities to trust, instead of the usual ones.' }),
  ),
  certFile: Type.Optional(
    FilePath({ description: 'PEM file of our own certificate, for receivers that ask for one. Needs keyFile.' }),
  ),
  keyFile: Type.Optional(FilePath({ description: 'PEM file of the private key that belongs to certFile.' })),
};

const lines = {
  host: Type.Optional(Type.String(HOST)),
  ...network,
  file: Type.Optional(
    FilePath({
      description: 'Appends lines to this file, for an agent on this machine; instead of host.',
      examples: ['/var/log/sparekey/audit.log'],
    }),
  ),
};

const feed = Type.Union(
  [
    Type.Object(
      {
        type: Type.Literal('syslog', { description: 'Syslog (RFC 5424) over TLS (RFC 5425).' }),
        ...shared,
        host: Type.String(HOST),
        ...network,
      },
      { ...closed, title: 'syslog', description: 'Syslog (RFC 5424) over TLS (RFC 5425).' },
    ),
    Type.Object(
      {
        type: Type.Literal('cef', { description: 'CEF, inside of syslog over TLS, or as lines of a file.' }),
        ...shared,
        ...lines,
      },
      { ...closed, title: 'cef', description: 'CEF, inside of syslog over TLS, or as lines of a file.' },
    ),
    Type.Object(
      {
        type: Type.Literal('json', { description: 'JSON lines over TLS, or in a file.' }),
        ...shared,
        ...lines,
      },
      { ...closed, title: 'json', description: 'JSON lines over TLS, or in a file.' },
    ),
    Type.Object(
      {
        type: Type.Literal('webhook', { description: 'Signed messages (Standard Webhooks).' }),
        ...shared,
        url: Type.String({
          pattern: '^https?://[^\\s#]+$',
          description: 'Where the receiver listens. `http:` works only on this machine.',
          examples: ['https://siem.example.org/hooks/sparekey'],
        }),
        secret: SecretText({
          description: 'Shared secret that messages are signed with: `whsec_` and 24 to 64 bytes in base64.',
        }),
        formerSecret: Type.Optional(
          SecretText({ description: 'The secret before, while you change it: messages are signed with both.' }),
        ),
        caFile: network.caFile,
      },
      { ...closed, title: 'webhook', description: 'Signed messages (Standard Webhooks).' },
    ),
  ],
  { description: 'One feed.' },
);

export const auditSection = Type.Object(
  {
    keep: Duration({
      default: '365 d',
      duration: { min: '30 d', max: '3650 d' },
      description: 'How long records are kept. A sealed checkpoint takes the place of older ones.',
    }),
    holdForFeeds: Duration({
      default: '90 d',
      duration: { min: '0 d', max: '365 d' },
      description: 'So much longer are records kept that a feed has not delivered yet.',
    }),
    feeds: Type.Array(feed, {
      default: [],
      maxItems: 20,
      description: 'Who gets every new record, too.',
    }),
  },
  { ...closed, description: 'The audit: how long it is kept, and who else gets it.' },
);
