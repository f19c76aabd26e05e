/** What no single key shows: contradictions between keys. A rule is skipped when a key that it reads is broken already. */
import { BlockList, isIP } from 'node:net';
import { minutes } from '../kernel/clock.ts';
import { isPhoneCountry } from '../kernel/phone.ts';
import { formatDuration } from './duration.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema.ts';

export type Finding = Omit<Problem, 'at'> & { is: 'problem' | 'warning' };

interface Rule {
  reads: readonly string[];
  check(config: Config): Finding[];
}

const problem = (path: string, what: string, fix: string): Finding => ({ is: 'problem', path, what, fix });
const warning = (path: string, what: string, fix: string): Finding => ({ is: 'warning', path, what, fix });
const when = (condition: boolean, finding: () => Finding): Finding[] => (condition ? [finding()] : []);

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true;
  const family = isIP(bare);
  return family !== 0 && loopback.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

// One address, without what could split a header or name a second sender.
const ADDRESS = String.raw`[^\s@<>(),;:"\\[\]\p{Cc}]{1,64}@[^\s@<>(),;:"\\[\]\p{Cc}]{1,253}`;
const SENDER = new RegExp(String.raw`^(?:${ADDRESS}|[^\p{Cc}<>@,;]{1,128}<${ADDRESS}>)$`, 'u');

function publicUrl({ publicUrl: url }: Config): Finding[] {
  const parsed = URL.parse(url);
  if (parsed?.username !== '' || parsed.password !== '') {
    return [
      problem('publicUrl', 'is not an origin.', 'Write it like https://reset.example.org, without user or path.'),
    ];
  }
  return when(parsed.protocol === 'http:' && !isLoopback(parsed.hostname), () =>
    problem('publicUrl', 'must be https: new passwords would cross the network in clear.', `https://${parsed.host}`),
  );
}

function listen({ publicUrl: url, listen: { host, trustedProxies } }: Config): Finding[] {
  const secure = url.startsWith('https:');
  return [
    ...when(!secure && !isLoopback(host), () =>
      problem(
        'listen.host',
        'opens the server to the network while publicUrl is not https.',
        'Listen on 127.0.0.1, or make publicUrl https.',
      ),
    ),
    ...when(secure && trustedProxies.length === 0, () => {
      const what =
        'is empty although a proxy must stand in front (publicUrl is https): all people would share one address and its limits.';
      return warning('listen.trustedProxies', what, 'Name the proxy’s address, for example [127.0.0.1].');
    }),
  ];
}

function timeZone({ organisation }: Config): Finding[] {
  return when(!isTimeZone(organisation.timeZone), () =>
    problem('organisation.timeZone', 'is not an IANA time zone.', 'Write it like Europe/Berlin.'),
  );
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function trustedProxies({ listen: { trustedProxies: ranges } }: Config): Finding[] {
  return ranges.flatMap((range, index): Finding[] => {
    const [address = '', prefix] = range.split('/');
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    const path = `listen.trustedProxies[${index}]`;
    if (bits < 0 || (prefix !== undefined && Number(prefix) > bits)) {
      return [problem(path, 'is neither an address nor a CIDR range.', 'Write it like 10.0.0.5 or 10.0.0.0/24.')];
    }
    return when(prefix === '0', () => problem(path, 'would believe everybody’s X-Forwarded-For.', 'Name the proxies.'));
  });
}

const sender = ({ mail }: Config): Finding[] =>
  when(!SENDER.test(mail.from), () => problem('mail.from', 'is not a sender address.', 'Example IT <it@example.org>'));

const language = ({ language: { default: fallback, offered } }: Config): Finding[] =>
  when(!offered.includes(fallback), () =>
    problem(
      'language.default',
      `"${fallback}" is not among the offered languages.`,
      `One of ${offered.join(', ')}, or add it to language.offered.`,
    ),
  );

/** A rule of one gate is a decision that somebody has to take. */
function recovery({ policy: { recovery: rules, groups } }: Config): Finding[] {
  const named = [
    { path: 'policy.recovery.gates', gates: rules.gates },
    ...groups.map(({ gates }, index) => ({ path: `policy.groups[${index}].gates`, gates })),
  ];
  return named
    .filter(({ gates }) => gates === 1)
    .map(({ path }) => {
      const what = 'is a single gate: whoever has it has the account.';
      return rules.acceptSingleGate
        ? warning(path, what, 'Fine only for accounts without a second factor (NIST N-36).')
        : problem(path, what, 'Ask for 2, or accept the risk with policy.recovery.acceptSingleGate: true.');
    });
}

function riskSteps({ policy: { risk } }: Config): Finding[] {
  return when(risk.extraGateFrom > risk.waitFrom || risk.waitFrom > risk.stopFrom, () =>
    problem(
      'policy.risk',
      'is not in order: an extra gate comes first, then a wait, then a stop.',
      'Keep extraGateFrom ≤ waitFrom ≤ stopFrom.',
    ),
  );
}

function groupNames({ policy: { groups } }: Config): Finding[] {
  return groups.flatMap(({ name, groups: members, attributes }, index) => {
    const path = `policy.groups[${index}]`;
    const taken = ['default', 'privileged'].includes(name) || groups.findIndex((one) => one.name === name) < index;
    const nobody = members.length === 0 && Object.keys(attributes).length === 0;
    return [
      ...when(taken, () => problem(`${path}.name`, `is taken: ${name}.`, 'Give every rule a name of its own.')),
      ...when(nobody, () => problem(path, 'is for nobody.', 'Add groups or attributes.')),
    ];
  });
}

/** An LDAP directory names groups by DN (or SID): a plain name would silently mean nobody. */
function groupDns({ directory, policy: { privileged: rule, groups } }: Config): Finding[] {
  if (directory.type === 'builtin') return [];
  const named: [string, readonly string[]][] = [
    ['policy.privileged.groups', rule.groups],
    ...groups.map((one, index): [string, readonly string[]] => [`policy.groups[${index}].groups`, one.groups]),
  ];
  return named.flatMap(([path, list]) =>
    list.flatMap((group, index) =>
      when(!/^[^=,]+=.+|^S-1-/.test(group), () =>
        problem(
          `${path}[${index}]`,
          `${group} is not a DN, so it would be nobody’s group.`,
          'Write it as the directory does, for example cn=admins,ou=groups,dc=example,dc=org.',
        ),
      ),
    ),
  );
}

/** The built-in minimum for privileged people: it can be made stricter, never laxer. */
function privileged({ policy: { privileged: rule } }: Config): Finding[] {
  const strong = ['passkey', 'totp'];
  return [
    ...when(!rule.methods.some((method) => strong.includes(method)), () =>
      problem(
        'policy.privileged.methods',
        'has neither passkey nor totp.',
        'Add one of the two; one of them is always asked for.',
      ),
    ),
    ...when(
      rule.oneOf.some((method) => !strong.includes(method)),
      () =>
        problem(
          'policy.privileged.oneOf',
          'would let something weaker take the place of passkey or totp.',
          'Name passkey, totp or both, or leave it out.',
        ),
    ),
    ...when(rule.methods.includes('questions'), () =>
      problem(
        'policy.privileged.methods',
        'has security questions.',
        'Remove questions: they never open a privileged account.',
      ),
    ),
  ];
}

function phoneCosts({ texts, calls }: Config): Finding[] {
  const used = texts.senders.length > 0 || calls !== undefined;
  return when(used && texts.countries.length === 0, () =>
    problem(
      'texts.countries',
      'is empty, so no number could be used.',
      'Name the countries of your people, for example [DE].',
    ),
  ).concat(
    texts.countries.flatMap((country, index) =>
      when(!isPhoneCountry(country), () =>
        problem(
          `texts.countries[${index}]`,
          `${country} has no phone numbers.`,
          'Use ISO 3166-1 codes, for example DE.',
        ),
      ),
    ),
  );
}

const PHONES = ['sms', 'voice'];
/** What N-17 calls an alternative that is not restricted. */
const UNRESTRICTED = ['passkey', 'totp', 'recovery-code'];

/** Restricted by NIST: never without a sender, and never as the only thing that a person could have. */
function phoneMethods({ policy, texts, calls }: Config): Finding[] {
  const rules: [string, readonly string[]][] = [
    ['policy.recovery.methods', policy.recovery.methods],
    ['policy.privileged.methods', policy.privileged.methods],
    ...policy.groups.map((rule, index): [string, readonly string[]] => [
      `policy.groups[${index}].methods`,
      rule.methods,
    ]),
  ];
  return rules.flatMap(([path, methods]) => [
    ...when(methods.includes('sms') && texts.senders.length === 0, () =>
      problem(path, 'lists sms, but nothing sends texts.', 'Set texts.senders up, or remove sms.'),
    ),
    ...when(methods.includes('voice') && calls === undefined, () =>
      problem(path, 'lists voice, but nothing places calls.', 'Set calls up, or remove voice.'),
    ),
    ...when(methods.some((id) => PHONES.includes(id)) && !methods.some((id) => UNRESTRICTED.includes(id)), () =>
      problem(
        path,
        'has codes to phones and nothing that could take their place (NIST N-17).',
        `Add one of ${UNRESTRICTED.join(', ')}.`,
      ),
    ),
  ]);
}

const WEAK = ['questions', 'directory-facts'];

/** Weight 0 by the book: only as something asked in addition (C-01). */
function weakMethods({ policy, methods }: Config): Finding[] {
  const settings = methods as unknown as Record<string, { countsAsGate?: string | undefined }>;
  const rules: [string, readonly string[]][] = [
    ['policy.recovery.methods', policy.recovery.methods],
    // Questions have a sentence of their own there.
    ['policy.privileged.methods', policy.privileged.methods.filter((method) => method !== 'questions')],
    ...policy.groups.map((rule, index): [string, readonly string[]] => [
      `policy.groups[${index}].methods`,
      rule.methods,
    ]),
  ];
  return rules.flatMap(([path, list]) =>
    WEAK.filter((method) => list.includes(method) && !settings[method]?.countsAsGate).map((method) =>
      problem(
        path,
        `lists ${method}, which proves nothing by itself.`,
        `Move ${method} to also: it is asked in addition there.`,
      ),
    ),
  );
}

const usedIn = ({ recovery, privileged, groups }: Config['policy'], method: string): boolean =>
  [recovery, privileged, ...groups].some(({ methods, also }) => methods.includes(method) || also.includes(method));

/** Names that forms and stored answers hang on stand for one thing only. */
function namedOnce(path: string, names: readonly string[], key: string): Finding[] {
  return names.flatMap((name, index) =>
    when(names.indexOf(name) < index, () =>
      problem(`${path}[${index}].${key}`, `is taken: ${name}.`, 'Give every entry a name of its own.'),
    ),
  );
}

function askedOfPeople({ policy, methods }: Config): Finding[] {
  const settings = methods as {
    questions?: { catalogue: readonly { id: string }[] };
    'directory-facts'?: { facts: readonly { name: string }[] };
  };
  const facts = settings['directory-facts']?.facts ?? [];
  const catalogue = settings.questions?.catalogue ?? [];
  return [
    ...namedOnce(
      'methods.questions.catalogue',
      catalogue.map(({ id }) => id),
      'id',
    ),
    ...namedOnce(
      'methods.directory-facts.facts',
      facts.map(({ name }) => name),
      'name',
    ),
    ...when(facts.length === 0 && usedIn(policy, 'directory-facts'), () =>
      problem(
        'methods.directory-facts.facts',
        'is empty, although policy asks for facts of the directory.',
        'Name an attribute and what people are asked, or take directory-facts out of policy.',
      ),
    ),
  ];
}

/** What a method needs that some rule uses. */
function usedMethods({ policy, methods, publicUrl: url }: Config): Finding[] {
  const used = [policy.recovery, policy.privileged, ...policy.groups].flatMap((rule) => [
    ...rule.methods,
    ...rule.also,
  ]);
  const settings = methods as unknown as { oidc: OidcSettings; 'contact-approval': ContactSettings };
  return [
    ...(used.includes('oidc') ? oidc(settings.oidc, url) : []),
    ...(used.includes('contact-approval') ? contactApproval(settings['contact-approval']) : []),
  ];
}

interface ContactSettings {
  managerAttribute?: string;
  ownContacts: boolean;
}

const contactApproval = ({ managerAttribute, ownContacts }: ContactSettings): Finding[] =>
  when(managerAttribute === undefined && !ownContacts, () =>
    problem(
      'methods.contact-approval',
      'has nobody who could confirm.',
      'Name the managerAttribute of your directory, or let people have ownContacts.',
    ),
  );

interface OidcSettings {
  name?: string;
  issuer?: string;
  clientId?: string;
  acr: readonly string[];
  amr: readonly string[];
  weight: number;
}

function oidc(settings: OidcSettings, own: string): Finding[] {
  const issuer = URL.parse(settings.issuer ?? '');
  const needed = (['name', 'issuer', 'clientId'] as const).filter((key) => settings[key] === undefined);
  return [
    ...needed.map((key) =>
      problem(
        `methods.oidc.${key}`,
        'is missing, but a rule of policy uses oidc.',
        key === 'clientId' ? `Register Sparekey at the provider, with ${own}/oidc/return as redirect URI.` : 'Name it.',
      ),
    ),
    ...when(issuer?.protocol === 'http:' && !isLoopback(issuer.hostname), () =>
      problem(
        'methods.oidc.issuer',
        'must be https: anybody on the way could answer for it.',
        `https://${issuer?.host}`,
      ),
    ),
    ...when(settings.weight > 1 && settings.acr.length === 0 && settings.amr.length === 0, () =>
      problem(
        'methods.oidc.weight',
        'is 2, but nothing makes sure that two factors were used at the provider.',
        'Name the level in methods.oidc.acr, or leave weight at 1.',
      ),
    ),
  ];
}

function password({ policy: { password: rules } }: Config): Finding[] {
  const path = 'policy.password.minLength';
  return [
    ...when(rules.minLength < 15 && !rules.mfaEverywhere, () =>
      problem(
        path,
        `${rules.minLength} is too short for passwords that open accounts alone (NIST: 15).`,
        'Raise it to 15, or confirm policy.password.mfaEverywhere: true.',
      ),
    ),
    ...when(rules.minLength > rules.maxLength, () =>
      problem(path, 'is above maxLength.', `At most ${rules.maxLength}.`),
    ),
    ...when(rules.substrings, () =>
      warning(
        'policy.password.substrings',
        'refuses good long passwords for one word in them; NIST compares whole passwords (N-10).',
        'Leave it out: names and words of the place are refused where they are all there is.',
      ),
    ),
  ];
}

function breach({ breach: { file, online, whenUnavailable, atSignIn } }: Config): Finding[] {
  const url = URL.parse(online.url);
  const path = 'breach.online.url';
  const asksNobody = file === undefined && !online.enabled;
  return [
    ...when(url === null, () => problem(path, 'is not a URL.', 'Write it like https://api.pwnedpasswords.com/range/')),
    ...when(url?.protocol === 'http:' && !isLoopback(url.hostname), () =>
      problem(path, 'must be https: the answers would cross the network in clear.', `https://${url?.host}/range/`),
    ),
    ...when(asksNobody && whenUnavailable === 'refuse', () =>
      problem(
        'breach.whenUnavailable',
        'is refuse, but there is nothing to ask.',
        'Set breach.file or breach.online.enabled.',
      ),
    ),
    ...when(asksNobody && atSignIn, () =>
      problem('breach.atSignIn', 'is true, but there is nothing to ask.', 'Set breach.file or breach.online.enabled.'),
    ),
  ];
}

const notAbove = (low: string, high: string, lowMs: number, highMs: number): Finding[] =>
  when(lowMs > highMs, () =>
    problem(
      low,
      `${formatDuration(lowMs)} is longer than ${high} (${formatDuration(highMs)}).`,
      `At most ${formatDuration(highMs)}.`,
    ),
  );

const flowTimes = ({ lifetimes: { flowIdle, flowAbsolute } }: Config): Finding[] =>
  notAbove('lifetimes.flowIdle', 'lifetimes.flowAbsolute', flowIdle, flowAbsolute);

const sessionTimes = ({ lifetimes: { sessionIdle, sessionAbsolute } }: Config): Finding[] =>
  notAbove('lifetimes.sessionIdle', 'lifetimes.sessionAbsolute', sessionIdle, sessionAbsolute);

const codeTimes = ({ methods }: Config): Finding[] =>
  when(((methods as Record<string, { lifetime?: number }>)['email']?.lifetime ?? 0) > minutes(10), () =>
    warning('methods.email.lifetime', 'exceeds ASVS 6.5.5 (10 min).', 'Keep 10 min unless mail is slow.'),
  );

const ladderLimits = ({ limits: { ladder } }: Config): Finding[] => [
  ...notAbove('limits.ladder.firstWait', 'limits.ladder.longestWait', ladder.firstWait, ladder.longestWait),
  ...when(ladder.freeTries >= ladder.disableAt, () =>
    problem(
      'limits.ladder.freeTries',
      'is not below disableAt, so no wait would ever happen.',
      `Below ${ladder.disableAt}.`,
    ),
  ),
];

const sendLimits = ({ limits: { sends } }: Config): Finding[] =>
  when(sends.perAccountPerHour > sends.perAccountPerDay, () =>
    problem('limits.sends.perAccountPerHour', 'is above perAccountPerDay.', `At most ${sends.perAccountPerDay}.`),
  );

function floor({ responseFloor: { milliseconds, jitter } }: Config): Finding[] {
  return [
    ...when(jitter > milliseconds, () =>
      problem('responseFloor.jitter', 'is above milliseconds.', `At most ${milliseconds}.`),
    ),
    ...when(milliseconds < 300, () =>
      warning(
        'responseFloor.milliseconds',
        'is so short that response times may tell which accounts exist.',
        'Keep 800.',
      ),
    ),
  ];
}

function databaseTls({ storage }: Config): Finding[] {
  const url = storage.engine === 'postgres' ? URL.parse(storage.url) : null;
  const open = url?.searchParams.get('sslmode') === 'disable' && url.hostname !== '' && !isLoopback(url.hostname);
  return when(open, () =>
    warning(
      'storage.url',
      `turns TLS off towards ${url?.hostname}.`,
      'Remove sslmode=disable; set storage.caFile if need be.',
    ),
  );
}

/** WebAuthn L3 §5.1.2: a browser takes the host itself or a domain above it, and never an address. */
function passkeyDomain({ publicUrl: url, methods }: Config): Finding[] {
  const rpId = (methods as Record<string, { rpId?: string }>)['passkey']?.rpId;
  const { hostname } = new URL(url);
  const above = rpId?.includes('.') && hostname.endsWith(`.${rpId}`);
  return when(rpId !== undefined && rpId !== hostname && !above, () =>
    problem(
      'methods.passkey.rpId',
      `is neither ${hostname}, the host of publicUrl, nor a domain above it.`,
      `${hostname}, or leave it out.`,
    ),
  );
}

const RULES: readonly Rule[] = [
  { reads: ['publicUrl'], check: publicUrl },
  { reads: ['publicUrl', 'listen.host', 'listen.trustedProxies'], check: listen },
  { reads: ['listen.trustedProxies'], check: trustedProxies },
  { reads: ['organisation.timeZone'], check: timeZone },
  { reads: ['mail.type', 'mail.from'], check: sender },
  { reads: ['language'], check: language },
  { reads: ['policy.recovery', 'policy.groups'], check: recovery },
  { reads: ['policy.groups'], check: groupNames },
  { reads: ['directory.type', 'policy.privileged.groups', 'policy.groups'], check: groupDns },
  { reads: ['policy.risk'], check: riskSteps },
  { reads: ['texts', 'calls'], check: phoneCosts },
  { reads: ['policy', 'texts', 'calls'], check: phoneMethods },
  { reads: ['policy.privileged'], check: privileged },
  { reads: ['policy', 'methods'], check: weakMethods },
  { reads: ['policy', 'methods', 'publicUrl'], check: usedMethods },
  { reads: ['policy', 'methods'], check: askedOfPeople },
  { reads: ['policy.password'], check: password },
  { reads: ['breach'], check: breach },
  { reads: ['lifetimes.flowIdle', 'lifetimes.flowAbsolute'], check: flowTimes },
  { reads: ['lifetimes.sessionIdle', 'lifetimes.sessionAbsolute'], check: sessionTimes },
  { reads: ['methods.email'], check: codeTimes },
  { reads: ['publicUrl', 'methods.passkey'], check: passkeyDomain },
  { reads: ['limits.ladder'], check: ladderLimits },
  { reads: ['limits.sends'], check: sendLimits },
  { reads: ['responseFloor'], check: floor },
  { reads: ['storage'], check: databaseTls },
];

const touches = (broken: string, read: string): boolean =>
  `${broken}.`.startsWith(`${read}.`) || `${read}.`.startsWith(`${broken}.`) || broken.startsWith(`${read}[`);

/** `broken`: paths whose value could not be used. */
export const crossCheck = (config: Config, broken: readonly string[]): Finding[] =>
  RULES.filter(({ reads }) => !broken.some((path) => reads.some((read) => touches(path, read)))).flatMap((rule) =>
    rule.check(config),
  );
