/** Texts and calls in the configuration: nothing half set up gets through, and every way to write them is read. */
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { registries } from '../../../src/registries.ts';

const base = {
  SPAREKEY_PUBLIC_URL: 'https://reset.example.test',
  SPAREKEY_ORGANISATION_NAME: 'Northfield',
  SPAREKEY_LISTEN_TRUSTED_PROXIES: '127.0.0.1',
  SPAREKEY_DIRECTORY_TYPE: 'builtin',
  SPAREKEY_MAIL_TYPE: 'demo-inbox',
  SPAREKEY_MAIL_FROM: 'it@northfield.example',
};
const phones = {
  SPAREKEY_TEXTS_SENDERS: '[{type: demo-phone}]',
  SPAREKEY_TEXTS_COUNTRIES: 'DE',
  SPAREKEY_CALLS_TYPE: 'demo-phone',
};
const load = (env: Record<string, string>) => loadConfig({ file: undefined, env: { ...base, ...env }, registries });
const problems = (env: Record<string, string>): string[] => {
  const loaded = load(env);
  return loaded.is === 'invalid' ? loaded.problems.map(({ path, what }) => `${path} ${what}`) : [];
};
const METHODS = 'SPAREKEY_POLICY_RECOVERY_METHODS';

describe('texts and calls', () => {
  test('are off, and so are sms and voice', () => {
    const loaded = load({});
    if (loaded.is === 'invalid') throw new Error('invalid');
    expect(loaded.config.texts).toEqual({
      senders: [],
      countries: [],
      budgetPerDay: 500,
      neighboursPerHour: 10,
      unansweredPerHour: 30,
    });
    expect(loaded.config.calls).toBeUndefined();
    expect(loaded.config.policy.recovery.methods).not.toContain('sms');
    expect(loaded.config.policy.recovery.methods).not.toContain('voice');
  });

  test('set up as told, with their methods, they load', () => {
    expect(problems({ ...phones, [METHODS]: 'email,totp,sms,voice' })).toEqual([]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['senders without a country', { ...phones, SPAREKEY_TEXTS_COUNTRIES: '' }, /^texts\.countries is empty/],
    ['a country that is none', { ...phones, SPAREKEY_TEXTS_COUNTRIES: 'DE,XX' }, /^texts\.countries\[1\] XX/],
    ['sms without a sender', { [METHODS]: 'email,totp,sms' }, /lists sms, but nothing sends texts/],
    [
      'voice without a sender',
      { ...phones, SPAREKEY_CALLS_TYPE: '', [METHODS]: 'email,totp,voice' },
      /lists voice, but nothing places calls/,
    ],
    ['phones and nothing better', { ...phones, [METHODS]: 'email,sms,voice' }, /nothing that could take their place/],
    [
      'privileged people with phones and no sender',
      { SPAREKEY_POLICY_PRIVILEGED_METHODS: 'totp,sms' },
      /^policy\.privileged\.methods lists sms/,
    ],
  ])('%s is refused with a sentence', (_, env, sentence) => {
    expect(problems(env)).toEqual([expect.stringMatching(sentence)]);
  });
});
