/** The method `oidc` against a real provider: what it believes, and everything that it must not. */
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Authenticator } from '../../../src/kernel/account.ts';
import type { GoElsewhere } from '../../../src/kernel/prompt.ts';
import type { Challenge, Step, VerificationMethod } from '../../../src/methods/method.ts';
import { oidc } from '../../../src/methods/oidc.ts';
import { ports } from '../../contract/method.ts';
import { CLIENT, type OidcProvider, startOidcProvider } from '../../kit/servers/oidc-provider.ts';

const MFA = 'urn:example:mfa';
const returnUrl = `${ports.publicUrl.origin}/oidc/return`;
const account = { id: 'amina-id', username: 'amina', displayName: 'Amina', mail: [], attributes: {} };
let provider: OidcProvider;

beforeAll(async () => {
  provider = await startOidcProvider({ redirectUri: returnUrl, secret: CLIENT.clientSecret, acrValues: [MFA, 'low'] });
});
afterAll(() => provider.close());
afterEach(() => {
  provider.trouble.clear();
  provider.tamper = undefined;
  provider.person = { sub: 'amina-there' };
});

const settings = (more: object = {}) => ({
  name: 'State ID',
  issuer: provider.issuer,
  clientId: CLIENT.clientId,
  clientSecret: CLIENT.clientSecret,
  scopes: ['openid'],
  acr: [],
  amr: [],
  maxAge: 300_000,
  weight: 1,
  timeout: 5_000,
  ...more,
});
const open = (more: object = {}) => oidc.open(settings(more), ports) as VerificationMethod;

let count = 0;
const step = (more: Partial<Step> = {}): Step => {
  count += 1;
  return {
    flow: `f${count}`,
    challenge: `c${count}`,
    now: Date.now(),
    language: 'en',
    account,
    purpose: 'recovery',
    ...more,
  };
};
const linked = (sub = 'amina-there', iss = provider.issuer): Authenticator[] => [
  {
    id: 'a1',
    accountId: account.id,
    method: 'oidc',
    label: 'State ID',
    data: { iss, sub },
    version: 3,
    createdAt: 0,
    lastUsedAt: undefined,
    disabledAt: undefined,
  },
];

async function ask(method: VerificationMethod, at: Step): Promise<Challenge<GoElsewhere>> {
  const made = await method.challenge(at, linked());
  if ('is' in made) throw new Error(made.cause);
  return made as Challenge<GoElsewhere>;
}

const there = async ({ prompt }: Challenge<GoElsewhere>): Promise<string> =>
  (await provider.signIn(prompt.url)).search.slice(1);

/** Asked, signed in over there, back. */
async function judged(more: object = {}, returned: (query: string) => string = (query) => query, own = linked()) {
  const method = open(more);
  const at = step();
  const made = await ask(method, at);
  return method.judge(at, own, made.pending, { returned: returned(await there(made)) });
}

describe('a sign-in at the provider', () => {
  test('of the linked account passes, and marks it as used under its version', async () => {
    const verdict = await judged();
    expect(verdict).toMatchObject({
      is: 'verified',
      effects: [{ kind: 'update-authenticator', id: 'a1', version: 3 }],
    });
  });

  test('is asked for with PKCE (S256), state, nonce and a fresh sign-in, and tells nothing of the account', async () => {
    const made = await ask(open({ acr: [MFA] }), step());
    const url = new URL(made.prompt.url);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: returnUrl,
      code_challenge_method: 'S256',
      prompt: 'login',
      max_age: '300',
      acr_values: MFA,
      scope: 'openid',
    });
    expect(url.searchParams.has('login_hint')).toBe(false);
    expect(url.searchParams.has('ui_locales')).toBe(false);
    expect(made.prompt.url).not.toMatch(/amina/);
  });

  test('works for a public client, too', async () => {
    const open = await startOidcProvider({ redirectUri: returnUrl });
    try {
      const method = oidc.open(settings({ issuer: open.issuer, clientSecret: undefined }), ports) as VerificationMethod;
      const at = step();
      const made = await ask(method, at);
      const returned = (await open.signIn(made.prompt.url)).search.slice(1);
      const verdict = await method.judge(at, linked('amina-there', open.issuer), made.pending, { returned });
      expect(verdict.is).toBe('verified');
    } finally {
      await open.close();
    }
  });

  test('of somebody else does not match', async () => {
    provider.person = { sub: 'mallory-there' };
    expect((await judged()).is).toBe('mismatch');
  });

  test('with the same subject at another issuer does not match', async () => {
    expect((await judged({}, undefined, linked('amina-there', 'https://elsewhere.example'))).is).toBe('mismatch');
  });

  test('can’t match the stand-in of an unknown account', async () => {
    const method = open();
    const own = [{ ...(linked()[0] as Authenticator), data: method.decoy((purpose) => `seed-${purpose}`) }];
    expect((await judged({}, undefined, own)).is).toBe('mismatch');
  });

  test('that the person broke off is no wrong answer', async () => {
    provider.person = undefined;
    expect((await judged()).is).toBe('declined');
  });

  test('works once: the code of an answer is worth nothing a second time', async () => {
    const method = open();
    const at = step();
    const made = await ask(method, at);
    const returned = await there(made);
    expect((await method.judge(at, linked(), made.pending, { returned })).is).toBe('verified');
    expect((await method.judge(at, linked(), made.pending, { returned })).is).toBe('mismatch');
  });

  test('works once under 50 parallel requests', async () => {
    const method = open();
    const at = step();
    const made = await ask(method, at);
    const returned = await there(made);
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => method.judge(at, linked(), made.pending, { returned })),
    );
    expect(verdicts.filter(({ is }) => is === 'verified').length).toBeLessThanOrEqual(1);
  });

  test('belongs to its question: two journeys can’t swap answers, whatever the state says', async () => {
    const method = open();
    const [one, other] = [step(), step()];
    const [mine, theirs] = [await ask(method, one), await ask(method, other)];
    const returned = await there(theirs);
    expect((await method.judge(one, linked(), mine.pending, { returned })).is).toBe('mismatch');
    // With our state pasted over theirs it still carries their nonce and their PKCE challenge.
    const forged = new URLSearchParams(returned);
    forged.set('state', String(mine.pending['state']));
    expect((await method.judge(one, linked(), mine.pending, { returned: forged.toString() })).is).toBe('mismatch');
  });

  test('comes too late after ten minutes', async () => {
    const method = open();
    const at = step();
    const made = await ask(method, at);
    const returned = await there(made);
    expect((await method.judge({ ...at, now: at.now + 600_001 }, linked(), made.pending, { returned })).is).toBe(
      'expired',
    );
  });
});

describe('an answer in the address is not believed', () => {
  const change = (edit: (query: URLSearchParams) => void) => (query: string) => {
    const edited = new URLSearchParams(query);
    edit(edited);
    return edited.toString();
  };
  test.each([
    ['without a state', change((query) => query.delete('state'))],
    ['with another state', change((query) => query.set('state', 'gate.abc'))],
    ['with two states', change((query) => query.append('state', query.get('state') ?? ''))],
    ['from another issuer', change((query) => query.set('iss', 'https://elsewhere.example'))],
    ['without the issuer that this provider always names', change((query) => query.delete('iss'))],
    ['with another code', change((query) => query.set('code', 'x'.repeat(43)))],
    ['without a code', change((query) => query.delete('code'))],
    ['that is empty', () => ''],
    ['that is nonsense', () => '%%%&&&==='],
  ])('%s', async (_what, edit) => {
    expect((await judged({}, edit)).is).toBe('mismatch');
  });

  test('and a wrong state costs the provider no request', async () => {
    const before = provider.count('/token');
    await judged(
      {},
      change((query) => query.set('state', 'gate.abc')),
    );
    expect(provider.count('/token')).toBe(before);
  });
});

describe('an ID token is not believed', () => {
  /** Wrong in nothing but the claims. */
  const says = (edit: (claims: Record<string, unknown>) => void) => async (token: string) => {
    const claims = decodeJwt(token) as Record<string, unknown>;
    edit(claims);
    return provider.sign(claims);
  };
  const signedBy = (kid: string) => async (token: string) => {
    const { privateKey } = await generateKeyPair('RS256');
    return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
  };
  const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each<[string, (token: string) => string | Promise<string>]>([
    ['that is signed with another key', signedBy('first')],
    ['whose key has another name', signedBy('second')],
    [
      'whose key comes along in its header',
      async (token) => {
        const { privateKey, publicKey } = await generateKeyPair('RS256');
        const header = { alg: 'RS256', jwk: await exportJWK(publicKey) };
        return new SignJWT(decodeJwt(token)).setProtectedHeader(header).sign(privateKey);
      },
    ],
    ['without a signature (alg none)', (token) => `${base64({ alg: 'none' })}.${token.split('.')[1]}.`],
    [
      'that is signed with the client secret (HS256)',
      (token) =>
        new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(CLIENT.clientSecret)),
    ],
    [
      'whose claims were changed under the old signature',
      (token) => {
        const [head, , tail] = token.split('.');
        return `${head}.${base64({ ...decodeJwt(token), sub: 'amina-there', acr: MFA })}.${tail}`;
      },
    ],
    ['for another client', says((claims) => Object.assign(claims, { aud: 'somebody-else' }))],
    [
      'for several clients, issued to another',
      says((claims) => Object.assign(claims, { aud: [CLIENT.clientId, 'b'], azp: 'b' })),
    ],
    ['of another issuer', says((claims) => Object.assign(claims, { iss: 'https://elsewhere.example' }))],
    ['with another nonce', says((claims) => Object.assign(claims, { nonce: 'abc' }))],
    ['without a nonce', says((claims) => delete claims['nonce'])],
    ['that ran out', says((claims) => Object.assign(claims, { exp: Math.floor(Date.now() / 1000) - 600 }))],
    ['without auth_time', says((claims) => delete claims['auth_time'])],
    ['that is no token', () => 'nonsense'],
  ])('%s', async (_what, tamper) => {
    provider.tamper = tamper;
    expect((await judged()).is).toBe('mismatch');
  });

  test('and the one that is right passes with the very same steps', async () => {
    provider.tamper = says(() => undefined);
    expect((await judged()).is).toBe('verified');
  });
});

describe('how somebody signed in there', () => {
  test('must be as fresh as the configuration asks', async () => {
    provider.person = { sub: 'amina-there', at: Date.now() - 10 * 60_000 };
    expect((await judged()).is).toBe('mismatch');
    provider.person = { sub: 'amina-there', at: Date.now() - 2 * 60_000 };
    expect((await judged()).is).toBe('verified');
  });

  test('must not lie in the future', async () => {
    provider.person = { sub: 'amina-there', at: Date.now() + 10 * 60_000 };
    const verdict = await judged();
    expect(verdict).toMatchObject({ is: 'mismatch', cause: expect.stringContaining('auth_time') });
  });

  test('must reach one of the levels (acr), when some are asked for', async () => {
    provider.person = { sub: 'amina-there', acr: MFA };
    expect((await judged({ acr: [MFA] })).is).toBe('verified');
    provider.person = { sub: 'amina-there', acr: 'low' };
    expect(await judged({ acr: [MFA] })).toMatchObject({ is: 'mismatch', cause: expect.stringContaining('acr') });
    provider.person = { sub: 'amina-there' };
    expect((await judged({ acr: [MFA] })).is).toBe('mismatch');
  });

  test('must name one of the methods (amr), when some are asked for', async () => {
    provider.person = { sub: 'amina-there', amr: ['pwd', 'otp'] };
    expect((await judged({ amr: ['otp', 'hwk'] })).is).toBe('verified');
    provider.person = { sub: 'amina-there', amr: ['pwd'] };
    expect(await judged({ amr: ['otp', 'hwk'] })).toMatchObject({
      is: 'mismatch',
      cause: expect.stringContaining('amr'),
    });
  });

  test('is enough for a sign-in here only where levels or methods are asked for', () => {
    expect(open().signIn).toBe(false);
    expect(open({ acr: [MFA] }).signIn).toBe(true);
    expect(open({ amr: ['mfa'] }).signIn).toBe(true);
  });

  test('is measured with our clock: one that runs behind the token’s refuses it', async () => {
    const method = open();
    const at = step({ now: Date.now() - 120_000 });
    const made = await ask(method, at);
    const verdict = await method.judge(at, linked(), made.pending, { returned: await there(made) });
    expect(verdict).toMatchObject({ is: 'mismatch', cause: expect.stringContaining('iat') });
  });
});

describe('a provider in trouble', () => {
  const METADATA = '/.well-known/openid-configuration';

  test.each([
    ['answers 500', { status: 500, body: 'oops' } as const],
    ['answers with a page', { status: 200, body: '<html>', type: 'text/html' } as const],
    ['answers nonsense', { status: 200, body: '{"issuer":' } as const],
    ['answers for another issuer', { status: 200, body: '{"issuer":"https://elsewhere.example"}' } as const],
    ['sends us elsewhere', { status: 302, location: 'http://127.0.0.1:1/' } as const],
    ['says too much', { status: 200, body: `"${'x'.repeat(300_000)}"` } as const],
    ['says nothing', 'hangs' as const],
  ])('that %s when asked for its metadata is told to be unavailable', async (_what, trouble) => {
    provider.trouble.set(METADATA, trouble);
    const made = await open({ timeout: 200 }).challenge(step(), linked());
    expect(made).toMatchObject({ is: 'unavailable' });
  });

  test.each([
    ['/token', 'answers 500', { status: 500, body: 'oops' } as const],
    ['/token', 'answers nonsense', { status: 200, body: 'x' } as const],
    ['/token', 'sends us elsewhere', { status: 307, location: 'http://127.0.0.1:1/' } as const],
    ['/token', 'says nothing', 'hangs' as const],
    ['/token', 'does not know us', { status: 401, body: '{"error":"invalid_client"}' } as const],
    ['/jwks', 'answers 500', { status: 500, body: 'oops' } as const],
    ['/jwks', 'says nothing', 'hangs' as const],
  ])('whose %s %s proves nobody, and that is nobody’s fault', async (path, _what, trouble) => {
    provider.trouble.set(path, trouble);
    expect((await judged({ timeout: 300 })).is).toBe('unavailable');
  });

  test('is left alone for a moment, then asked again', async () => {
    const method = open();
    const at = step();
    provider.trouble.set(METADATA, { status: 503 });
    const before = provider.count(METADATA);
    for (let n = 0; n < 5; n += 1) await method.challenge(at, linked());
    expect(provider.count(METADATA)).toBe(before + 1);
    provider.trouble.clear();
    expect(await method.challenge({ ...at, now: at.now + 5_001 }, linked())).toHaveProperty('prompt');
  });

  test('that is well is asked for its metadata once an hour, and for its keys only when they change', async () => {
    const method = open();
    const [metadata, keys] = [provider.count(METADATA), provider.count('/jwks')];
    for (let n = 0; n < 3; n += 1) {
      const at = step();
      const made = await ask(method, at);
      await method.judge(at, linked(), made.pending, { returned: await there(made) });
    }
    expect(provider.count(METADATA)).toBe(metadata + 1);
    expect(provider.count('/jwks')).toBe(keys + 1);
    await method.challenge(step({ now: Date.now() + 3_600_001 }), linked());
    expect(provider.count(METADATA)).toBe(metadata + 2);
  });

  test('can’t lead us to plain http elsewhere', async () => {
    const endpoints = { authorization_endpoint: `${provider.issuer}/auth`, jwks_uri: `${provider.issuer}/jwks` };
    const metadata = { issuer: provider.issuer, ...endpoints, token_endpoint: 'http://169.254.169.254/token' };
    provider.trouble.set(METADATA, { status: 200, body: JSON.stringify(metadata) });
    expect(await open().challenge(step(), linked())).toMatchObject({ is: 'unavailable', cause: /token_endpoint/ });
  });

  test('with http that is not on this machine is not asked at all', async () => {
    const made = await open({ issuer: 'http://id.example.org' }).challenge(step(), linked());
    expect(made).toMatchObject({ is: 'unavailable', cause: expect.stringContaining('only https') });
  });
});

describe('linking an account', () => {
  const link = async (own: Authenticator[] = [], more: object = {}) => {
    const method = open(more);
    const at = step({ purpose: 'enrolment' });
    const made = await method.enrolment?.begin(at, account as never, {}, own);
    if (!made || 'is' in made) throw new Error('No challenge.');
    const returned = await there(made as Challenge<GoElsewhere>);
    return method.enrolment?.confirm(at, made.pending, { returned }, own);
  };

  test('keeps issuer and subject, and how to find it again', async () => {
    const lookup = `oidc:${provider.issuer}|amina-there`;
    const data = { iss: provider.issuer, sub: 'amina-there' };
    expect(await link()).toMatchObject({
      is: 'verified',
      effects: [
        { kind: 'add-authenticator', authenticator: { accountId: account.id, label: 'State ID', data, lookup } },
      ],
    });
  });

  test('shows its owner the masked address, where the provider tells it', async () => {
    const verdict = await link([], { scopes: ['openid', 'email'] });
    expect(verdict).toMatchObject({ effects: [{ authenticator: { label: 'State ID: a•••@elsewhere.example' } }] });
  });

  test('a second time changes nothing; another one takes its place', async () => {
    expect(await link(linked())).toEqual({ is: 'verified', effects: [] });
    expect(await link(linked('older'))).toMatchObject({
      effects: [{ kind: 'remove-authenticator', id: 'a1' }, { kind: 'add-authenticator' }],
    });
  });

  test('an answer to a recovery is none to a linking, even with its state', async () => {
    const method = open();
    const made = await ask(method, step());
    const adding = step({ purpose: 'enrolment' });
    const begun = await method.enrolment?.begin(adding, account as never, {}, []);
    if (!begun || 'is' in begun) throw new Error('No challenge.');
    const returned = new URLSearchParams(await there(made));
    returned.set('state', String(begun.pending['state']));
    const verdict = await method.enrolment?.confirm(adding, begun.pending, { returned: returned.toString() }, []);
    expect(verdict?.is).toBe('mismatch');
  });
});

describe('check', () => {
  test('says that the provider is reached and has PKCE', async () => {
    expect(await open({ acr: [MFA] }).check?.()).toEqual([
      { is: 'ok', what: 'read the metadata of State ID' },
      { is: 'ok', what: 'PKCE with S256' },
      { is: 'ok', what: `acr ${MFA}` },
    ]);
  });

  test('names what to mend: an issuer that is not there, a level that nobody gives', async () => {
    expect(await open({ issuer: `${provider.issuer}/nowhere` }).check?.()).toMatchObject([
      { is: 'failed', key: 'issuer', cause: expect.any(String), fix: expect.any(String) },
    ]);
    expect(await open({ acr: ['unknown'] }).check?.()).toMatchObject([{}, {}, { is: 'warning', key: 'acr' }]);
  });
});

test('no cause of a refusal holds a code, a token or a state', async () => {
  provider.tamper = (token) => `${token}x`;
  const method = open();
  const at = step();
  const made = await ask(method, at);
  const returned = await there(made);
  const verdict = JSON.stringify(await method.judge(at, linked(), made.pending, { returned }));
  expect(verdict).toContain('cause');
  for (const value of new URLSearchParams(returned).values())
    if (value !== provider.issuer) expect(verdict).not.toContain(value);
});
