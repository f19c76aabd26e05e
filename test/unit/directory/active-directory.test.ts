/** Active Directory without a server: bytes on the wire, access lists, and the words of real Windows controllers. */
import {
  BerWriter,
  ConstraintViolationError,
  type Entry,
  InsufficientAccessError,
  InvalidCredentialsError,
  UnwillingToPerformError,
} from 'ldapts';
import { describe, expect, it } from 'vitest';
import { delegation, policyGrant } from '../../../src/directory/active-directory/check.ts';
import { daclOnly, POLICY_HINTS, policyHints } from '../../../src/directory/active-directory/controls.ts';
import { fromFiletime, fromInterval } from '../../../src/directory/active-directory/filetime.ts';
import { guidBytes, guidText, isPrivilegedSid, sidText } from '../../../src/directory/active-directory/identifiers.ts';
import { domainPolicy, psoPolicy, UNREADABLE } from '../../../src/directory/active-directory/policy.ts';
import { createPreflight } from '../../../src/directory/active-directory/preflight.ts';
import { choosePso } from '../../../src/directory/active-directory/pso.ts';
import { bindRefusal, writeRefusal } from '../../../src/directory/active-directory/refusal.ts';
import { BIND_ERRORS, SAMBA_TEXTS, WRITE_ERRORS } from '../../../src/directory/active-directory/refusals.ts';
import type { RootDse } from '../../../src/directory/active-directory/root.ts';
import {
  mayNotChangePassword,
  mayResetPassword,
  readDacl,
} from '../../../src/directory/active-directory/security-descriptor.ts';
import { markerOf } from '../../../src/directory/active-directory/state.ts';
import { unicodePwd } from '../../../src/directory/active-directory/writes.ts';
import type { ActiveDirectoryConfig } from '../../../src/directory/active-directory.ts';
import type { LdapConnection } from '../../../src/directory/ldap/connection.ts';
import { failureOf } from '../../../src/directory/ldap/failure.ts';
import type { Lookup } from '../../../src/directory/ldap/lookup.ts';
import type { Account } from '../../../src/kernel/account.ts';
import { Secret } from '../../../src/kernel/secret.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');
const written = (control: { write(writer: BerWriter): void } | undefined): string => {
  const writer = new BerWriter();
  control?.write(writer);
  return hex(writer.buffer);
};

describe('bytes on the wire', () => {
  it('encodes unicodePwd as in the vector of MS-ADTS', () => {
    expect(hex(unicodePwd(new Secret('new')))).toBe('22006e00650077002200');
  });

  it('sends policy hints as a critical SEQUENCE { INTEGER 1 }, with the OID that the server lists', () => {
    const [current, older] = POLICY_HINTS;
    expect(policyHints([current, older])?.type).toBe(current);
    expect(policyHints([older])?.type).toBe(older);
    expect(policyHints(['1.2.840.113556.1.4.319'])).toBeUndefined();
    expect(policyHints([current])?.critical).toBe(true);
    // … 01 01 ff: critical; 04 05 30 03 02 01 01: the value
    expect(written(policyHints([current]))).toMatch(/0101ff04053003020101$/);
    expect(written(daclOnly())).toMatch(/0101ff04053003020104$/);
  });

  it('turns GUIDs and SIDs around', () => {
    const guid = '00299570-246d-11d0-a768-00aa006e0529';
    expect(hex(guidBytes(guid) ?? Buffer.alloc(0))).toBe('709529006d24d011a76800aa006e0529');
    expect(guidText(guidBytes(guid) ?? Buffer.alloc(0))).toBe(guid);
    expect(guidBytes('*')).toBeUndefined();
    expect(guidText(Buffer.alloc(3))).toBeUndefined();
    expect(sidText(Buffer.from('01020000000000052000000020020000', 'hex'))).toBe('S-1-5-32-544');
    expect(sidText(Buffer.from('0105', 'hex'))).toBeUndefined();
  });

  it('knows the groups that hold a domain', () => {
    const privileged = ['S-1-5-32-544', 'S-1-5-32-548', 'S-1-5-21-1-2-3-512', 'S-1-5-21-1-2-3-519'];
    const ordinary = ['S-1-5-32-545', 'S-1-5-21-1-2-3-513', 'S-1-5-21-1-2-3-1512', 'S-1-5-11', 'S-1-1-0'];
    expect(privileged.filter(isPrivilegedSid)).toEqual(privileged);
    expect(ordinary.filter(isPrivilegedSid)).toEqual([]);
  });

  it('reads Windows times', () => {
    expect(fromFiletime(116_444_736_000_000_000n + 10_000n)).toBe(1);
    expect(fromFiletime(0x7fff_ffff_ffff_ffffn)).toBeUndefined();
    expect(fromFiletime(0n)).toBeUndefined();
    expect(fromInterval(-864_000_000_000n)).toBe(86_400_000);
    expect(fromInterval(-0x8000_0000_0000_0000n)).toBeUndefined();
    expect(fromInterval(0n)).toBeUndefined();
  });

  it('marks a password by pwdLastSet, and by the update number while that is 0', () => {
    expect(markerOf({ dn: 'x', pwdLastSet: '134399232420403080', uSNChanged: '7' })).toBe('134399232420403080');
    expect(markerOf({ dn: 'x', pwdLastSet: '0', uSNChanged: '7' })).toBe('0/7');
    expect(markerOf({ dn: 'x', pwdLastSet: '0', uSNChanged: '8' })).toBe('0/8');
  });
});

const RESET = '00299570-246d-11d0-a768-00aa006e0529';
const CHANGE = 'ab721a53-1e2f-11d0-9819-00aa0040529b';
const OTHER = '28630ebf-41d5-11d1-a9c1-0000f80367c1';
const US = '01020000000000052000000020020000';
const OURS = ['S-1-5-32-544'];
const EVERYONE = '010100000000000100000000';

interface TestAce {
  type: 0 | 1 | 5 | 6;
  flags?: number;
  mask?: number;
  right?: string;
  inherited?: string;
  sid?: string;
}

function ace({ type, flags = 0, mask = 0x100, right, inherited, sid = US }: TestAce): Buffer {
  const guids = [right, inherited].map((guid) => (guid ? (guidBytes(guid) ?? Buffer.alloc(0)) : Buffer.alloc(0)));
  const present = Buffer.alloc(4);
  present.writeUInt32LE((right ? 1 : 0) | (inherited ? 2 : 0));
  const object = type >= 5 ? Buffer.concat([present, ...guids]) : Buffer.alloc(0);
  const tail = Buffer.concat([object, Buffer.from(sid, 'hex')]);
  const head = Buffer.alloc(8);
  head.writeUInt8(type, 0);
  head.writeUInt8(flags, 1);
  head.writeUInt16LE(8 + tail.length, 2);
  head.writeUInt32LE(mask, 4);
  return Buffer.concat([head, tail]);
}

function descriptor(...aces: TestAce[]): Buffer {
  const list = aces.map(ace);
  const head = Buffer.alloc(28);
  head.writeUInt8(1, 0);
  head.writeUInt16LE(0x8004, 2);
  head.writeUInt32LE(20, 16);
  head.writeUInt8(4, 20);
  head.writeUInt16LE(8 + list.reduce((sum, one) => sum + one.length, 0), 22);
  head.writeUInt16LE(list.length, 24);
  return Buffer.concat([head, ...list]);
}

const daclOf = (...aces: TestAce[]) => readDacl(descriptor(...aces)) ?? [];

describe('access lists', () => {
  const user = 'bf967aba-0de6-11d0-a285-00aa003049e2';

  it.each<[string, boolean, TestAce[]]>([
    ['Reset Password granted to us', true, [{ type: 5, right: RESET, inherited: user }]],
    ['all extended rights granted', true, [{ type: 5 }]],
    ['full control', true, [{ type: 0, mask: 0xf01ff }]],
    ['generic all', true, [{ type: 0, mask: 0x1000_0000 }]],
    ['nothing', false, []],
    ['another right', false, [{ type: 5, right: OTHER }]],
    ['Reset Password, but only for what is created below', false, [{ type: 5, right: RESET, flags: 0x0a }]],
    ['only reading', false, [{ type: 0, mask: 0x20094 }]],
    ['granted to somebody else', false, [{ type: 5, right: RESET, sid: EVERYONE }]],
    [
      'denied before it is granted',
      false,
      [
        { type: 6, right: RESET },
        { type: 5, right: RESET },
      ],
    ],
    ['granted before it is denied', true, [{ type: 5, right: RESET }, { type: 1 }]],
  ])('%s: may reset is %s', (_, expected, aces) => {
    expect(mayResetPassword(daclOf(...aces), OURS)).toBe(expected);
  });

  it('sees "user cannot change password" in a deny for SELF or Everyone, and nowhere else', () => {
    expect(mayNotChangePassword(daclOf({ type: 6, right: CHANGE, sid: EVERYONE }))).toBe(true);
    expect(mayNotChangePassword(daclOf({ type: 6, right: CHANGE, sid: '01010000000000050a000000' }))).toBe(true);
    expect(mayNotChangePassword(daclOf({ type: 5, right: CHANGE, sid: EVERYONE }))).toBe(false);
    expect(mayNotChangePassword(daclOf({ type: 6, right: CHANGE, sid: US }))).toBe(false);
  });

  it('does not guess from a list that is cut off or missing', () => {
    expect(readDacl(undefined)).toBeUndefined();
    expect(readDacl(Buffer.alloc(20))).toBeUndefined();
    const whole = descriptor({ type: 5, right: RESET });
    expect(readDacl(whole.subarray(0, whole.length - 1))).toBeUndefined();
  });
});

const attempted = (password: string, aged = false) => ({
  password,
  aged,
  policy: { ...UNREADABLE, minLength: 8, complexity: true, history: 24 },
});

describe('what Windows says', () => {
  const restriction = failureOf(
    new UnwillingToPerformError('0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0'),
  );

  it('works out what a refusal without details was about, now that what can be judged was judged before', () => {
    expect(writeRefusal(restriction, attempted('aB1!'))).toMatchObject({ is: 'refused', rules: ['too-short'] });
    expect(writeRefusal(restriction, attempted('Long-enough-1', true))).toMatchObject({ rules: ['history'] });
    expect(writeRefusal(restriction, attempted('only lower case'))).toMatchObject({ rules: ['complexity'] });
    const blind = { password: 'Long-enough-1', aged: true, policy: UNREADABLE };
    expect(writeRefusal(restriction, blind)).toMatchObject({ rules: ['quality'], hint: expect.stringMatching(/PSO/) });
  });

  it.each(WRITE_ERRORS)('$error $name: $means, with a hint', ({ error, means, rules }) => {
    const failure = failureOf(new UnwillingToPerformError(`${error}: SvcErr: DSID-031A12D2, problem 5003, data 0`));
    const outcome = writeRefusal(failure, attempted('Long-enough-1', true));
    const expected = { rule: 'refused', busy: 'unavailable', failed: 'failed', 'wrong-password': 'wrong-password' };
    expect(outcome.is).toBe(expected[means]);
    if (means === 'rule') expect(outcome).toMatchObject({ rules: rules ?? ['history'] });
    if (means === 'rule' || means === 'failed') expect(outcome).toMatchObject({ hint: expect.stringMatching(/\.$/) });
  });

  it('names each error once', () => {
    for (const codes of [WRITE_ERRORS.map(({ error }) => error), BIND_ERRORS.map(({ data }) => data)]) {
      expect(new Set(codes).size).toBe(codes.length);
    }
  });

  it.each([
    ['the password is too short. It should be equal or longer than 7 characters!', 'too-short'],
    ['the password does not meet the complexity criteria!', 'complexity'],
    ['the password was already used (in history)!', 'history'],
    ['password is too young to change!', 'too-young'],
  ])('reads Samba: %s', (text, rule) => {
    const error = new ConstraintViolationError(`0000052D: Constraint violation - check_password_restrictions: ${text}`);
    const { hint } = SAMBA_TEXTS.find((line) => line.rule === rule) ?? { hint: 'none' };
    expect(writeRefusal(failureOf(error), attempted('x'))).toMatchObject({ is: 'refused', rules: [rule], hint });
  });

  it('knows a wrong old password', () => {
    const text =
      '00000056: AttrErr: DSID-03191083, #1:\n\t0: 00000056: DSID-03191083, problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att 9005a (unicodePwd)';
    expect(writeRefusal(failureOf(new ConstraintViolationError(text)), attempted('x'))).toEqual({
      is: 'wrong-password',
    });
  });

  it('knows a missing right', () => {
    const text = '00000005: SecErr: DSID-031A11EF, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0';
    const outcome = writeRefusal(failureOf(new InsufficientAccessError(text)), attempted('x'));
    expect(outcome).toMatchObject({ is: 'failed', cause: expect.stringContaining('insufficientAccessRights (50)') });
  });

  it('calls a connection that was too weak a failure, not a refused password', () => {
    const text = '0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0';
    expect(writeRefusal(failureOf(new UnwillingToPerformError(text)), attempted('x'))).toMatchObject({ is: 'failed' });
  });

  it('calls a lost answer unknown and a refused connection failed', () => {
    expect(writeRefusal({ is: 'lost', cause: 'gone' }, attempted('x'))).toEqual({ is: 'unknown', cause: 'gone' });
  });

  it.each([
    ['52e', { is: 'wrong' }],
    ['525', { is: 'wrong' }],
    ['52f', { is: 'refused', why: 'other', hint: expect.stringMatching(/Protected Users/) }],
    ['530', { is: 'refused', why: 'other', hint: 'logonHours.' }],
    ['531', { is: 'refused', why: 'other' }],
    ['532', { is: 'correct-but', why: 'expired' }],
    ['533', { is: 'refused', why: 'disabled' }],
    ['701', { is: 'refused', why: 'account-expired' }],
    ['773', { is: 'correct-but', why: 'must-change' }],
    ['775', { is: 'refused', why: 'locked' }],
    ['7ff', { is: 'refused', why: 'other' }],
  ])('reads "data %s" of a refused bind', (data, outcome) => {
    const text = `80090308: LdapErr: DSID-0C090453, comment: AcceptSecurityContext error, data ${data}, v4563`;
    expect(bindRefusal(failureOf(new InvalidCredentialsError(text)))).toMatchObject(outcome);
  });

  it('does not take the end of a connection for a wrong password', () => {
    expect(bindRefusal(failureOf(new Error('Connection closed before message response was received.')))).toMatchObject({
      is: 'unavailable',
    });
  });
});

describe('policies', () => {
  it('reads the rules of a domain, and only those that it enforces', () => {
    const entry = {
      dn: 'DC=corp,DC=test',
      minPwdLength: '7',
      pwdHistoryLength: '24',
      pwdProperties: '17',
      minPwdAge: '-864000000000',
      maxPwdAge: '-9223372036854775808',
      lockoutThreshold: '5',
      lockoutDuration: '-18000000000',
    };
    expect(domainPolicy(entry)).toEqual({
      ...UNREADABLE,
      source: 'domain',
      name: 'DC=corp,DC=test',
      lengthIn: 'utf16',
      minLength: 7,
      history: 24,
      complexity: true,
      minAge: 86_400_000,
      lockoutThreshold: 5,
      lockoutDuration: 1_800_000,
    });
    const none = domainPolicy({ ...entry, pwdProperties: '16', minPwdLength: '0', lockoutThreshold: '0' });
    expect(none).toMatchObject({ complexity: false, minLength: undefined, lockoutThreshold: undefined });
    expect(none).not.toHaveProperty('lockoutDuration');
  });

  it('reads a fine-grained policy; a lock that only an administrator opens lasts 0', () => {
    const pso = psoPolicy({
      dn: 'CN=vip',
      'msDS-MinimumPasswordLength': '20',
      'msDS-PasswordHistoryLength': '0',
      'msDS-PasswordComplexityEnabled': 'TRUE',
      'msDS-MinimumPasswordAge': '0',
      'msDS-MaximumPasswordAge': '-36288000000000',
      'msDS-LockoutThreshold': '3',
      'msDS-LockoutDuration': '-9223372036854775808',
    });
    expect(pso).toMatchObject({ source: 'fine-grained', minLength: 20, history: undefined, complexity: true });
    expect(pso).toMatchObject({ minAge: undefined, maxAge: 3_628_800_000, lockoutThreshold: 3, lockoutDuration: 0 });
  });

  it('chooses as the domain controller does: own before group, then precedence, then the lower GUID', () => {
    const pso = (dn: string, precedence: number, guid: number, ...appliesTo: string[]) => ({
      dn,
      precedence,
      guid: Buffer.from([guid]),
      appliesTo,
    });
    const [me, group, other] = ['CN=me,DC=x', 'CN=group,DC=x', 'CN=other,DC=x'];
    const choose = (...psos: ReturnType<typeof pso>[]) => choosePso(psos, me, [group])?.dn;
    expect(choose(pso('group', 1, 1, group), pso('own', 50, 2, me))).toBe('own');
    expect(choose(pso('late', 20, 1, group), pso('early', 10, 2, 'cn=GROUP, dc=X'))).toBe('early');
    expect(choose(pso('high', 10, 9, group), pso('low', 10, 3, group))).toBe('low');
    expect(choose(pso('elsewhere', 1, 1, other))).toBeUndefined();
    expect(choose()).toBeUndefined();
  });
});

describe('minimum age', () => {
  const account = { username: 'amy' } as Account;
  const now = 1_700_000_000_000;
  const day = 86_400_000;
  const pwdLastSet = (ms: number) => String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);
  const preflightWith = (attributes: Record<string, string>, hints: boolean) => {
    const entry = { dn: 'CN=amy', userAccountControl: '512', ...attributes };
    const answers: Record<string, Entry[]> = {
      'CN=amy': [entry],
      'DC=x': [{ dn: 'DC=x', minPwdAge: String(-864_000_000_000n) }],
      'CN=slow': [{ dn: 'CN=slow', 'msDS-MinimumPasswordLength': '7', 'msDS-MinimumPasswordAge': '-1728000000000' }],
    };
    const connection = { search: async (base: string) => answers[base] ?? [] } as unknown as LdapConnection;
    const lookup = { locate: async () => entry } as unknown as Lookup;
    const config = { protectedGroups: [] } as unknown as ActiveDirectoryConfig;
    const root = { domainDn: 'DC=x', ourSids: [], policyHints: () => (hints ? daclOnly() : undefined) };
    const { run } = createPreflight({ config, lookup, clock: { now: () => now } });
    return run(connection, root as unknown as RootDse, account);
  };

  it('blocks a reset that the domain controller would refuse, and says until when', async () => {
    const young = { pwdLastSet: pwdLastSet(now - day / 2) };
    expect(await preflightWith(young, true)).toMatchObject({ is: 'blocked', why: 'minimum-age', until: now + day / 2 });
    expect(await preflightWith({ pwdLastSet: pwdLastSet(now - day) }, true)).toMatchObject({ is: 'ready' });
    const slow = { pwdLastSet: pwdLastSet(now - day), 'msDS-ResultantPSO': 'CN=slow' };
    expect(await preflightWith(slow, true), 'the fine-grained policy').toMatchObject({ until: now + day });
  });

  it('lets a reset through that needs not obey it: without policy hints, or with must-change', async () => {
    expect(await preflightWith({ pwdLastSet: pwdLastSet(now) }, false)).toMatchObject({ is: 'ready' });
    expect(await preflightWith({ pwdLastSet: '0' }, true)).toMatchObject({ is: 'ready', mustChange: true });
  });
});

it('prints dsacls for Windows and samba-tool for Samba', () => {
  const config = { baseDn: 'OU=People,DC=corp,DC=test', bindDn: 'CORP\\svc-sspr' };
  const root = {
    domainDn: '',
    currentTime: 0,
    supportedControl: [],
    ourSids: ['S-1-5-21-1'],
    policyHints: () => undefined,
  };
  expect(delegation(config, { ...root, samba: false }, 'reset')).toBe(
    'dsacls "OU=People,DC=corp,DC=test" /I:S /G "CORP\\svc-sspr:CA;Reset Password;user"',
  );
  expect(delegation(config, { ...root, samba: false }, 'lockoutTime')).toContain('RPWP;lockoutTime;user');
  expect(delegation(config, { ...root, samba: true }, 'reset')).toMatch(
    /^samba-tool dsacl set .*;CR;00299570.*;S-1-5-21-1\)"$/,
  );
  expect(policyGrant(config, { ...root, domainDn: 'DC=x', samba: false })).toBe(
    'dsacls "CN=Password Settings Container,CN=System,DC=x" /I:T /G "CORP\\svc-sspr:GR"',
  );
  expect(policyGrant(config, { ...root, samba: true })).toMatch(/--sddl="\(A;CI;GR;;;S-1-5-21-1\)"$/);
});
