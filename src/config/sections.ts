/** The sections of `sparekey.yaml` that don't come from plug-ins. Defaults and ranges: standards.md section 12. */
import { Type } from 'typebox';
import { Duration, FilePath, SecretText } from './kinds.ts';

const closed = { additionalProperties: false };
const count = (value: number, [minimum, maximum]: [number, number], description: string) =>
  Type.Integer({ default: value, minimum, maximum, description });
const duration = (value: string, [min, max]: [string, string], description: string) =>
  Duration({ default: value, duration: { min, max }, description });
const words = (description: string, examples: string[][]) =>
  Type.Array(Type.String({ minLength: 1 }), { default: [], uniqueItems: true, description, examples });

export const publicUrl = Type.String({
  pattern: '^https?://[^/?#@\\s]+$',
  description:
    'Where people reach Sparekey, without a path. Links in mails start with it. Must be https, except on localhost.',
  examples: ['https://reset.example.org'],
});

export const listen = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', minLength: 1, description: 'Address that the server listens on.' }),
    port: count(8080, [1, 65_535], 'Port that the server listens on.'),
    trustedProxies: Type.Array(Type.String({ pattern: '^[0-9a-fA-F.:]+(/[0-9]{1,3})?$' }), {
      default: [],
      uniqueItems: true,
      description: 'Reverse proxies (address or CIDR range) whose X-Forwarded-For is believed. Nobody else’s is.',
      examples: [['10.0.0.0/24', '::1']],
    }),
  },
  { ...closed, description: 'Where the server listens: behind a reverse proxy that speaks TLS.' },
);

export const organisation = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 80,
      description: 'Shown in page titles, mails and authenticator apps. Its words are refused as passwords.',
      examples: ['Example University'],
    }),
    timeZone: Type.String({
      default: 'UTC',
      pattern: '^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$',
      description: 'IANA time zone in which mails and pages tell times.',
      examples: ['Europe/Berlin'],
    }),
    signInUrl: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s]+$',
        description: 'Where people sign in once they have their new password. Shown as the last button.',
        examples: ['https://portal.example.org'],
      }),
    ),
    help: Type.Object(
      {
        text: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'One sentence on where to get help.',
            examples: ['Room 12, main building.'],
          }),
        ),
        phone: Type.Optional(
          Type.String({ minLength: 1, description: 'Help desk number.', examples: ['+49 30 1234567'] }),
        ),
        hours: Type.Optional(
          Type.String({ minLength: 1, description: 'When somebody answers.', examples: ['Mon–Fri 8–17'] }),
        ),
      },
      { ...closed, description: 'The way out for people whom Sparekey can’t help. Shown on every error page.' },
    ),
  },
  { ...closed, description: 'Who runs this.' },
);

const LANGUAGE = '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$';

export const languageSection = (known: readonly string[]) =>
  Type.Object(
    {
      default: Type.String({
        default: 'en',
        pattern: LANGUAGE,
        description: 'Used when the browser and the directory name none that is offered.',
      }),
      offered: Type.Array(known.length > 0 ? Type.Enum([...known] as string[]) : Type.String({ pattern: LANGUAGE }), {
        default: known.length > 0 ? [...known] : ['en', 'de', 'ar'],
        minItems: 1,
        uniqueItems: true,
        description: 'Languages that people can choose.',
      }),
    },
    { ...closed, description: 'Languages of pages and mails.' },
  );

const sqlite = Type.Object(
  {
    engine: Type.Literal('sqlite', { description: 'One file, one process. Nothing to set up.' }),
    file: FilePath({ default: 'data/sparekey.sqlite', description: 'The database file. Its folder must be writable.' }),
  },
  closed,
);
const postgres = Type.Object(
  {
    engine: Type.Literal('postgres', { description: 'A PostgreSQL server, for any number of equal nodes.' }),
    url: SecretText({
      pattern: '^postgres(ql)?://',
      description: 'Connection URL, with the password in it. TLS is used and verified, except on this machine.',
      examples: ['postgres://sparekey:…@db.example.org/sparekey'],
    }),
    caFile: Type.Optional(
      FilePath({ description: 'PEM file with the CA of the server, when the system doesn’t know it.' }),
    ),
    poolSize: count(10, [1, 200], 'Connections that one node opens at most.'),
  },
  closed,
);
export const storage = Type.Union([sqlite, postgres], {
  default: { engine: 'sqlite' },
  description: 'Where flows, enrolments, jobs and the audit are kept.',
});

export const keysFile = FilePath({
  default: 'data/keys.json',
  description: 'File with the server’s keys (mode 0600, made at first start). Back it up apart from the database.',
});

export const policySection = (methods: readonly string[]) =>
  Type.Object(
    {
      recovery: Type.Object(
        {
          anyOf: Type.Array(
            Type.Array(methods.length > 0 ? Type.Enum([...methods] as string[]) : Type.String({ minLength: 1 }), {
              minItems: 1,
            }),
            {
              default: [
                ['email', 'totp'],
                ['email', 'recovery-code'],
              ],
              minItems: 1,
              description: 'Combinations of ways to verify; a person must pass all gates of one of them.',
              examples: [[['email', 'totp']]],
            },
          ),
          acceptSingleGate: Type.Boolean({
            default: false,
            description:
              'Allows combinations of one gate. NIST accepts that only for accounts without a second factor (N-36).',
          }),
        },
        { ...closed, description: 'What proves who somebody is.' },
      ),
      password: Type.Object(
        {
          minLength: count(15, [8, 64], 'Shortest new password in characters. Below 15 only with `mfaEverywhere`.'),
          mfaEverywhere: Type.Boolean({
            default: false,
            description: 'Confirms that every sign-in with these passwords asks for a second factor.',
          }),
          maxLength: count(128, [64, 128], 'Longest new password in characters.'),
          history: count(5, [0, 24], 'How many earlier passwords Sparekey remembers, where the directory doesn’t.'),
          contextWords: words('Words that no password may consist of: product names, the town, the mascot.', [
            ['hogwarts', 'gryffindor'],
          ]),
        },
        { ...closed, description: 'Rules for new passwords, on top of those of the directory.' },
      ),
    },
    { ...closed, description: 'Who may recover how.' },
  );

export const limits = Type.Object(
  {
    starts: Type.Object(
      {
        perIdentifierPerHour: count(5, [1, 100], 'Recoveries begun for one username.'),
        perIpPerHour: count(
          20,
          [1, 10_000],
          'Recoveries begun from one address (/64 for IPv6). Raise it behind a shared address.',
        ),
      },
      { ...closed, description: 'Beginning a recovery.' },
    ),
    sends: Type.Object(
      {
        perAccountPerHour: count(5, [1, 50], 'Messages to one account.'),
        perAccountPerDay: count(10, [1, 200], 'Messages to one account.'),
        perDestinationPerHour: count(5, [1, 50], 'Messages to one address.'),
        resendWait: duration('60 s', ['10 s', '10 min'], 'Wait before a code can be sent again.'),
        resendsPerFlow: count(3, [0, 10], 'Codes sent again in one recovery.'),
      },
      { ...closed, description: 'Sending codes.' },
    ),
    triesPerCode: count(5, [1, 10], 'Wrong tries before a code is void.'),
    signIn: Type.Object(
      {
        failures: count(
          4,
          [1, 20],
          'Wrong passwords at the portal before it stops asking the directory. Keep it below the directory’s own lockout.',
        ),
        window: duration('15 min', ['1 min', '24 h'], 'Time in which they are counted.'),
      },
      { ...closed, description: 'Signing in at the portal.' },
    ),
    ladder: Type.Object(
      {
        freeTries: count(10, [3, 50], 'Failures in a row (per account and method) before the first wait.'),
        firstWait: duration('30 s', ['1 s', '10 min'], 'The first wait; doubles with every further failure.'),
        longestWait: duration('1 h', ['1 min', '24 h'], 'The wait doubles up to this.'),
        disableAt: count(
          50,
          [11, 100],
          'Failures in a row after which the method must be set up anew. NIST’s hard limit is 100 (N-24).',
        ),
      },
      { ...closed, description: 'What repeated failures cost. The directory account itself is never locked.' },
    ),
  },
  { ...closed, description: 'How often things may be tried.' },
);

export const lifetimes = Type.Object(
  {
    emailCode: duration(
      '10 min',
      ['5 min', '24 h'],
      'How long a mailed code and link work. More than 10 min exceeds ASVS 6.5.5.',
    ),
    flowIdle: duration('10 min', ['2 min', '30 min'], 'A recovery ends after so long without a step.'),
    flowAbsolute: duration('30 min', ['5 min', '2 h'], 'A recovery ends after this, whatever happens.'),
    sessionIdle: duration('15 min', ['2 min', '1 h'], 'A portal session ends after so long without a click.'),
    sessionAbsolute: duration('8 h', ['5 min', '12 h'], 'A portal session ends after this, whatever happens.'),
    stepUp: duration('5 min', ['1 min', '5 min'], 'How recent a proof must be to add or remove ways to verify.'),
  },
  { ...closed, description: 'How long things last.' },
);

export const responseFloor = Type.Object(
  {
    milliseconds: count(800, [0, 10_000], 'Shortest time that an answer about an account takes, in milliseconds.'),
    jitter: count(100, [0, 2_000], 'Random spread around it, in milliseconds.'),
  },
  { ...closed, description: 'Makes answers for existing and unknown accounts take equally long.' },
);

export const log = Type.Object(
  {
    level: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], {
      default: 'info',
      description: 'The least important messages that are still written.',
    }),
  },
  { ...closed, description: 'The log on standard output, one JSON object per line.' },
);
