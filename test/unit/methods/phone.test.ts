/** Codes to phones beyond the contract: lifetimes, numbers in every writing, what imported numbers are worth, keys of calls. */
import { describe, expect, test } from 'vitest';
import type { Authenticator } from '../../../src/kernel/account.ts';
import type { Challenge, MethodPorts, Step, Subject, VerificationMethod } from '../../../src/methods/method.ts';
import { sms } from '../../../src/methods/sms.ts';
import { voice } from '../../../src/methods/voice.ts';
import { isPair } from '../../../src/policy/plan.ts';
import type { RecoveryRule } from '../../../src/policy/rules.ts';
import { ports } from '../../contract/method.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const MINUTE = 60_000;
const nobody: Subject = { id: 'amina', username: 'amina', displayName: 'Amina', mail: [], attributes: {} };
const step = (more: Partial<Step> = {}): Step => ({
  flow: 'f',
  challenge: 'c',
  now: NOW,
  language: 'de',
  account: nobody,
  purpose: 'recovery',
  ...more,
});
const whole = {
  ...nobody,
  directory: 'd',
  key: 'k',
  locator: 'l',
  givenName: undefined,
  language: undefined,
  groups: [],
};
const bound = (number: string, more: Partial<Authenticator> = {}): Authenticator => ({
  id: number,
  accountId: 'amina',
  method: 'sms',
  label: '',
  data: { number },
  version: 1,
  createdAt: 0,
  lastUsedAt: undefined,
  disabledAt: undefined,
  ...more,
});
const rule: RecoveryRule = {
  name: 'default',
  methods: ['email', 'sms', 'voice'],
  gates: 2,
  weights: {},
  oneOf: [],
  kinds: [],
  also: [],
  accepted: [],
  showFactor: true,
  pair: true,
  ways: 1,
};
const open = (settings: { lifetime?: number; directoryAttribute?: string } = {}, countries = ['DE', 'GB']) => {
  const given: MethodPorts = { ...ports, phoneCountries: countries };
  const config = { lifetime: 10 * MINUTE, ...settings };
  return {
    sms: sms.open(config, given) as VerificationMethod,
    voice: voice.open(config, given) as VerificationMethod,
  };
};
const codeOf = ({ effects: [effect] }: Challenge) => ({
  code: effect?.kind === 'send-text' ? String(effect.values['code']) : effect?.kind === 'place-call' ? effect.code : '',
});
const asked = async (made: ReturnType<VerificationMethod['challenge']>) => {
  const challenge = await made;
  if ('is' in challenge) throw new Error('No challenge.');
  return challenge;
};

describe.each(['sms', 'voice'] as const)('%s', (id) => {
  test('its code lives exactly as long as it is set to', async () => {
    const method = open({ lifetime: 4 * MINUTE })[id];
    const made = await asked(method.challenge(step(), [bound('+491701234567')]));
    const judge = async (now: number) =>
      (await method.judge(step({ now }), [bound('+491701234567')], made.pending, codeOf(made))).is;
    expect(await judge(NOW + 4 * MINUTE)).toBe('verified');
    expect(await judge(NOW + 4 * MINUTE + 1)).toBe('expired');
  });

  test.each([{ flow: 'g' }, { challenge: 'd' }])('its code hangs on journey and challenge: %j', async (other) => {
    const method = open()[id];
    const made = await asked(method.challenge(step(), [bound('+491701234567')]));
    const verdict = await method.judge(step(other), [bound('+491701234567')], made.pending, codeOf(made));
    expect(verdict.is).toBe('mismatch');
  });

  test('the code of one channel is worthless in the other', async () => {
    const both = open();
    const made = await asked(both[id].challenge(step(), [bound('+491701234567')]));
    const other = both[id === 'sms' ? 'voice' : 'sms'];
    expect((await other.judge(step(), [bound('+491701234567')], made.pending, codeOf(made))).is).toBe('mismatch');
  });

  test('writes to all numbers of a person, to each once', async () => {
    const numbers = ['+491701234567', '+447400123456', '+491701234567'];
    const made = await asked(
      open()[id].challenge(
        step(),
        numbers.map((number) => bound(number)),
      ),
    );
    expect(made.effects.map((effect) => 'to' in effect && effect.to)).toEqual(['+491701234567', '+447400123456']);
    expect(new Set(made.effects.map((effect) => codeOf({ ...made, effects: [effect] }).code)).size).toBe(1);
  });

  test.each<[string, string | undefined, string | undefined]>([
    ['0170 1234567', undefined, '+491701234567'],
    ['+44 7400 123456', undefined, '+447400123456'],
    ['', 'missing', undefined],
    ['hello', 'phone-not-a-number', undefined],
    ['12', 'phone-too-short', undefined],
    ['0170 123456789012345', 'phone-too-long', undefined],
    ['+999 12345678', 'phone-invalid-country', undefined],
    ['0900 1234567', 'phone-premium-rate', undefined],
    ['+44 70 1234 5678', 'phone-premium-rate', undefined],
    ['0170 1234567 ext. 5', 'phone-extension', undefined],
    ['+43 664 1234567', 'country', undefined],
    ['+881612345678', 'country', undefined],
  ])('reads %j: %s', async (address, why, number) => {
    const begun = await open()[id].enrolment?.begin(step(), whole, { address }, []);
    if (!begun) throw new Error('Nothing can be added.');
    expect('is' in begun && begun.is === 'invalid' ? begun.why : undefined).toBe(why);
    if ('is' in begun) return;
    expect(begun.binds).toBe(`phone:${number}`);
    expect(begun.effects).toMatchObject([{ to: number }]);
  });

  test('takes three numbers of one person and no fourth, unless one of them is switched off', async () => {
    const three = ['+491701234561', '+491701234562', '+491701234563'].map((number) => bound(number));
    const begin = async (existing: Authenticator[]) => {
      const begun = await open()[id].enrolment?.begin(step(), whole, { address: '0170 1234567' }, existing);
      return begun && 'is' in begun && begun.is === 'invalid' ? begun.why : 'begun';
    };
    expect(await begin(three)).toBe('too-many');
    expect(await begin([...three.slice(1), bound('+491701234561', { disabledAt: NOW })])).toBe('begun');
    expect(await begin([...three.slice(1), bound('+491701234567')])).toBe('begun');
  });

  test('what the directory lists counts as an issued code, where it is allowed at all, and never beside a number of one’s own', async () => {
    const account = { ...nobody, attributes: { mobile: ['0170 1234567', 'none', '+43 664 1234567'] } };
    expect(open()[id].offer([], account)).toBeUndefined();
    const method = open({ directoryAttribute: 'mobile' })[id];
    expect(method.offer([], account)).toMatchObject({ hint: '•••• ••• 67', worth: { evidence: 'issued' } });
    expect(method.offer([], nobody)).toBeUndefined();
    const made = await asked(method.challenge(step({ account }), []));
    expect(made.effects).toMatchObject([{ to: '+491701234567' }]);
    const verdict = await method.judge(step({ account }), [], made.pending, codeOf(made));
    expect(verdict).toMatchObject({ is: 'verified', worth: { evidence: 'issued' } });
    expect(method.offer([bound('+447400123456')], account)).toEqual({ method: id, hint: '•••• ••• 56' });
    const own = await asked(method.challenge(step({ account }), [bound('+447400123456')]));
    expect(own.effects).toMatchObject([{ to: '+447400123456' }]);
  });

  test('email and a number that somebody else typed in are no pair; a number that the person confirmed makes one', () => {
    const mail = { method: 'email', evidence: 'issued', channel: 'mail', weight: 1 } as const;
    const { worth } = open()[id];
    expect(isPair(rule, [mail, { method: id, ...worth }])).toBe(true);
    expect(isPair(rule, [mail, { method: id, ...worth, evidence: 'issued' }])).toBe(false);
  });

  test('suggests what the directory lists, readable and allowed, and nothing without', () => {
    const account = { ...whole, attributes: { mobile: ['none', '0170 1234567'] } };
    const asks = (settings = {}) => open(settings)[id].enrolment?.ask?.(account);
    expect(asks({ directoryAttribute: 'mobile' })).toMatchObject({ of: 'phone', suggestion: '+491701234567' });
    expect(asks()).not.toHaveProperty('suggestion');
  });

  test('without a country nobody can add anything', async () => {
    const begun = await open({}, [])[id].enrolment?.begin(step(), whole, { address: '+491701234567' }, []);
    expect(begun).toMatchObject({ is: 'invalid', why: 'country' });
  });
});

describe('the key of a call', () => {
  test('is three digits that are new for every call, on the page and in the call, and in no text', async () => {
    const { voice: method } = open();
    const keys = new Set<string>();
    for (let n = 0; n < 50; n += 1) {
      const made = await asked(method.challenge(step({ challenge: `c${n}` }), [bound('+491701234567')]));
      const { press = '' } = made.prompt as { press?: string };
      expect(press).toMatch(/^\d{3}$/);
      expect(made.effects).toMatchObject([{ kind: 'place-call', key: press }]);
      keys.add(press);
    }
    expect(keys.size).toBeGreaterThan(40);
    expect((await asked(open().sms.challenge(step(), [bound('+491701234567')]))).prompt).not.toHaveProperty('press');
  });

  test('leaves time to speak: no call begins in the last minute of its code', async () => {
    const made = await asked(open().voice.challenge(step(), [bound('+491701234567')]));
    expect(made.effects).toMatchObject([{ expiresAt: NOW + 9 * MINUTE }]);
    expect(made.prompt).toMatchObject({ expiresAt: NOW + 10 * MINUTE });
  });
});
