/** Contradictions in who may get back in how: the rules of policy, and what the ways that they name need. */
import { isPhoneCountry } from '../kernel/phone.ts';
import { type Finding, isLoopback, problem, warning, when } from './finding.ts';
import type { Config } from './schema.ts';

/** A rule of one gate is a decision that somebody has to take. */
export function recovery({ policy: { recovery: rules, groups } }: Config): Finding[] {
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

export function riskSteps({ policy: { risk } }: Config): Finding[] {
  return when(risk.extraGateFrom > risk.waitFrom || risk.waitFrom > risk.stopFrom, () =>
    problem(
      'policy.risk',
      'is not in order: an extra gate comes first, then a wait, then a stop.',
      'Keep extraGateFrom ≤ waitFrom ≤ stopFrom.',
    ),
  );
}

export function groupNames({ policy: { groups } }: Config): Finding[] {
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
export function groupDns({ directory, policy: { privileged: rule, groups } }: Config): Finding[] {
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
export function privileged({ policy: { privileged: rule } }: Config): Finding[] {
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

export function phoneCosts({ texts, calls }: Config): Finding[] {
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
export function phoneMethods({ policy, texts, calls }: Config): Finding[] {
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
export function weakMethods({ policy, methods }: Config): Finding[] {
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

export function askedOfPeople({ policy, methods }: Config): Finding[] {
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
export function usedMethods({ policy, methods, publicUrl: url }: Config): Finding[] {
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
