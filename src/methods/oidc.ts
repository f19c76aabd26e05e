/**
 * `oidc`: a fresh sign-in at another identity provider (OpenID Connect Core 1.0, authorization code with PKCE). Only an
 * account that was linked beforehand counts, found by issuer and subject; nothing about our account goes to the provider.
 */
import { randomNonce, randomPKCECodeVerifier } from 'openid-client';
import { Type } from 'typebox';
import type { Authenticator } from '../kernel/account.ts';
import { minutes } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';
import { sameText } from '../kernel/keyring.ts';
import { definePlugin } from '../kernel/plugin.ts';
import type { GoElsewhere } from '../kernel/prompt.ts';
import { newId, newToken } from '../kernel/random.ts';
import { Duration, SecretText } from '../kernel/setting.ts';
import type { Unavailable, Verdict } from '../kernel/verdict.ts';
import { maskAddress } from './mask.ts';
import type { Answer, Challenge, MethodPorts, Step, VerificationMethod } from './method.ts';
import { checkProvider } from './oidc/check.ts';
import { claimFault } from './oidc/claims.ts';
import { type Asked, createProvider } from './oidc/provider.ts';

/** How long somebody may take over there. */
const PATIENCE = minutes(10);

/** Where people come back to; registered at the provider as `<publicUrl>/oidc/return`. */
export const RETURN_PATH = '/oidc/return';

/** A state begins with what it is for, so that the page of the return knows which form to send. */
export const isStateOf = (purpose: 'gate' | 'add', state: string): boolean => state.startsWith(`${purpose}.`);

export const configSchema = Type.Object({
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 60,
      description: 'Name of the provider, as people know it: shown on the button that leads there.',
      examples: ['State ID'],
    }),
  ),
  issuer: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s?#]+$',
      description: 'Issuer of the provider. Its metadata is read from there. Must be https, except on this machine.',
      examples: ['https://id.example.org'],
    }),
  ),
  clientId: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Id of Sparekey at the provider. Register `<publicUrl>/oidc/return` as redirect URI there.',
      examples: ['sparekey'],
    }),
  ),
  clientSecret: Type.Optional(SecretText({ description: 'Secret of that client. Without one it is a public client.' })),
  scopes: Type.Array(Type.String({ pattern: '^[!#-\\[\\]-~]+$' }), {
    default: ['openid'],
    uniqueItems: true,
    description: 'Scopes to ask for. With `email` the linked account is shown to its owner by its (masked) address.',
    examples: [['openid', 'email']],
  }),
  acr: Type.Array(Type.String({ minLength: 1, pattern: '^\\S+$' }), {
    default: [],
    uniqueItems: true,
    description: 'Authentication levels (`acr`), one of which the provider must confirm. Asked for with every sign-in.',
    examples: [['https://refeds.org/profile/mfa']],
  }),
  amr: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    uniqueItems: true,
    description: 'Authentication methods (`amr`, RFC 8176), one of which the provider must name.',
    examples: [['mfa', 'hwk']],
  }),
  maxAge: Duration({
    default: '5 min',
    duration: { min: '10 s', max: '1 h' },
    description: 'How long ago the sign-in at the provider may be. People are always asked to sign in anew there.',
  }),
  weight: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 2,
    description: 'Gates that it counts as. 2 only where `acr` or `amr` makes sure that two factors were used there.',
  }),
  timeout: Duration({
    default: '5 s',
    duration: { min: '100 ms', max: '15 s' },
    description: 'How long one answer of the provider may take.',
  }),
});

const lookupOf = (iss: string, sub: string): string => `oidc:${iss}|${sub}`;

const belongs = ({ data }: Authenticator, iss: string, sub: string): boolean =>
  sameText(lookupOf(String(data['iss']), String(data['sub'])), lookupOf(iss, sub));

interface Pending extends Asked {
  /** ms */
  since: number;
}

export const oidc = definePlugin({
  id: 'oidc',
  summary: 'A fresh sign-in at another identity provider, with an account that was linked beforehand.',
  configSchema,
  open(config, { publicUrl }: MethodPorts): VerificationMethod {
    const { name, issuer, clientId, acr, amr } = config;
    if (!name || !issuer || !clientId) throw new Error('methods.oidc needs name, issuer and clientId.');
    const returnUrl = `${publicUrl.origin}${RETURN_PATH}`;
    const provider = createProvider({ ...config, issuer, clientId, returnUrl });

    const send = async (step: Step): Promise<Challenge<GoElsewhere> | Unavailable> => {
      const asked: Asked = {
        state: `${step.purpose === 'enrolment' ? 'add' : 'gate'}.${newToken()}`,
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
      };
      const made = await provider.address(asked, step.now);
      if (made.is === 'unavailable') return made;
      const pending = { ...asked, since: step.now } satisfies Pending;
      return {
        pending,
        prompt: {
          kind: 'go-elsewhere',
          method: 'oidc',
          url: made.url,
          who: name,
          expiresAt: step.now + PATIENCE,
          resendable: false,
        },
        effects: [],
      };
    };

    /** Who signed in over there, if the answer proves anybody. */
    const proven = async (step: Step, pending: JsonObject, answer: Answer) => {
      const asked = pending as unknown as Pending;
      const returned = new URLSearchParams(answer['returned'] ?? '');
      // Before the provider is asked: an answer to another question costs nobody a request.
      if (!sameText(returned.get('state') ?? '', asked.state))
        return { is: 'mismatch', cause: 'The state is not ours.' } as const;
      if (step.now > asked.since + PATIENCE) return { is: 'expired' } as const;
      const exchanged = await provider.exchange(returned, asked, step.now);
      if (exchanged.is !== 'claims') return exchanged;
      const cause = claimFault(exchanged.claims, { acr, amr, since: asked.since, now: step.now });
      return cause === undefined ? exchanged : ({ is: 'mismatch', cause } as const);
    };

    return {
      id: 'oidc',
      worth: { evidence: 'bound', channel: 'provider', weight: config.weight as 1 | 2 },
      first: true,
      several: false,
      // Two passwords are no two factors: only where the provider vouches for more.
      signIn: acr.length > 0 || amr.length > 0,
      // A code of the provider works once, so another try needs another journey there.
      tries: 1,
      offer: (authenticators) =>
        authenticators.length === 0
          ? undefined
          : { method: 'oidc', hint: authenticators.map(({ label }) => label).join(', ') },
      decoy: (seed) => ({ iss: issuer, sub: seed('oidc') }),
      challenge: send,
      judge: async (step, authenticators, pending, answer): Promise<Verdict> => {
        const found = await proven(step, pending, answer);
        if (found.is !== 'claims') return found;
        const { iss, sub } = found.claims;
        const linked = authenticators.find((one) => belongs(one, iss, sub));
        if (!linked) return { is: 'mismatch', cause: 'Somebody else signed in at the provider.' };
        return {
          is: 'verified',
          effects: [
            {
              kind: 'update-authenticator',
              id: linked.id,
              version: linked.version,
              change: { lastUsedAt: step.now },
            },
          ],
        };
      },
      enrolment: {
        begin: send,
        confirm: async (step, pending, answer, existing): Promise<Verdict> => {
          const found = await proven(step, pending, answer);
          if (found.is !== 'claims') return found;
          const { iss, sub, email } = found.claims;
          const usable = existing.filter(({ disabledAt }) => disabledAt === undefined);
          if (usable.some((one) => belongs(one, iss, sub))) return { is: 'verified', effects: [] };
          return {
            is: 'verified',
            effects: [
              // One at a time: another one takes its place.
              ...existing.map(({ id }) => ({ kind: 'remove-authenticator' as const, id })),
              {
                kind: 'add-authenticator',
                authenticator: {
                  id: newId(),
                  accountId: step.account.id,
                  method: 'oidc',
                  label: typeof email === 'string' ? `${name}: ${maskAddress(email)}` : name,
                  data: { iss, sub },
                  lookup: lookupOf(iss, sub),
                },
              },
            ],
          };
        },
      },
      check: () => checkProvider(name, provider, { acr }),
    };
  },
});
