/** What a policy may not say, with the sentence that tells what to write instead. */
import { expect, test } from 'vitest';
import { LDAP, loadOk, problemsOf, SMALL } from './kit.ts';

const policy = (text: string) => `${SMALL}policy: { ${text} }\n`;

test.each([
  [
    'a group of a name that is taken',
    'groups: [{ name: pupils, groups: [a] }, { name: pupils, groups: [b] }]',
    'policy.groups[1].name is taken: pupils.',
  ],
  [
    'a group by the name of the built-in rule',
    'groups: [{ name: privileged, groups: [a] }]',
    'policy.groups[0].name is taken',
  ],
  ['a rule for nobody', 'groups: [{ name: pupils }]', 'policy.groups[0] is for nobody.'],
  [
    'an attribute without values',
    'groups: [{ name: pupils, attributes: { title: [] } }]',
    'policy.groups[0].attributes.title',
  ],
  ['questions as a gate', 'recovery: { methods: [email, totp, questions] }', 'policy.recovery.methods lists questions'],
  [
    'questions as a gate for a group',
    'groups: [{ name: pupils, groups: [a], methods: [email, questions] }]',
    'policy.groups[0].methods lists questions',
  ],
  ['a weight of three', 'recovery: { weights: { passkey: 3 } }', 'policy.recovery.weights.passkey is out of range'],
  ['a kind that there is not', 'recovery: { kinds: [sent] }', 'policy.recovery.kinds[0] is not one of the choices'],
  ['four gates', 'recovery: { gates: 4 }', 'policy.recovery.gates is out of range'],
  ['no gate', 'recovery: { gates: 0 }', 'policy.recovery.gates is out of range'],
  ['no method', 'recovery: { methods: [] }', 'policy.recovery.methods has 0 entries'],
  ['privileged people with one gate', 'privileged: { gates: 1 }', 'policy.privileged.gates is out of range'],
  [
    'privileged people without passkey or app',
    'privileged: { methods: [email, recovery-code] }',
    'has neither passkey nor totp',
  ],
  [
    'something weaker for them',
    'privileged: { oneOf: [recovery-code] }',
    'policy.privileged.oneOf would let something weaker',
  ],
  [
    'their questions',
    'privileged: { methods: [totp, email, questions] }',
    'policy.privileged.methods has security questions',
  ],
  ['an address that settles for a year', 'recentContact: 365 d', 'policy.recentContact is too long'],
])('refused: %s', (_name, text, expected) => {
  expect(problemsOf(policy(text))).toEqual([expect.stringContaining(expected)]);
});

test('a group that has a plain name where the directory has DNs is refused: it would silently mean nobody', () => {
  const groups =
    'policy: { privileged: { groups: [Domain Admins] }, groups: [{ name: pupils, groups: ["cn=a,dc=x", pupils] }] }';
  expect(problemsOf(`${LDAP}${groups}\n`, {}, { bind: 'x' })).toEqual([
    expect.stringContaining('policy.privileged.groups[0] Domain Admins is not a DN'),
    expect.stringContaining('policy.groups[0].groups[1] pupils is not a DN'),
  ]);
  const fine = 'policy: { privileged: { groups: ["CN=Domain Admins,CN=Users,DC=corp,DC=test", S-1-5-32-544] } }';
  expect(problemsOf(`${LDAP}${fine}\n`, {}, { bind: 'x' })).toEqual([]);
  expect(loadOk(policy('privileged: { groups: [administrators] }')).warnings).toEqual([]);
});

test('a single gate for one group needs the same word as for everybody', () => {
  const one = 'groups: [{ name: pupils, groups: [a], gates: 1 }]';
  expect(problemsOf(policy(one))).toHaveLength(1);
  expect(loadOk(policy(`recovery: { acceptSingleGate: true }, ${one}`)).warnings.map(({ path }) => path)).toEqual([
    'policy.groups[0].gates',
  ]);
});
