/** The sections of `sparekey.yaml` that don't come from plug-ins. Defaults and ranges: standards.md section 12. */
import { Type } from 'typebox';
import { Duration, FilePath, SecretText } from '../kernel/setting.ts';

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
    alerts: words(
      'Mail addresses of operators who are told at once when somebody says “It wasn’t me” or risk stops a recovery.',
      [['security@example.org']],
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

const WEIGHTS = Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 2 }), {
  default: {},
  description: 'What a method counts as, where it is to count less than it could: 0 asks it in vain, 1 is one gate.',
  examples: [{ passkey: 1 }],
});

const KINDS = ['issued', 'saved', 'contact', 'bound'] as const;

/** What every rule has. `shared`: the rule of the same name that an absent key falls back to. */
const rule = (methods: readonly string[], defaults: { gates: number; fewest: number }) => {
  const method = methods.length > 0 ? Type.Enum([...methods] as string[]) : Type.String({ minLength: 1 });
  return {
    gates: count(
      defaults.gates,
      [defaults.fewest, 3],
      'How many gates must be passed. A passkey that checks the person (PIN, finger, face) counts as two.',
    ),
    weights: WEIGHTS,
    oneOf: Type.Array(method, {
      default: [],
      uniqueItems: true,
      description: 'One of these must be among the gates.',
      examples: [['passkey', 'totp']],
    }),
    kinds: Type.Array(Type.Enum([...KINDS]), {
      default: [],
      uniqueItems: true,
      description:
        'Each of these kinds must be among the gates: codes that are sent (issued), kept (saved) or come through somebody (contact), and bound authenticators (bound).',
    }),
    also: Type.Array(method, {
      default: [],
      uniqueItems: true,
      description: 'Asked in addition, of everybody who can answer; they count nothing.',
      examples: [['directory-facts']],
    }),
  };
};

const allowed = (methods: readonly string[], description: string, fallback: string[]) =>
  Type.Array(methods.length > 0 ? Type.Enum([...methods] as string[]) : Type.String({ minLength: 1 }), {
    default: methods.length > 0 ? fallback.filter((method) => methods.includes(method)) : fallback,
    minItems: 1,
    uniqueItems: true,
    description,
    examples: [['email', 'totp', 'passkey', 'recovery-code']],
  });

const match = {
  groups: words('Groups (DN or name) whose members it is for; members of groups in them too.', [
    ['cn=admins,ou=groups,dc=example,dc=org'],
  ]),
  attributes: Type.Record(Type.String(), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }), {
    default: {},
    description: 'Attributes of the directory and the values that people must have to be meant.',
    examples: [{ employeeType: ['contractor'] }],
  }),
};

const BASIC = ['email', 'totp', 'passkey', 'recovery-code'];

export const policySection = (methods: readonly string[]) =>
  Type.Object(
    {
      recovery: Type.Object(
        {
          methods: allowed(methods, 'Ways to verify that people may use.', BASIC),
          ...rule(methods, { gates: 2, fewest: 1 }),
          acceptSingleGate: Type.Boolean({
            default: false,
            description:
              'Allows rules of one gate. NIST accepts that only for accounts without a second factor (N-36); whoever has one must show it all the same.',
          }),
        },
        { ...closed, description: 'What proves who somebody is, where no rule of a group says otherwise.' },
      ),
      privileged: Type.Object(
        {
          ...match,
          methods: allowed(methods, 'Ways to verify that these people may use.', BASIC),
          ...rule(methods, { gates: 2, fewest: 2 }),
        },
        {
          ...closed,
          description:
            'People whose account opens more than their own things. Always two different ways at least, one of them a passkey or an authenticator app; no setting goes below that.',
        },
      ),
      groups: Type.Array(
        Type.Object(
          {
            name: Type.String({
              pattern: '^[a-z0-9][a-z0-9-]{0,40}$',
              description: 'Names the rule in log and audit.',
              examples: ['students'],
            }),
            ...match,
            methods: allowed(methods, 'Ways to verify that these people may use.', BASIC),
            ...rule(methods, { gates: 2, fewest: 1 }),
          },
          closed,
        ),
        {
          default: [],
          description:
            'Rules for groups of people; a group or an attribute is enough to be meant. The first that fits is taken.',
        },
      ),
      recentContact: duration(
        '3 d',
        ['0 s', '30 d'],
        'How long an address or number that was added later does not open anything yet. The first ones of a person work at once.',
      ),
      sharedPhone: Type.Enum(['refuse', 'flag'], {
        default: 'refuse',
        description:
          'What happens when a number is added that another account has: refused, or taken and noted in the audit.',
      }),
      reconfirmAfter: duration(
        '365 d',
        ['30 d', '1095 d'],
        'After so long people are asked whether their ways to verify are still right (NIST N-35: every year).',
      ),
      risk: Type.Object(
        {
          enabled: Type.Boolean({ default: true, description: 'Whether signs of risk are looked at.' }),
          extraGateFrom: count(
            3,
            [1, 99],
            'Points from which one more gate is asked for. A new device, a new network and an unusual hour are one point each; an impossible speed or many names from one source three; many sources on one account two.',
          ),
          waitFrom: count(4, [1, 99], 'Points from which the person has to wait while everybody is told.'),
          stopFrom: count(6, [1, 99], 'Points from which the attempt is stopped and operators are told.'),
          wait: duration('30 min', ['1 min', '24 h'], 'How long the wait is.'),
          namesFromSource: count(
            10,
            [2, 10_000],
            'Different names from one address within an hour that are still usual. Raise it behind a shared address.',
          ),
          sourcesOnAccount: count(
            5,
            [2, 1_000],
            'Different addresses that try one account within a day and are still usual.',
          ),
          locationFile: Type.Optional(
            FilePath({
              description:
                'Location database in MaxMind format (GeoLite2 City, DB-IP City …). Without it no speed is computed.',
            }),
          ),
        },
        { ...closed, description: 'What happens when an attempt looks unusual.' },
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
          substrings: Type.Boolean({
            default: false,
            description:
              'Refuses those words, and names of the person, anywhere in a password. NIST asks for whole passwords only (N-10).',
          }),
        },
        { ...closed, description: 'Rules for new passwords, on top of those of the directory.' },
      ),
    },
    { ...closed, description: 'Who may recover how.' },
  );

/** What keeps strangers from spending the organisation's money (A14). */
export const phoneCosts = {
  countries: Type.Array(Type.String({ pattern: '^[A-Z]{2}$' }), {
    default: [],
    uniqueItems: true,
    description:
      'Countries (ISO 3166-1) whose numbers may be added, and are written to or called. No other number ever is. Numbers written without + are read as those of the first one.',
    examples: [['DE', 'AT', 'CH']],
  }),
  budgetPerDay: count(
    500,
    [1, 1_000_000],
    'Texts and calls a day, all people together. At 80 % operators are told; at 100 % nothing is sent any more.',
  ),
  neighboursPerHour: count(
    10,
    [2, 1_000],
    'Different numbers that share all but their last two digits and may get codes within an hour. More look like fraud and get nothing. Raise it where people use extensions of one switchboard.',
  ),
  unansweredPerHour: count(
    30,
    [5, 100_000],
    'Codes that may go to one range of numbers (same first five digits) within an hour before one in ten must have been typed in. A range that hardly answers looks like fraud and gets nothing.',
  ),
};

/** What every connected system has, whatever it is. */
export const connected = {
  id: Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,40}$',
    description: 'Names the system in log, audit and `sparekey connectors`.',
    examples: ['library'],
  }),
  label: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 60,
      description: 'What people call it; shown when the password has arrived. Default: the id.',
      examples: ['Library'],
    }),
  ),
  appliesTo: Type.Object(match, {
    ...closed,
    default: {},
    description: 'Whose accounts it has; a group or an attribute is enough to be meant. Empty: everybody’s.',
  }),
  account: Type.String({
    default: '{username}',
    minLength: 1,
    maxLength: 200,
    description:
      'What a person is called there: text with {username}, {mail}, {displayName} or {an attribute of the directory} in it, each with |lower, |upper or |local (the part of an address before the @) if wanted. Whoever lacks the value has no account there.',
    examples: ['{mail|local}@library.example.org', '{employeeNumber}'],
  }),
  after: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    uniqueItems: true,
    description: 'Ids of systems that must have taken the password first. Others go at the same time.',
  }),
  concurrency: count(2, [1, 50], 'Accounts that a node writes there at the same time.'),
  canary: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'A test account there (as `account` would name it). `sparekey connectors check` really sets its password to a random one.',
    }),
  ),
};

export const breach = Type.Object(
  {
    file: Type.Optional(
      FilePath({
        description:
          'Corpus of breached passwords, made by `sparekey breach build`. Used as soon as another lies there.',
        examples: ['/var/lib/sparekey/breached.corpus'],
      }),
    ),
    online: Type.Object(
      {
        enabled: Type.Boolean({
          default: false,
          description: 'Asks the range API of Pwned Passwords. Five hexadecimal digits of a hash leave, never more.',
        }),
        url: Type.String({
          default: 'https://api.pwnedpasswords.com/range/',
          pattern: '^https?://[^?#@\\s]+$',
          description: 'Where ranges are asked for: that service or a mirror of your own. Must be https.',
        }),
        timeout: duration('1500 ms', ['100 ms', '10 s'], 'How long an answer may take; then the file is asked.'),
      },
      { ...closed, description: 'Asking online. When it fails, the file answers.' },
    ),
    atSignIn: Type.Boolean({
      default: false,
      description: 'Looks passwords up when people sign in, too, and asks them to change a breached one.',
    }),
    whenUnavailable: Type.Enum(['accept', 'refuse'], {
      default: 'accept',
      description:
        'What happens to a new password that could not be looked up. The built-in blocklist is always enforced.',
    }),
  },
  { ...closed, description: 'Known-breached passwords. Nothing set: only the built-in blocklist is used.' },
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
    flowIdle: duration('10 min', ['2 min', '30 min'], 'A recovery ends after so long without a step.'),
    flowAbsolute: duration('30 min', ['5 min', '2 h'], 'A recovery ends after this, whatever happens.'),
    sessionIdle: duration('15 min', ['2 min', '1 h'], 'A portal session ends after so long without a click.'),
    sessionAbsolute: duration('8 h', ['5 min', '12 h'], 'A portal session ends after this, whatever happens.'),
    connectedSystems: duration(
      '24 h',
      ['5 min', '7 d'],
      'How long a new password is tried in connected systems that do not take it. So long it lies sealed in the database.',
    ),
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
