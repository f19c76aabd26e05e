/** Stored values beneath file and environment: the file wins, everything is judged, what does not count is left out with a reason. */
import { describe, expect, test } from 'vitest';
import { type Layers, loadConfig } from '../../../src/config/load.ts';
import { registries } from '../../../src/registries.ts';
import { editableOf, settingsOf } from '../../../src/settings/editable.ts';
import { effective } from '../../../src/settings/effective.ts';

const ENV = {
  SPAREKEY_PUBLIC_URL: 'https://reset.example.test',
  SPAREKEY_ORGANISATION_NAME: 'Northfield College',
  SPAREKEY_DIRECTORY_TYPE: 'builtin',
  SPAREKEY_MAIL_TYPE: 'smtp',
  SPAREKEY_MAIL_HOST: 'mail.example.test',
  SPAREKEY_MAIL_PASSWORD: 'the-secret-of-the-sender',
  SPAREKEY_MAIL_USERNAME: 'it',
  SPAREKEY_MAIL_FROM: 'it@northfield.example',
  SPAREKEY_LIMITS_TRIES_PER_CODE: '3',
};

function layersOf(env: Record<string, string> = {}) {
  const loaded = loadConfig({ file: undefined, env: { ...ENV, ...env }, registries });
  if (loaded.is === 'invalid') throw new Error(loaded.problems.map(({ what }) => what).join());
  return loaded;
}
const over = (values: Record<string, unknown>, env = {}) => effective(layersOf(env), { number: 7, values });

describe('stored settings', () => {
  test('are parsed as the file is, and say which version they come from', () => {
    const { loaded, ignored } = over({ 'lifetimes.flowIdle': '5 min', 'policy.recovery.methods': ['totp', 'email'] });
    expect(ignored).toEqual([]);
    expect(loaded.config.lifetimes.flowIdle).toBe(300_000);
    expect(loaded.config.policy.recovery.methods).toEqual(['totp', 'email']);
    expect(loaded.originOf('lifetimes.flowIdle')).toEqual({ is: 'stored', version: 7 });
    expect(loaded.config.mail).toMatchObject({ host: 'mail.example.test', password: 'the-secret-of-the-sender' });
  });

  test('never win over the file', () => {
    const { loaded, ignored } = over({ 'limits.triesPerCode': 9 });
    expect(loaded.config.limits.triesPerCode).toBe(3);
    expect(ignored).toEqual([
      { path: 'limits.triesPerCode', why: 'fixed by the file (environment variable SPAREKEY_LIMITS_TRIES_PER_CODE).' },
    ]);
  });

  test('that are no longer valid are left out one by one; the others count', () => {
    const { loaded, ignored } = over({
      'policy.recovery.methods': ['email', 'pigeon'],
      'limits.gone': 1,
      'lifetimes.flowIdle': '29 min',
      'lifetimes.flowAbsolute': '10 min',
      'organisation.help.text': 'Room 12',
    });
    expect(ignored.map(({ path }) => path)).toEqual(['limits.gone', 'policy.recovery.methods', 'lifetimes.flowIdle']);
    expect(loaded.config.organisation.help.text).toBe('Room 12');
    expect(loaded.config.lifetimes.flowAbsolute).toBe(600_000);
  });

  test('can’t name a secret, where one is sent to, a file, or who opens the console', () => {
    const paths = editableOf(layersOf() as unknown as Layers).map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(60);
    const forbidden =
      /password$|secret|host|issuer|File|^console|^directory|^storage|^publicUrl|^connectors|senders|rpId/i;
    expect(paths.filter((path) => forbidden.test(path) && path !== 'lifetimes.sessionAbsolute')).toEqual([]);
    const { ignored } = over({
      'mail.port': 2525,
      'console.secondApproval': false,
      'policy.risk.locationFile': '/etc/passwd',
    });
    expect(ignored).toHaveLength(3);
  });

  test('are told with value, origin and lock, and without any secret', () => {
    const layers = layersOf() as unknown as Layers;
    const list = settingsOf(
      layers,
      effective(layers, { number: 1, values: { 'organisation.help.phone': '555' } }).loaded,
    );
    const of = (path: string) => list.find((one) => one.path === path);
    expect(of('organisation.help.phone')).toMatchObject({ value: '555', from: 'settings', lockedBy: undefined });
    expect(of('limits.triesPerCode')).toMatchObject({ value: 3, from: 'file' });
    expect(of('limits.triesPerCode')?.lockedBy).toContain('SPAREKEY_LIMITS_TRIES_PER_CODE');
    expect(of('lifetimes.flowIdle')).toMatchObject({ value: '10 min', from: 'default', takesEffect: 'at-once' });
    expect(of('mail.connections')).toMatchObject({ takesEffect: 'at-restart' });
    expect(JSON.stringify(list)).not.toContain('the-secret');
  });

  test('in texts are refused when they could not be shown', () => {
    const says = (text: string) =>
      layersOf().over({ 'wording.en': { 'mail.recovery-code.lead': text, 'text.code': 'Code {code}' } }, 1);
    expect(says('Hello {organisation}').is).toBe('ok');
    for (const bad of ['Hello {nobody}', 'Hello {organisation', '{organisation, plural, other {#}}', 'two\nlines'])
      expect(says(bad), bad).toMatchObject({
        is: 'invalid',
        problems: [{ path: 'wording.en.mail.recovery-code.lead' }],
      });
    expect(layersOf().over({ 'wording.en': { 'text.code': 'no code' } }, 1)).toMatchObject({
      is: 'invalid',
      problems: [{ what: 'lacks {code}, which the message is for.' }],
    });
    expect(layersOf().over({ 'wording.de': { 'no.such.key': 'x' } }, 1).is).toBe('invalid');
  });
});
