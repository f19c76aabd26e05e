import { expect, test } from 'vitest';
import { explainConfig, renderExplanation } from '../../../src/config/explain.ts';
import { LDAP, loadOk } from './kit.ts';

const loaded = () =>
  loadOk(`${LDAP}methods: { email: { lifetime: 15 min } }\n`, { SPAREKEY_LISTEN_PORT: '9000' }, { bind: 'hunter2' });

test('every key in use is explained, secrets masked', () => {
  const all = explainConfig(loaded());
  if (all.is !== 'explained') throw new Error('Nothing explained.');
  const values = Object.fromEntries(all.entries.map(({ path, value }) => [path, value]));
  expect(values).toMatchObject({
    'methods.email.lifetime': '15 min',
    'listen.port': '9000',
    'directory.bindPassword': '********',
    'directory.type': 'openldap',
    'policy.recovery.methods': '["email","totp","passkey","recovery-code"]',
    'policy.recovery.weights': '{}',
    'policy.groups': '[]',
  });
  expect(all.entries.map(renderExplanation).join()).not.toContain('hunter2');
});

test.each([
  ['methods.email.lifetime', /sparekey\.yaml:6:21$/],
  ['listen.port', /^environment variable SPAREKEY_LISTEN_PORT$/],
  ['listen.host', /^default$/],
  ['directory.bindPassword', /sparekey\.yaml:4:80$/],
])('%s tells where it came from', (key, from) => {
  expect(explainConfig(loaded(), key)).toMatchObject({ entries: [{ path: key, from: expect.stringMatching(from) }] });
});

test('a section explains all of its keys', () => {
  expect(explainConfig(loaded(), 'limits.ladder')).toMatchObject({
    entries: [{ path: 'limits.ladder.freeTries' }, {}, {}, { path: 'limits.ladder.disableAt' }],
  });
});

test('an unknown key names the nearest', () => {
  expect(explainConfig(loaded(), 'listen.prot')).toEqual({ is: 'unknown-key', near: 'listen.port' });
});

test('what is not set is said to be so', () => {
  const explained = explainConfig(loaded(), 'organisation.help.phone');
  expect(explained.is === 'explained' && explained.entries.map(renderExplanation)[0]).toMatch(
    /^organisation\.help\.phone: \(not set\)\n/,
  );
});
