/** Names settings that are allowed and yet risky, each with why and what to do. Asks the configuration alone, no server. */
import { formatDuration } from '../config/duration.ts';
import type { Config } from '../config/schema.ts';
import { hours, minutes } from '../kernel/clock.ts';
import { ROLES } from '../staff/rights.ts';

export interface Risk {
  /** Never changes: `one-gate`. */
  id: string;
  path: string;
  weight: 'high' | 'medium';
  what: string;
  why: string;
  fix: string;
}

const PHONE = ['sms', 'voice'];

interface Rule {
  methods: readonly string[];
  gates: number;
}

type Check = (config: Config) => Risk[];

const risk = (weight: Risk['weight'], id: string, path: string, what: string, why: string, fix: string): Risk[] => [
  { id, path, weight, what, why, fix },
];

const rulesOf = ({ policy }: Config): [string, Rule][] => [
  ['policy.recovery', policy.recovery],
  ['policy.privileged', policy.privileged],
  ...policy.groups.map((group, index): [string, Rule] => [`policy.groups[${index}]`, group]),
];

const settingOf = (section: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], section);

const rules: Check = (config) =>
  rulesOf(config).flatMap(([path, { methods, gates }]) => [
    ...(gates === 1
      ? risk(
          'high',
          'one-gate',
          `${path}.gates`,
          'one gate opens the account',
          'Whoever has that one thing, a mailbox for instance, has the account.',
          'Ask for two.',
        )
      : []),
    ...(methods.includes('questions') && settingOf(config.methods, 'questions', 'countsAsGate') !== undefined
      ? risk(
          'high',
          'questions-count',
          `${path}.methods`,
          `security questions are one of ${gates} gates`,
          'Answers are guessed, looked up and phished; NIST SP 800-63B-4 accepts none.',
          'Take questions out, or remove methods.questions.countsAsGate.',
        )
      : []),
    ...(methods.every((method) => PHONE.includes(method))
      ? risk(
          'high',
          'phone-only',
          `${path}.methods`,
          'everything goes over the phone',
          'Text and call reach the same number: whoever moves the number to another SIM has both.',
          'Offer a passkey, an app or saved codes, too.',
        )
      : []),
    ...(!methods.some((method) => ['passkey', 'totp', 'recovery-code'].includes(method))
      ? risk(
          'medium',
          'nothing-of-ones-own',
          `${path}.methods`,
          'nobody can use a passkey, an app or saved codes',
          'What is left goes through others: mail providers, telephone companies, colleagues.',
          'Add passkey, totp or recovery-code.',
        )
      : []),
  ]);

const tooLong = (id: string, path: string, ms: unknown, most: number, why: string): Risk[] =>
  typeof ms === 'number' && ms > most
    ? risk('medium', id, path, `${formatDuration(ms)} is long`, why, `${formatDuration(most)} or less.`)
    : [];

const lifetimes: Check = ({ lifetimes: { flowAbsolute, sessionAbsolute, sessionIdle }, methods }) => [
  ...tooLong(
    'long-recovery',
    'lifetimes.flowAbsolute',
    flowAbsolute,
    hours(1),
    'A recovery that is left open can be gone on with by whoever sits down there.',
  ),
  ...tooLong(
    'long-session',
    'lifetimes.sessionAbsolute',
    sessionAbsolute,
    hours(8),
    'A session that is left open can be used by whoever sits down there.',
  ),
  ...tooLong(
    'long-idle',
    'lifetimes.sessionIdle',
    sessionIdle,
    minutes(30),
    'A session that is left open can be used by whoever sits down there.',
  ),
  ...['email', 'sms', 'voice'].flatMap((id) =>
    tooLong(
      'long-code',
      `methods.${id}.lifetime`,
      settingOf(methods, id, 'lifetime'),
      minutes(10),
      'The longer a code lives, the longer it can be phished or read by others (ASVS 6.5.5).',
    ),
  ),
];

const passwords: Check = ({ policy: { password }, breach }) => [
  ...(password.minLength < 15
    ? risk(
        'medium',
        'short-passwords',
        'policy.password.minLength',
        `passwords may have ${password.minLength} characters`,
        'NIST asks for 15 where a password opens accounts alone; a second factor at every sign-in was only confirmed, nobody checks it.',
        'Raise it to 15.',
      )
    : []),
  ...(breach.file === undefined && !breach.online.enabled
    ? risk(
        'medium',
        'no-breach-check',
        'breach',
        'leaked passwords are hardly noticed',
        'Only the built-in list is asked, a few hundred thousand of many hundred million.',
        'Set breach.file or breach.online.enabled.',
      )
    : []),
];

const notices: Check = ({ organisation: { alerts, help } }) => [
  ...(alerts.length === 0
    ? risk(
        'high',
        'nobody-told',
        'organisation.alerts',
        'no operator is told of incidents',
        '“It wasn’t me” and stopped recoveries wait in the console until somebody looks.',
        'Name a mailbox that is read.',
      )
    : []),
  ...(help.phone === undefined && help.text === undefined
    ? risk(
        'medium',
        'no-help',
        'organisation.help',
        'nobody learns where help is',
        'Whoever can’t go on alone asks the wrong people, or strangers who call.',
        'Set help.phone or help.text.',
      )
    : []),
];

const attempts: Check = ({ responseFloor, policy: { risk: signs, recentContact, sharedPhone }, limits }) => [
  ...(responseFloor.milliseconds < 300
    ? risk(
        'high',
        'no-floor',
        'responseFloor.milliseconds',
        `answers may come after ${responseFloor.milliseconds} ms`,
        'From how long an answer takes, strangers read which accounts exist.',
        'Set it to 800.',
      )
    : []),
  ...(signs.enabled
    ? []
    : risk(
        'high',
        'risk-off',
        'policy.risk.enabled',
        'signs of risk are not looked at',
        'An attempt from a new device in another country is treated like any other.',
        'Switch it on.',
      )),
  ...(recentContact < hours(24)
    ? risk(
        'medium',
        'contacts-at-once',
        'policy.recentContact',
        'new addresses and numbers open the account soon',
        'Whoever had a session for a minute adds an address, and comes back with it.',
        'Three days.',
      )
    : []),
  ...(sharedPhone === 'flag'
    ? risk(
        'medium',
        'shared-phones',
        'policy.sharedPhone',
        'one number may belong to several accounts',
        'Whoever gets hold of it gets all of them.',
        'Set it to refuse.',
      )
    : []),
  ...(limits.signIn.failures > 10
    ? risk(
        'medium',
        'many-passwords',
        'limits.signIn.failures',
        `${limits.signIn.failures} passwords may be tried`,
        'Directories lock an account after fewer: strangers could lock people out from here.',
        'Keep it below the lock-out of the directory.',
      )
    : []),
  ...(limits.triesPerCode > 5
    ? risk(
        'medium',
        'many-tries',
        'limits.triesPerCode',
        `a code may be tried ${limits.triesPerCode} times`,
        'Every further try doubles what guessing is worth.',
        'Five.',
      )
    : []),
  ...(limits.starts.perIpPerHour > 1_000
    ? risk(
        'medium',
        'many-starts',
        'limits.starts.perIpPerHour',
        `${limits.starts.perIpPerHour} recoveries an hour may come from one address`,
        'It is what keeps one machine from trying everybody.',
        'As many as a shared address of yours needs, no more.',
      )
    : []),
];

const canaries: Check = ({ directory, connectors }) => [
  ...(settingOf(directory, 'canary') === undefined && directory.type !== 'builtin'
    ? risk(
        'medium',
        'no-canary',
        'directory.canary',
        'the write of a password is never tried',
        'A right that got lost is noticed when the first person is locked out.',
        'Make a test account and name it.',
      )
    : []),
  ...connectors.flatMap(({ id, canary }, index) =>
    canary === undefined
      ? risk(
          'medium',
          'no-canary',
          `connectors[${index}].canary`,
          `${id} is never tried with a real password`,
          'A right that got lost is noticed when somebody’s password does not arrive.',
          'Make a test account there and name it.',
        )
      : [],
  ),
];

const people: Check = ({ console: { roles, secondApproval }, policy: { privileged } }) => [
  ...roles.flatMap((role, index) => {
    const assists = (role.rights as readonly string[]).includes('people.assist') || role.role === 'helper';
    const operator = role.role !== undefined && (ROLES[role.role] as readonly string[]).includes('settings.edit');
    const { under = [], groups = [], same = [] } = role.scope ?? {};
    return assists && !operator && [...under, ...groups, ...same].length === 0
      ? risk(
          'medium',
          'helper-everybody',
          `console.roles[${index}].scope`,
          `helpers with the role ${role.name} may help everybody`,
          'Who talks one of them round gets at any account.',
          'Give the role a scope: a site, a group, the own class.',
        )
      : [];
  }),
  ...(privileged.groups.length === 0 && Object.keys(privileged.attributes).length === 0
    ? risk(
        'medium',
        'nobody-privileged',
        'policy.privileged',
        'nobody counts as privileged',
        'Administrators recover by the same rule as everybody.',
        'Name the groups whose accounts open more than their own things.',
      )
    : []),
  ...(roles.length > 0 && !secondApproval
    ? risk(
        'medium',
        'no-second-approval',
        'console.secondApproval',
        'one operator alone changes the settings',
        'One stolen session is enough to weaken the rules.',
        'Switch it on where two operators are at work.',
      )
    : []),
];

const CHECKS: readonly Check[] = [rules, notices, attempts, lifetimes, passwords, canaries, people];

/** The heavy ones first. */
export const lint = (config: Config): Risk[] =>
  CHECKS.flatMap((check) => check(config)).toSorted(
    (a, b) => Number(b.weight === 'high') - Number(a.weight === 'high'),
  );
