import { describe, expect, test } from 'vitest';
import { isLoopback } from '../../../src/config/finding.ts';
import { loadOk, problemsOf, SMALL } from './kit.ts';

const local = SMALL.replace('https://reset.example.org', 'http://localhost:8080');

describe('refused', () => {
  test.each([
    ['http for a host that is not this machine', SMALL.replace('https:', 'http:'), 'publicUrl must be https'],
    ['a public address with a user in it', SMALL.replace('https://', 'https://me:pw@'), 'publicUrl is not'],
    [
      'listening to the network without https',
      local.replace('listen: {', 'listen: { host: 0.0.0.0,'),
      'listen.host opens the server',
    ],
    [
      'a proxy that is no address',
      SMALL.replace('[127.0.0.1]', '[10.0.0.0/33]'),
      'listen.trustedProxies[0] is neither',
    ],
    ['trusting everybody', SMALL.replace('[127.0.0.1]', '[0.0.0.0/0]'), 'listen.trustedProxies[0] would believe'],
    ['a sender that is none', SMALL.replace('it@example.org', 'it.example.org'), 'mail.from is not a sender address'],
    [
      'two senders',
      SMALL.replace('it@example.org', '"it@example.org, x@example.org"'),
      'mail.from is not a sender address',
    ],
    [
      'a header in the sender',
      SMALL.replace('it@example.org', '"it@example.org\\r\\nBcc: x@example.org"'),
      'mail.from is not a sender address',
    ],
    [
      'a time zone that nobody lives in',
      SMALL.replace('organisation: {', 'organisation: { timeZone: Mars/Olympus,'),
      'organisation.timeZone is not an IANA time zone',
    ],
    [
      'an unknown method',
      `${SMALL}policy: { recovery: { methods: [email, totpp] } }\n`,
      'policy.recovery.methods[1] is not one of the choices ("totpp"). Did you mean totp?',
    ],
    [
      'the same method twice',
      `${SMALL}policy: { recovery: { methods: [email, totp, email] } }\n`,
      'policy.recovery.methods[2] stands in the list twice',
    ],
    ['a single gate', `${SMALL}policy: { recovery: { gates: 1 } }\n`, 'policy.recovery.gates is a single gate'],
    [
      'a single gate for a group',
      `${SMALL}policy: { groups: [{ name: pupils, groups: [pupils], gates: 1 }] }\n`,
      'policy.groups[0].gates is a single gate',
    ],
    [
      'a password of 14 without a second factor',
      `${SMALL}policy: { password: { minLength: 14 } }\n`,
      'policy.password.minLength 14 is too short',
    ],
    [
      'idle longer than absolute',
      `${SMALL}lifetimes: { flowIdle: 30 min, flowAbsolute: 20 min }\n`,
      'lifetimes.flowIdle 30 min is longer than lifetimes.flowAbsolute (20 min)',
    ],
    [
      'a session idle longer than absolute',
      `${SMALL}lifetimes: { sessionIdle: 1 h, sessionAbsolute: 30 min }\n`,
      'lifetimes.sessionIdle 1 h is longer',
    ],
    [
      'a first wait above the longest',
      `${SMALL}limits: { ladder: { firstWait: 10 min, longestWait: 5 min } }\n`,
      'limits.ladder.firstWait 10 min is longer',
    ],
    [
      'a ladder that ends before it begins',
      `${SMALL}limits: { ladder: { freeTries: 20, disableAt: 20 } }\n`,
      'limits.ladder.freeTries is not below disableAt',
    ],
    [
      'more than 100 tries (NIST)',
      `${SMALL}limits: { ladder: { disableAt: 101 } }\n`,
      'limits.ladder.disableAt is out of range',
    ],
    [
      'more messages per hour than per day',
      `${SMALL}limits: { sends: { perAccountPerHour: 11 } }\n`,
      'limits.sends.perAccountPerHour is above perAccountPerDay',
    ],
    [
      'more jitter than floor',
      `${SMALL}responseFloor: { milliseconds: 300, jitter: 400 }\n`,
      'responseFloor.jitter is above milliseconds',
    ],
  ])('%s', (_name, yaml, expected) => {
    expect(problemsOf(yaml)).toEqual([expect.stringContaining(expected)]);
  });
});

describe('accepted with a warning', () => {
  test.each([
    ['no proxy named behind https', SMALL.replace('[127.0.0.1]', '[]'), 'listen.trustedProxies'],
    [
      'a single gate with the risk accepted',
      `${SMALL}policy: { recovery: { gates: 1, acceptSingleGate: true } }\n`,
      'policy.recovery.gates',
    ],
    [
      'a code that lives longer than ASVS allows',
      `${SMALL}methods: { email: { lifetime: 11 min } }\n`,
      'methods.email.lifetime',
    ],
    [
      'words refused anywhere in a password',
      `${SMALL}policy: { password: { substrings: true } }\n`,
      'policy.password.substrings',
    ],
    ['a short response floor', `${SMALL}responseFloor: { milliseconds: 200 }\n`, 'responseFloor.milliseconds'],
    ['a database elsewhere without TLS', `${SMALL}storage: { engine: postgres, urlFile: url }\n`, 'storage.url'],
  ])('%s', (_name, yaml, path) => {
    const { warnings } = loadOk(yaml, {}, { url: 'postgres://u:p@db.example.org/sparekey?sslmode=disable' });
    expect(warnings.map((warning) => warning.path)).toEqual([path]);
  });
});

test.each([
  ['http on this machine', local],
  [
    'a short password when every sign-in has a second factor',
    `${SMALL}policy: { password: { minLength: 8, mfaEverywhere: true } }\n`,
  ],
  ['a sender with a name', SMALL.replace('it@example.org', 'Example IT <it@example.org>')],
])('accepted: %s', (_name, yaml) => {
  expect(loadOk(yaml).warnings).toEqual([]);
});

test('what is broken already does not hide what is wrong elsewhere', () => {
  const yaml = `${SMALL}policy: { recovery: { methods: [totpp], gates: 1 }, password: { minLength: 14 } }\nlifetimes: { stepUp: 1, flowIdle: 30 min, flowAbsolute: 5 min }\n`;
  expect(problemsOf(yaml).map((problem) => problem.split(' ')[1])).toEqual([
    'policy.recovery.methods[0]',
    'lifetimes.stepUp',
    'policy.password.minLength',
    'lifetimes.flowIdle',
  ]);
});

test.each([
  ['localhost', true],
  ['127.8.9.1', true],
  ['[::1]', true],
  ['demo.localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['localhost.example.org', false],
  ['10.0.0.1', false],
])('%s is this machine: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test.each([
  'example.com',
  'org',
  'reset.example.org.evil.example',
  'ample.org',
  'other.example.org',
  'sub.reset.example.org',
])('passkeys can’t belong to %s', (rpId) => {
  expect(problemsOf(`${SMALL}methods: { passkey: { rpId: ${rpId} } }\n`)).toEqual([
    expect.stringContaining('methods.passkey.rpId is neither reset.example.org'),
  ]);
});

test.each(['reset.example.org', 'example.org'])('passkeys may belong to %s', (rpId) => {
  expect(loadOk(`${SMALL}methods: { passkey: { rpId: ${rpId} } }\n`).warnings).toEqual([]);
});
