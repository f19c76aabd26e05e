import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { renderProblems } from '../../../src/config/problem.ts';
import { folder, LDAP, load, loadOk, problemsOf, registries, SMALL } from './kit.ts';

describe('a small configuration', () => {
  test('is complete with the shipping defaults, durations in milliseconds', () => {
    const { config, warnings } = loadOk(SMALL);
    expect(config.listen).toMatchObject({ host: '127.0.0.1', port: 8080 });
    const basic = ['email', 'totp', 'passkey', 'recovery-code'];
    expect(config.policy.recovery).toEqual({
      methods: basic,
      gates: 2,
      weights: {},
      oneOf: [],
      kinds: [],
      also: [],
      acceptSingleGate: false,
    });
    expect(config.policy.privileged).toMatchObject({ methods: basic, gates: 2, groups: [], attributes: {} });
    expect(config.policy.groups).toEqual([]);
    expect(config.policy).toMatchObject({ recentContact: 259_200_000, sharedPhone: 'refuse' });
    expect(config.methods).toEqual({
      email: { lifetime: 600_000 },
      totp: {},
      passkey: {},
      'recovery-code': {},
      questions: {},
    });
    expect(config.lifetimes).toMatchObject({ sessionAbsolute: 28_800_000 });
    expect(config.limits.ladder).toEqual({ freeTries: 10, firstWait: 30_000, longestWait: 3_600_000, disableAt: 50 });
    expect(config.directory).toEqual({ type: 'builtin' });
    expect(config.mail).toMatchObject({ type: 'smtp', port: 587 });
    expect(warnings).toEqual([]);
  });

  test('has paths that count from the folder of the file', () => {
    const home = folder({ 'etc/sparekey.yaml': `${SMALL}keysFile: ../keys.json\n` });
    const loaded = loadConfig({ file: join(home, 'etc/sparekey.yaml'), env: {}, registries });
    expect(loaded).toMatchObject({
      config: { keysFile: join(home, 'keys.json'), storage: { file: join(home, 'etc/data/sparekey.sqlite') } },
    });
  });

  test('takes SQLite’s :memory: for what it is', () => {
    expect(
      loadOk(SMALL, { SPAREKEY_STORAGE_ENGINE: 'sqlite', SPAREKEY_STORAGE_FILE: ':memory:' }).config.storage,
    ).toEqual({
      engine: 'sqlite',
      file: ':memory:',
    });
  });

  test('needs no engine for a variable that only sqlite has', () => {
    expect(loadOk(SMALL, { SPAREKEY_STORAGE_FILE: ':memory:' }).config.storage).toEqual({
      engine: 'sqlite',
      file: ':memory:',
    });
  });

  test('can come from the environment alone', () => {
    const env = {
      SPAREKEY_PUBLIC_URL: 'https://reset.example.org',
      SPAREKEY_LISTEN_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      SPAREKEY_LISTEN_PORT: '9000',
      SPAREKEY_ORGANISATION_NAME: 'Example',
      SPAREKEY_DIRECTORY_TYPE: 'builtin',
      SPAREKEY_MAIL_TYPE: 'smtp',
      SPAREKEY_MAIL_HOST: '12345',
      SPAREKEY_MAIL_FROM: 'it@example.org',
      SPAREKEY_POLICY_RECOVERY_METHODS: 'email, totp',
      SPAREKEY_POLICY_RECOVERY_WEIGHTS: '{ totp: 0 }',
      SPAREKEY_POLICY_GROUPS: '[{ name: pupils, groups: ["cn=pupils,dc=x"], gates: 3 }]',
      SPAREKEY_METHODS_EMAIL_LIFETIME: '5 min',
      SPAREKEY_POLICY_RECOVERY_ACCEPT_SINGLE_GATE: 'true',
      SPAREKEY_LOG_LEVEL: '',
    };
    expect(loadConfig({ file: undefined, env, registries })).toMatchObject({
      is: 'ok',
      config: {
        listen: { port: 9000, trustedProxies: ['10.0.0.0/8', '::1'] },
        mail: { host: '12345' },
        policy: {
          recovery: { methods: ['email', 'totp'], weights: { totp: 0 }, acceptSingleGate: true },
          groups: [{ name: 'pupils', groups: ['cn=pupils,dc=x'], gates: 3, kinds: [] }],
        },
        methods: { email: { lifetime: 300_000 } },
        log: { level: 'info' },
      },
    });
  });
});

describe('problems', () => {
  test('are told all at once, each with its line and column', () => {
    const yaml = `publicUrl: http://reset.example.org
listen: { port: 99999 }
organisation:
  nmae: Example
language: { default: fr }
directory: { type: opneldap }
mail: { type: smtp, from: it@example.org }
lifetimes:
  flowIdle: 20 minutes
  stepUp: 300
log: { level: verbose }
`;
    expect(problemsOf(yaml)).toEqual([
      '2:11 listen.port is out of range ("99999").',
      '4:3 organisation.nmae is not a known key. Did you mean name?',
      '3:1 organisation.name is missing. Add name: Example University',
      '6:14 directory.type is not one of the choices ("opneldap"). Did you mean openldap?',
      '7:1 mail.host is missing. Add host: …',
      '9:3 lifetimes.flowIdle is not a duration ("20 minutes"). Write 10 min',
      '10:3 lifetimes.stepUp is not a duration ("300"). Add a unit: 300 s, 300 min or 300 h',
      '11:8 log.level is not one of the choices ("verbose").',
      '1:1 publicUrl must be https: new passwords would cross the network in clear. https://reset.example.org',
      '5:13 language.default "fr" is not among the offered languages. One of en, de, ar, or add it to language.offered.',
    ]);
  });

  test.each([
    [
      'a number where text belongs',
      SMALL.replace('name: Example', 'name: 2026'),
      '3:17 organisation.name must be text, at most 80 characters, but is a number ("2026"). Put it in quotes: "2026"',
    ],
    [
      'a value where a section belongs',
      `${SMALL}log: info\n`,
      '6:1 log must be a section, but is text. Write its keys below it, indented by two spaces.',
    ],
    [
      'a value where a list belongs',
      `${SMALL}language: { offered: en }\n`,
      '6:13 language.offered must be a list, but is text. Write it in brackets: [en]',
    ],
    ['an empty list', `${SMALL}language: { offered: [] }\n`, '6:13 language.offered has 0 entries.'],
    [
      'an entry twice',
      `${SMALL}language: { offered: [en, de, en] }\n`,
      '6:31 language.offered[2] stands in the list twice. Remove one of the two.',
    ],
    [
      'a duration out of range',
      `${SMALL}methods: { email: { lifetime: 25 h } }\n`,
      '6:21 methods.email.lifetime is too long ("25 h").',
    ],
    [
      'a key twice',
      `${SMALL}log: { level: info }\nlog: { level: warn }\n`,
      '7:1  the same key stands twice. Keep one of the two lines.',
    ],
    [
      'a key of another plug-in',
      SMALL.replace('builtin', 'builtin, bindDn: x'),
      '4:29 directory.bindDn is not a known key. Belongs to type: openldap.',
    ],
    [
      'a section that must be there',
      SMALL.replace('directory: { type: builtin }\n', ''),
      '1:1 directory is missing. Add directory: and below it type: …',
    ],
    [
      'an unclosed bracket',
      `${SMALL}log: { level: info\n`,
      '7:1  not valid YAML (BAD_INDENT). Line it up with its neighbours, two spaces per level.',
    ],
    ['a list for a file', '- a\n', '1:1  the file must hold keys and values. Write `key: value` lines.'],
  ])('%s', (_name, yaml, expected) => {
    expect(problemsOf(yaml)).toContain(expected);
  });

  test('of a variable name the variable', () => {
    expect(problemsOf(SMALL, { SPAREKEY_LISTEN_PORT: 'eighty' })).toEqual([
      'SPAREKEY_LISTEN_PORT listen.port must be a whole number, 1 to 65535, but is text ("eighty").',
    ]);
  });

  test('of a file that is not there name the file', () => {
    const loaded = loadConfig({ file: '/nowhere/sparekey.yaml', env: {}, registries });
    expect(loaded).toMatchObject({ is: 'invalid', problems: [{ what: 'there is no such file.' }] });
  });

  test('read as file:line:column, key, what is allowed and what to do', () => {
    const loaded = load(SMALL.replace('smtp', 'smpt'));
    if (loaded.is === 'ok') throw new Error('Accepted.');
    const text = renderProblems(loaded.problems);
    expect(text).toMatch(
      /sparekey\.yaml:5:9 {2}mail\.type: is not one of the choices \("smpt"\)\.\n {4}allowed: smtp\n {4}fix: {5}Did you mean smtp\?$/,
    );
  });
});

test('a variable that means nothing is a warning with the likely name, because Kubernetes sets some of its own', () => {
  const { warnings } = loadOk(SMALL, {
    SPAREKEY_LISTN_PORT: '1',
    SPAREKEY_SERVICE_HOST: '10.0.0.1',
    SPAREKEY_CONFIG: 'x',
  });
  expect(warnings.map(({ at, fix }) => [at, fix])).toEqual([
    [{ is: 'environment', name: 'SPAREKEY_LISTN_PORT' }, 'Did you mean SPAREKEY_LISTEN_PORT?'],
    [{ is: 'environment', name: 'SPAREKEY_SERVICE_HOST' }, undefined],
  ]);
});

describe('a secret', () => {
  test('comes from the file that …File names, without the line break at its end', () => {
    const { config } = loadOk(LDAP, {}, { bind: ' sesame \n' });
    expect(config.directory).toMatchObject({ bindPassword: ' sesame ' });
  });

  test.each([
    ['in a variable', { SPAREKEY_DIRECTORY_BIND_PASSWORD: 'from env' }, 'from env'],
    ['in a file that a variable names', { SPAREKEY_DIRECTORY_BIND_PASSWORD_FILE: 'other' }, 'from other'],
  ])('%s wins over the configuration file', (_name, env, expected) => {
    const { config } = loadOk(LDAP, env, { bind: 'from bind', other: 'from other\n' });
    expect(config.directory).toMatchObject({ bindPassword: expected });
  });

  test.each([
    ['in the file', LDAP.replace('bindPasswordFile: bind', 'bindPasswordFile: bind, bindPassword: x'), {}],
    [
      'in the environment',
      LDAP,
      { SPAREKEY_DIRECTORY_BIND_PASSWORD: 'x', SPAREKEY_DIRECTORY_BIND_PASSWORD_FILE: 'bind' },
    ],
  ])('given both ways %s is refused', (_name, yaml, env) => {
    expect(problemsOf(yaml, env, { bind: 'sesame' })).toEqual([
      expect.stringContaining(
        'directory.bindPassword is given twice: here and as bindPasswordFile. Keep one of the two.',
      ),
    ]);
  });

  test('in the configuration file itself works, with a warning', () => {
    const { config, warnings } = loadOk(LDAP.replace('bindPasswordFile: bind', 'bindPassword: sesame'));
    expect(config.directory).toMatchObject({ bindPassword: 'sesame' });
    expect(warnings).toMatchObject([
      { path: 'directory.bindPassword', what: 'a secret stands in the configuration file.' },
    ]);
  });

  test('that every user can read is a warning', () => {
    const home = folder({ 'sparekey.yaml': LDAP, bind: 'sesame' });
    chmodSync(join(home, 'bind'), 0o644);
    const loaded = loadConfig({ file: join(home, 'sparekey.yaml'), env: {}, registries });
    expect(loaded.warnings).toMatchObject([{ path: 'directory.bindPasswordFile', fix: 'chmod 600 bind' }]);
  });

  test.each([
    ['is missing', {}, 'can’t read bind: there is no such file.'],
    ['is empty', { bind: '\n' }, 'can’t read bind: it is empty.'],
    ['is a folder', { 'bind/x': '' }, 'can’t read bind: it is a folder.'],
  ])('whose file %s is a problem at its key', (_name, files, expected) => {
    expect(problemsOf(LDAP, {}, files)).toEqual([expect.stringContaining(`directory.bindPasswordFile ${expected}`)]);
  });

  test('never shows in a problem, a log line or JSON', () => {
    const wrong = load(LDAP.replace('bindPasswordFile: bind', 'bindPassword: [hunter2]').replace('cn=sspr', '""'));
    const number = load(LDAP.replace('bindPasswordFile: bind', 'bindPassword: 7265123'));
    const url = load(`${SMALL}storage: { engine: postgres, url: "mysql://u:hunter2@db" }\n`);
    for (const loaded of [wrong, number, url]) {
      expect(loaded.is).toBe('invalid');
      expect(JSON.stringify(loaded)).not.toMatch(/hunter2|7265123/);
    }
    const broken = load(`${SMALL}x: "hunter2\n`);
    expect(broken.is === 'invalid' && renderProblems(broken.problems)).not.toMatch(/hunter2/);

    const { config } = loadOk(LDAP, {}, { bind: 'hunter2' });
    expect(config.directory).toMatchObject({ bindPassword: 'hunter2' });
    expect(JSON.stringify(config) + inspect(config, { depth: 9, showHidden: true })).not.toMatch(/hunter2/);
  });
});

test('lineOf tells where a value was set, also for a secret in a file', () => {
  const { lineOf } = loadOk(LDAP, { SPAREKEY_LOG_LEVEL: 'warn' }, { bind: 'x' });
  expect(lineOf('publicUrl')).toMatch(/sparekey\.yaml:1:1$/);
  expect(lineOf('directory.bindPassword')).toMatch(/sparekey\.yaml:4:80$/);
  expect(lineOf('directory.caFile')).toMatch(/sparekey\.yaml:4:1$/);
  expect(lineOf('log.level')).toBe('environment variable SPAREKEY_LOG_LEVEL');
});
