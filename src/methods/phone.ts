/**
 * What `sms` and `voice` share: a 6-digit code to every number that the person bound, good once, for ten minutes at most, and
 * bound to journey and challenge (NIST SP 800-63B-4 §3.1.3.2). Numbers that only the directory knows are written to where the
 * operator allows it, and then count as an issued code, never as a bound authenticator (C-02).
 */
import type { Authenticator } from '../kernel/account.ts';
import { minutes } from '../kernel/clock.ts';
import type { AddAuthenticator, Effect, Message } from '../kernel/effect.ts';
import type { Worth } from '../kernel/gate.ts';
import type { JsonObject } from '../kernel/json.ts';
import { sameText } from '../kernel/keyring.ts';
import { type E164, maskPhone, readPhone } from '../kernel/phone.ts';
import type { EnterCode } from '../kernel/prompt.ts';
import { newDigits, newId } from '../kernel/random.ts';
import type { Verdict } from '../kernel/verdict.ts';
import { readDigits } from './code.ts';
import type {
  Answer,
  Challenge,
  Enrolment,
  InvalidInput,
  MethodPorts,
  Step,
  Subject,
  VerificationMethod,
} from './method.ts';

const DIGITS = 6;
/** Every code goes to all of them and costs as often. */
const MOST_NUMBERS = 3;

export interface PhoneWay {
  id: 'sms' | 'voice';
  /** ms */
  lifetime: number;
  /** Attribute of the directory with numbers that nobody has confirmed. */
  directoryAttribute: string | undefined;
  serves?: readonly string[];
  /** Digits to press before the code is spoken. */
  newKey?(): string;
  message(to: E164, code: PhoneCode, step: Step): Message;
}

export interface PhoneCode {
  code: string;
  key: string;
  /** `confirm-number`: nobody has shown yet that the number is theirs. */
  template: 'code' | 'confirm-number';
  minutes: number;
  expiresAt: number;
}

/** A confirmed number counts as a bound authenticator, restricted (§3.2.9). */
const BOUND: Worth = { evidence: 'bound', channel: 'phone', weight: 1 };
/** A number that somebody typed into a directory is no authenticator. */
const IMPORTED = { evidence: 'issued' } as const;

const numberOf = ({ data }: Authenticator): E164 => String(data['number'] ?? '') as E164;

/** A number below `limit` that hangs on a MAC. */
const numberFrom = (mac: string, limit: number): number => Buffer.from(mac, 'base64url').readUIntBE(0, 6) % limit;

/** What a number is found by when somebody asks which accounts it has. */
export const lookupOf = (number: E164): string => `phone:${number}`;

export function phoneMethod(way: PhoneWay, ports: MethodPorts): VerificationMethod {
  const { id, lifetime, directoryAttribute } = way;
  const { phoneCountries } = ports;
  const mac = (step: Step, code: string) => ports.mac('phone-code', id, step.flow, step.challenge, code);
  const isAllowed = (country: string | undefined) => country !== undefined && phoneCountries.includes(country);

  const imported = ({ attributes }: Subject): E164[] =>
    (directoryAttribute === undefined ? [] : (attributes[directoryAttribute] ?? [])).flatMap((written) => {
      const read = readPhone(written, phoneCountries[0]);
      return read.is === 'phone' && isAllowed(read.country) ? [read.e164] : [];
    });
  const numbersOf = (authenticators: readonly Authenticator[], account: Subject): E164[] =>
    [...new Set(authenticators.length > 0 ? authenticators.map(numberOf) : imported(account))].slice(0, MOST_NUMBERS);

  const issue = (step: Step, numbers: readonly E164[], template: PhoneCode['template']): Challenge<EnterCode> => {
    const code = newDigits(DIGITS);
    const key = way.newKey?.() ?? '';
    const expiresAt = step.now + lifetime;
    const made: PhoneCode = { code, key, template, minutes: Math.round(lifetime / minutes(1)), expiresAt };
    return {
      pending: { code: mac(step, code), expiresAt, numbers: [...numbers] },
      prompt: {
        kind: 'enter-code',
        method: id,
        alphabet: 'digits',
        length: DIGITS,
        expiresAt,
        resendable: true,
        ...(key === '' ? {} : { press: key }),
      },
      effects: numbers.map((to) => way.message(to, made, step)),
    };
  };

  const judge = (step: Step, pending: JsonObject, answer: Answer): 'right' | 'mismatch' | 'expired' => {
    const right = sameText(mac(step, readDigits(answer['code'] ?? '')), String(pending['code']));
    if (step.now > Number(pending['expiresAt'])) return 'expired';
    return right ? 'right' : 'mismatch';
  };

  const bound = (account: Pick<Subject, 'id'>, number: E164): AddAuthenticator['authenticator'] => ({
    id: newId(),
    accountId: account.id,
    method: id,
    label: maskPhone(number),
    data: { number },
    lookup: lookupOf(number),
  });

  /** A number that may be written to, or what is wrong with it. */
  const readAllowed = (written: string): E164 | InvalidInput => {
    if (written === '') return { is: 'invalid', why: 'missing', field: 'address' };
    const read = readPhone(written, phoneCountries[0]);
    if (read.is === 'fault') return { is: 'invalid', why: `phone-${read.fault}`, field: 'address' };
    return isAllowed(read.country) ? read.e164 : { is: 'invalid', why: 'country', field: 'address' };
  };

  const enrolment: Enrolment = {
    adopt: async (account, input) => {
      const number = readAllowed((input['address'] ?? '').trim());
      return typeof number === 'string' ? { is: 'adopted', authenticator: bound(account, number) } : number;
    },
    ask(account) {
      const [suggestion] = imported(account);
      return { kind: 'enter-address', method: id, of: 'phone', ...(suggestion ? { suggestion } : {}) };
    },
    begin: async (step, _account, input, existing) => {
      const number = readAllowed((input['address'] ?? '').trim());
      if (typeof number !== 'string') return number;
      const others = existing.filter((one) => one.disabledAt === undefined && numberOf(one) !== number);
      if (others.length >= MOST_NUMBERS) return { is: 'invalid', why: 'too-many', field: 'address' };
      return { ...issue(step, [number], 'confirm-number'), binds: lookupOf(number) };
    },
    confirm: async (step, pending, answer, existing): Promise<Verdict> => {
      const result = judge(step, pending, answer);
      if (result !== 'right') return { is: result };
      const [number] = pending['numbers'] as E164[];
      const same = existing.filter((one) => numberOf(one) === number);
      if (number === undefined || same.some(({ disabledAt }) => disabledAt === undefined))
        return { is: 'verified', effects: [] };
      return {
        is: 'verified',
        effects: [
          // Disabled after too many failures: bound anew.
          ...same.map((one): Effect => ({ kind: 'remove-authenticator', id: one.id })),
          {
            kind: 'add-authenticator',
            authenticator: bound(step.account, number),
          },
        ],
      };
    },
  };

  return {
    id,
    worth: BOUND,
    first: true,
    several: true,
    // NIST allows it at AAL2 as a restricted authenticator (§3.2.9); docs/how-to/phones.md says what that asks of operators.
    signIn: true,
    ...(way.serves ? { serves: way.serves } : {}),
    ...(directoryAttribute === undefined ? {} : { attributes: [directoryAttribute] }),
    offer(authenticators, account) {
      const numbers = numbersOf(authenticators, account);
      if (numbers.length === 0) return undefined;
      const worth = authenticators.length === 0 ? { worth: IMPORTED } : {};
      return { method: id, hint: numbers.map(maskPhone).join(', '), ...worth };
    },
    // +999 belongs to nobody. Nothing is ever sent there.
    decoy: (seed) => ({ number: `+999${String(numberFrom(seed(id), 1e9)).padStart(9, '0')}` }),
    challenge: async (step, authenticators) => issue(step, numbersOf(authenticators, step.account), 'code'),
    judge: async (step, authenticators, pending, answer): Promise<Verdict> => {
      const result = judge(step, pending, answer);
      if (result !== 'right') return { is: result };
      return {
        is: 'verified',
        effects: authenticators.map((one) => ({
          kind: 'update-authenticator',
          id: one.id,
          version: one.version,
          change: { lastUsedAt: step.now },
        })),
        ...(authenticators.length === 0 ? { worth: IMPORTED } : {}),
      };
    },
    enrolment,
  };
}
