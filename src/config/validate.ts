/** What no single key shows: contradictions between keys. A rule is skipped when a key that it reads is broken already. */
import { isIP } from 'node:net';
import { minutes } from '../kernel/clock.ts';
import { formatDuration } from './duration.ts';
import { type Finding, isLoopback, problem, type Rule, warning, when } from './finding.ts';
import type { Config } from './schema.ts';
import { auditFeeds } from './validate-audit.ts';
import { connectedSystems } from './validate-connectors.ts';
import { phases, returnTo, trust } from './validate-rollout.ts';
import {
  askedOfPeople,
  groupDns,
  groupNames,
  phoneCosts,
  phoneMethods,
  privileged,
  recovery,
  riskSteps,
  usedMethods,
  weakMethods,
} from './validate-ways.ts';

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
  { reads: ['connectors'], check: connectedSystems },
  { reads: ['rollout.phases'], check: phases },
  { reads: ['rollout.returnTo'], check: returnTo },
  { reads: ['rollout'], check: trust },
  { reads: ['audit'], check: auditFeeds },
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
