import { createHash, hkdfSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Authenticator as Kept } from '../../../src/kernel/account.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import type { Enrolment, MethodPorts, Step, VerificationMethod } from '../../../src/methods/method.ts';
import { passkey } from '../../../src/methods/passkey.ts';
import { createAuthenticator, type Lies, type MadeWith } from '../../kit/authenticator.ts';
import { crossOrigin, noneEs256, packedSelfEs256, topOrigin, type Vector } from '../../kit/webauthn-vectors.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const { mac } = createKeyring([{ id: 'a', bytes: Buffer.alloc(32, 1) }]);
const open = (url = 'https://reset.example.test', rpId?: string): VerificationMethod =>
  passkey.open(rpId ? { rpId } : {}, {
    mac,
    organisation: 'Northfield College',
    publicUrl: new URL(url),
  } as unknown as MethodPorts) as VerificationMethod;

const account = { id: 'amina-id', username: 'amina', displayName: 'Amina Haddad', mail: [], attributes: {} };
const step = (more: Partial<Step> = {}): Step => ({
  flow: 'flow',
  challenge: 'challenge',
  now: NOW,
  language: 'en',
  account,
  purpose: 'recovery',
  ...more,
});

const options = (made: { prompt: unknown }): string => (made.prompt as { options: string }).options;
const ask = async (method: VerificationMethod, own: Kept[], at = step()) => {
  const made = await method.challenge(at, own);
  if ('is' in made) throw new Error('no challenge');
  return made;
};
const begin = async (method: VerificationMethod, existing: Kept[] = []) => {
  const begun = await (method.enrolment as Enrolment).begin(step(), account as never, {}, existing);
  if ('is' in begun) throw new Error('not begun');
  return begun;
};
const confirm = (
  method: VerificationMethod,
  pending: JsonObject,
  credential: string,
  existing: Kept[] = [],
  now = NOW,
) => (method.enrolment as Enrolment).confirm(step({ now }), pending, { credential, label: ' My phone ' }, existing);

/** A person with one passkey. */
async function person(device = createAuthenticator(), lies: MadeWith = {}, method = open()) {
  const begun = await begin(method);
  const verdict = await confirm(method, begun.pending, device.make(options(begun), lies));
  const effect = verdict.is === 'verified' ? verdict.effects[0] : undefined;
  if (effect?.kind !== 'add-authenticator') throw new Error(`not added: ${JSON.stringify(verdict)}`);
  const own: Kept[] = [
    { ...effect.authenticator, version: 1, createdAt: NOW, lastUsedAt: undefined, disabledAt: undefined } as Kept,
  ];
  return { method, device, own };
}

/** What becomes of one answer. */
async function judged(who: Awaited<ReturnType<typeof person>>, lies: Lies = {}, at = step()) {
  const made = await ask(who.method, who.own, at);
  const credential = who.device.use(options(made), lies);
  return who.method.judge(at, who.own, made.pending, { credential });
}

describe('what is asked for', () => {
  test('a discoverable key with a fresh challenge, no attestation, three algorithms, and a handle that says nothing', async () => {
    const { own, method } = await person();
    const begun = await begin(method, own);
    const asked = JSON.parse(options(begun)) as {
      challenge: string;
      user: { id: string };
      excludeCredentials: { id: string }[];
      pubKeyCredParams: { alg: number }[];
    };
    expect(asked).toMatchObject({
      rp: { id: 'reset.example.test', name: 'Northfield College' },
      attestation: 'none',
      timeout: 300_000,
      authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
    });
    expect(asked.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-7, -8, -257]);
    expect(Buffer.from(asked.challenge, 'base64url')).toHaveLength(32);
    expect(Buffer.from(asked.user.id, 'base64url')).toHaveLength(32);
    expect(asked.user.id).not.toContain(account.id);
    expect(asked.excludeCredentials.map(({ id }) => id)).toEqual([own[0]?.data['id']]);
    expect((JSON.parse(options(await begin(method))) as typeof asked).challenge).not.toBe(asked.challenge);
  });

  test('a recovery names no key, so a stranger sees the same whoever it is; a sign-in names the person’s own', async () => {
    const { method, own } = await person();
    const decoy = [{ ...own[0], data: method.decoy((purpose) => mac('decoy', 'nobody', purpose)) } as Kept];
    const shown = async (keys: Kept[], purpose: Step['purpose']) => {
      const { challenge: _, ...rest } = JSON.parse(options(await ask(method, keys, step({ purpose })))) as JsonObject;
      return rest;
    };
    expect(await shown(decoy, 'recovery')).toEqual(await shown(own, 'recovery'));
    expect(await shown(own, 'recovery')).not.toHaveProperty('allowCredentials');
    expect(await shown(own, 'sign-in')).toMatchObject({ allowCredentials: [{ id: own[0]?.data['id'] }] });
    // W-08: even where keys are named, a stand-in is plausible and stays the same.
    expect(await shown(decoy, 'sign-in')).toEqual(await shown(decoy, 'sign-in'));
    expect(Object.keys(await shown(decoy, 'sign-in'))).toEqual(Object.keys(await shown(own, 'sign-in')));
  });

  test('passkeys may belong to a domain above', async () => {
    const method = open('https://reset.example.org', 'example.org');
    const who = await person(createAuthenticator({ origin: 'https://reset.example.org' }), {}, method);
    expect(JSON.parse(options(await ask(method, who.own)))).toMatchObject({ rpId: 'example.org' });
    expect((await judged(who)).is).toBe('verified');
  });
});

describe('worth', () => {
  test('two gates with the person verified, one without; what this very answer shows decides', async () => {
    const who = await person();
    expect(who.method.offer(who.own, account)).toEqual({ method: 'passkey', hint: 'My phone', worth: { weight: 2 } });
    expect(await judged(who)).toMatchObject({ is: 'verified', worth: { weight: 2 } });
    expect(await judged(who, { uv: false })).toMatchObject({ is: 'verified', worth: { weight: 1 } });
    const bare = await person(createAuthenticator({ uv: false }));
    expect(bare.method.offer(bare.own, account)).toMatchObject({ worth: { weight: 1 } });
    expect(await judged(bare)).toMatchObject({ worth: { weight: 1 } });
  });
});

describe('a registration', () => {
  test.each<[string, MadeWith]>([
    ['EdDSA', { alg: -8 }],
    ['RS256', { alg: -257 }],
    ['an id of 1023 bytes', { idBytes: 1_023 }],
    ['not backed up', { be: false, bs: false }],
    [
      'a statement of its maker, which nobody reads',
      { statement: { fmt: 'packed', attStmt: new Map([['x5c', [new Uint8Array([1, 2, 3])]]]) } },
    ],
  ])('with %s is taken, and its key opens the gate', async (_what, lies) => {
    const who = await person(createAuthenticator(), lies);
    const { be, bs } = lies;
    expect(
      await judged(who, { ...(be === undefined ? {} : { be }), ...(bs === undefined ? {} : { bs }) }),
    ).toMatchObject({
      is: 'verified',
    });
  });

  test.each<[string, MadeWith]>([
    ['of another ceremony', { type: 'webauthn.get' }],
    ['for another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['for a page of somebody else', { origin: 'https://reset.example.test.evil.example' }],
    ['for plain http', { origin: 'http://reset.example.test' }],
    ['in a frame of another site', { crossOrigin: true }],
    ['in a frame, in words', { crossOrigin: 'true' }],
    ['with a page above', { topOrigin: 'https://evil.example' }],
    ['for another domain', { rpId: 'example.test' }],
    ['with nobody present', { up: false }],
    ['backed up, though it can’t be', { be: false, bs: true }],
    ['with an algorithm that was not offered', { alg: -35 }],
    ['with an id that is too long', { idBytes: 1_024 }],
    ['posted under another id', { id: Buffer.alloc(32, 5).toString('base64url') }],
    ['as another kind of credential', { posted: (one) => ({ ...one, type: 'password' }) }],
    ['with two ids', { posted: (one) => ({ ...one, rawId: 'AAAA' }) }],
    ['as a list', { posted: (one) => [one] }],
    ['as nothing', { posted: () => null }],
    ['as broken JSON', { posted: () => '{"id":' }],
    [
      'without client data',
      { posted: (one) => ({ ...one, response: { ...one.response, clientDataJSON: undefined } }) },
    ],
    [
      'with client data that is no object',
      { posted: (one) => ({ ...one, response: { ...one.response, clientDataJSON: 'bnVsbA' } }) },
    ],
    [
      'with an attestation object of numbers',
      { posted: (one) => ({ ...one, response: { ...one.response, attestationObject: 1 } }) },
    ],
    [
      'with an attestation object that is no CBOR',
      { posted: (one) => ({ ...one, response: { ...one.response, attestationObject: '____' } }) },
    ],
    ['with padding in its base64', { posted: (one) => ({ ...one, id: `${one.id}=`, rawId: `${one.id}=` }) }],
  ])('%s adds nothing', async (_what, lies) => {
    const method = open();
    const begun = await begin(method);
    const verdict = await confirm(method, begun.pending, createAuthenticator().make(options(begun), lies));
    expect(verdict).toEqual({ is: 'mismatch' });
  });

  test('works for five minutes, and the same key is not added twice', async () => {
    const method = open();
    const device = createAuthenticator();
    const begun = await begin(method);
    const credential = device.make(options(begun));
    expect((await confirm(method, begun.pending, credential, [], NOW + 300_001)).is).toBe('expired');
    expect((await confirm(method, begun.pending, credential, [], NOW + 300_000)).is).toBe('verified');
    const own = [{ data: { id: device.passkeys[0]?.id } } as unknown as Kept];
    expect(await confirm(method, begun.pending, credential, own)).toEqual({ is: 'invalid', why: 'same' });
  });
});

describe('an assertion', () => {
  test.each<[string, Lies]>([
    ['of another ceremony', { type: 'webauthn.create' }],
    ['for another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['for a page of somebody else', { origin: 'https://evil.example' }],
    ['for another port', { origin: 'https://reset.example.test:8443' }],
    ['in a frame of another site', { crossOrigin: true }],
    ['in a frame, by number', { crossOrigin: 1 }],
    ['with a page above', { crossOrigin: true, topOrigin: 'https://reset.example.test' }],
    ['for another domain', { rpId: 'example.test' }],
    ['with nobody present', { up: false }],
    ['of a key that can’t be backed up any more', { be: false, bs: false }],
    ['backed up, though it can’t be', { be: false, bs: true }],
    ['with somebody else’s user handle', { userHandle: Buffer.alloc(32, 9).toString('base64url') }],
    ['that does not say whose it is', { userHandle: undefined }],
    [
      'with a user handle that is no text',
      { posted: (one) => ({ ...one, response: { ...one.response, userHandle: 7 } }) },
    ],
    ['posted under an unknown id', { id: Buffer.alloc(32, 5).toString('base64url') }],
    ['with an id that is too long', { id: Buffer.alloc(1_024, 5).toString('base64url') }],
    ['with an empty id', { id: '' }],
    ['without a signature', { posted: (one) => ({ ...one, response: { ...one.response, signature: '' } }) }],
    [
      'with a signature of zeroes',
      {
        posted: (one) => ({ ...one, response: { ...one.response, signature: Buffer.alloc(70).toString('base64url') } }),
      },
    ],
    [
      'with authenticator data that is too short',
      { posted: (one) => ({ ...one, response: { ...one.response, authenticatorData: 'AAAA' } }) },
    ],
    [
      'with more authenticator data than was signed',
      {
        posted: (one) => ({
          ...one,
          response: { ...one.response, authenticatorData: `${one.response['authenticatorData']}AAAA` },
        }),
      },
    ],
    ['as broken JSON', { posted: () => '{' }],
    ['as a number', { posted: () => '7' }],
  ])('%s opens nothing', async (_what, lies) => {
    const verdict = await judged(await person(), lies);
    expect(verdict.is).toBe('mismatch');
    expect(verdict).not.toHaveProperty('alarm');
  });

  test('every single flag and byte of what was signed counts', async () => {
    const who = await person();
    const made = await ask(who.method, who.own);
    const given = JSON.parse(who.device.use(options(made))) as { response: Record<string, string> };
    const data = Buffer.from(String(given.response['authenticatorData']), 'base64url');
    for (let at = 0; at < data.length; at += 1) {
      const turned = Buffer.from(data);
      turned[at] = (turned[at] as number) ^ 0x04;
      const credential = JSON.stringify({
        ...given,
        response: { ...given.response, authenticatorData: turned.toString('base64url') },
      });
      expect((await who.method.judge(step(), who.own, made.pending, { credential })).is, `byte ${at}`).toBe('mismatch');
    }
    // It was the bytes, not the rest.
    expect((await who.method.judge(step(), who.own, made.pending, { credential: JSON.stringify(given) })).is).toBe(
      'verified',
    );
  });

  test('of another person’s key is nothing, under its own id and under mine', async () => {
    const amina = await person();
    const thief = await person();
    const [stolen] = thief.device.passkeys;
    expect((await judged(amina, { signedBy: stolen as never })).is).toBe('mismatch');
    const made = await ask(amina.method, amina.own);
    const credential = thief.device.use(options(made));
    expect(await amina.method.judge(step(), amina.own, made.pending, { credential })).toMatchObject({ is: 'mismatch' });
  });

  test('may leave out whose it is where the keys were named', async () => {
    const at = step({ purpose: 'sign-in' });
    expect((await judged(await person(), { userHandle: undefined }, at)).is).toBe('verified');
    expect((await judged(await person(), { userHandle: 'AAAA' }, at)).is).toBe('mismatch');
  });

  test('is worth something for five minutes and for its own challenge only', async () => {
    const who = await person();
    const made = await ask(who.method, who.own);
    const credential = who.device.use(options(made));
    const at = (now: number, pending = made.pending) =>
      who.method.judge(step({ now }), who.own, pending, { credential });
    expect((await at(NOW + 300_000)).is).toBe('verified');
    expect((await at(NOW + 300_001)).is).toBe('expired');
    expect((await at(NOW, (await ask(who.method, who.own)).pending)).is).toBe('mismatch');
  });

  test('a count that does not grow is refused and reported, but only from the key itself', async () => {
    const who = await person(createAuthenticator({ counts: true, synced: false }));
    const counted = async (counter: number) => {
      const verdict = await judged(who, { counter });
      const change =
        verdict.is === 'verified' && verdict.effects[0]?.kind === 'update-authenticator' && verdict.effects[0].change;
      if (change) who.own[0] = { ...(who.own[0] as Kept), data: change.data as JsonObject };
      return verdict;
    };
    expect((await counted(9)).is).toBe('verified');
    for (const counter of [9, 7, 0])
      expect(await counted(counter)).toMatchObject({
        is: 'mismatch',
        alarm: 'clone',
        cause: expect.stringContaining(`My phone” counted ${counter} after 9`),
      });
    expect((await counted(10)).is).toBe('verified');
    // Whoever has no key can't raise an alarm.
    const forged = await judged(who, { counter: 1, signedBy: (await person()).device.passkeys[0] as never });
    expect(forged).toMatchObject({ is: 'mismatch' });
    expect(forged).not.toHaveProperty('alarm');
  });

  test('keeps what it learns: the count, and whether the key is backed up', async () => {
    const who = await person();
    expect(await judged(who, { bs: false, counter: 3 })).toMatchObject({
      effects: [{ change: { data: { counter: 3, backedUp: false, backupEligible: true }, lastUsedAt: NOW } }],
    });
  });

  test('a stand-in is checked like a real key, and never right', async () => {
    const who = await person();
    const data = who.method.decoy((purpose) => mac('decoy', 'nobody', purpose));
    const decoy = [{ ...(who.own[0] as Kept), data }];
    const made = await ask(who.method, decoy);
    const credential = who.device.use(options(made), { id: String(data['id']) });
    expect(await who.method.judge(step(), decoy, made.pending, { credential })).toEqual({
      is: 'mismatch',
      cause: 'The signature is wrong.',
    });
  });
});

describe('the examples of the standard', () => {
  const method = open('https://example.org');
  const text = (hex: string) => Buffer.from(hex, 'hex').toString('base64url');
  const challengeOf = (hex: string) =>
    (JSON.parse(Buffer.from(hex, 'hex').toString()) as { challenge: string }).challenge;
  const registered = ({ id, made }: Vector) => {
    const credential = {
      id: text(id),
      rawId: text(id),
      type: 'public-key',
      response: { clientDataJSON: text(made.clientDataJSON), attestationObject: text(made.attestationObject) },
    };
    const pending = { challenge: challengeOf(made.clientDataJSON), expiresAt: NOW };
    return confirm(method, pending, JSON.stringify(credential));
  };
  const asserted = ({ id, used }: Vector, own: Kept[], named = true) => {
    const { clientDataJSON = '', authenticatorData = '', signature = '' } = used ?? {};
    const credential = {
      id: text(id),
      rawId: text(id),
      type: 'public-key',
      response: {
        clientDataJSON: text(clientDataJSON),
        authenticatorData: text(authenticatorData),
        signature: text(signature),
      },
    };
    const pending = { challenge: challengeOf(clientDataJSON), named, expiresAt: NOW };
    return method.judge(step(), own, pending, { credential: JSON.stringify(credential) });
  };
  const keyOf = (data: JsonObject): Kept[] => [{ id: 'k', version: 1, label: 'Key', data } as unknown as Kept];

  test.each([noneEs256, packedSelfEs256, crossOrigin, topOrigin])(
    '$name was copied rightly: challenge and RP ID come out as the standard derives them',
    ({ name, made }) => {
      const derived = hkdfSync('sha256', 'WebAuthn test vectors', Buffer.from([0]), name, 32);
      expect(challengeOf(made.clientDataJSON)).toBe(Buffer.from(derived).toString('base64url'));
      expect(made.attestationObject).toContain(createHash('sha256').update('example.org').digest('hex'));
    },
  );

  test('none-es256 is registered and passes, as one gate: the person was not verified', async () => {
    const verdict = await registered(noneEs256);
    const effect = verdict.is === 'verified' ? verdict.effects[0] : undefined;
    if (effect?.kind !== 'add-authenticator') throw new Error('not added');
    const { data } = effect.authenticator;
    expect(data).toMatchObject({ counter: 0, userVerified: false, backupEligible: true, backedUp: true });
    expect(method.offer(keyOf(data), account)).toMatchObject({ worth: { weight: 1 } });
    expect(await asserted(noneEs256, keyOf(data))).toMatchObject({ is: 'verified', worth: { weight: 1 } });
    // It has no user handle, so where nobody was named it opens nothing.
    expect((await asserted(noneEs256, keyOf(data), false)).is).toBe('mismatch');
  });

  test('packed-self-es256 is registered, and counts as verified; its own statement is not read', async () => {
    const verdict = await registered(packedSelfEs256);
    expect(verdict).toMatchObject({ is: 'verified', effects: [{ authenticator: { data: { userVerified: true } } }] });
    const { made } = packedSelfEs256;
    const forged = made.attestationObject.replace('ae045923', 'ae045924');
    expect((await registered({ ...packedSelfEs256, made: { ...made, attestationObject: forged } })).is).toBe(
      'verified',
    );
  });

  test.each([crossOrigin, topOrigin])('$name is refused, when it is made and when it is used', async (vector) => {
    expect((await registered(vector)).is).toBe('mismatch');
    // Its key, as if it had been registered.
    const at = vector.made.attestationObject.indexOf('a5010203262001215820');
    const key = text(vector.made.attestationObject.slice(at));
    const own = keyOf({
      id: text(vector.id),
      publicKey: key,
      counter: 0,
      backupEligible: false,
      backedUp: false,
      userVerified: true,
      transports: [],
    });
    expect(await asserted(vector, own)).toEqual({
      is: 'mismatch',
      cause: 'It was made inside a page of another site.',
    });
  });
});
