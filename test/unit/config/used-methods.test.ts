/** What a way to verify needs once a rule of policy names it; unused, its section may stay empty. */
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { registries } from '../../../src/registries.ts';

const HOUSE = {
  SPAREKEY_PUBLIC_URL: 'https://reset.example.org',
  SPAREKEY_ORGANISATION_NAME: 'Example',
  SPAREKEY_DIRECTORY_TYPE: 'builtin',
  SPAREKEY_MAIL_TYPE: 'demo-inbox',
  SPAREKEY_MAIL_FROM: 'it@example.org',
};
const PROVIDER = {
  SPAREKEY_METHODS_OIDC_NAME: 'State ID',
  SPAREKEY_METHODS_OIDC_ISSUER: 'https://id.example.org',
  SPAREKEY_METHODS_OIDC_CLIENT_ID: 'sparekey',
};

const problemsOf = (methods: string, env: Record<string, string> = {}): string[] => {
  const all = { ...HOUSE, SPAREKEY_POLICY_RECOVERY_METHODS: methods, ...env };
  const loaded = loadConfig({ file: undefined, env: all, registries });
  return loaded.is === 'ok' ? [] : loaded.problems.map(({ path, what }) => `${path} ${what}`);
};

test('nothing is needed of what nobody uses', () => {
  expect(problemsOf('email,totp')).toEqual([]);
});

test('oidc needs its name, its issuer and its client', () => {
  expect(problemsOf('email,oidc')).toEqual([
    expect.stringContaining('methods.oidc.name is missing'),
    expect.stringContaining('methods.oidc.issuer is missing'),
    expect.stringContaining('methods.oidc.clientId is missing'),
  ]);
  expect(problemsOf('email,oidc', PROVIDER)).toEqual([]);
});

test('oidc over plain http is for this machine only', () => {
  const at = (issuer: string) => problemsOf('email,oidc', { ...PROVIDER, SPAREKEY_METHODS_OIDC_ISSUER: issuer });
  expect(at('http://id.example.org')).toEqual([expect.stringContaining('methods.oidc.issuer must be https')]);
  expect(at('http://localhost:9000')).toEqual([]);
});

test('oidc counts as two only where the provider vouches for two', () => {
  const two = { ...PROVIDER, SPAREKEY_METHODS_OIDC_WEIGHT: '2' };
  expect(problemsOf('email,oidc', two)).toEqual([expect.stringContaining('methods.oidc.weight is 2')]);
  expect(problemsOf('email,oidc', { ...two, SPAREKEY_METHODS_OIDC_ACR: 'urn:mfa' })).toEqual([]);
});

test('contact-approval needs somebody who could confirm', () => {
  const nobody = { SPAREKEY_METHODS_CONTACT_APPROVAL_OWN_CONTACTS: 'false' };
  expect(problemsOf('email,contact-approval')).toEqual([]);
  expect(problemsOf('email,contact-approval', nobody)).toEqual([expect.stringContaining('has nobody')]);
  const managed = { ...nobody, SPAREKEY_METHODS_CONTACT_APPROVAL_MANAGER_ATTRIBUTE: 'manager' };
  expect(problemsOf('email,contact-approval', managed)).toEqual([]);
});
