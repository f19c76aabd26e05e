/**
 * `passkey`: a key on a device or in a password manager signs a fresh challenge (WebAuthn Level 3). Proof against phishing,
 * because the browser signs the origin along. With the person verified (PIN, finger, face) it counts as two gates, else as
 * one (N-22, N-23). Keys are discoverable, so in a recovery none is named: known and unknown people get the same options.
 */

import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { generateAuthenticationOptions, generateRegistrationOptions } from '@simplewebauthn/server';
import { Type } from 'typebox';
import type { Authenticator } from '../kernel/account.ts';
import { minutes } from '../kernel/clock.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { newId } from '../kernel/random.ts';
import type { MethodPorts, Step, VerificationMethod } from './method.ts';
import { readAssertion } from './passkey/read-credential.ts';
import { decoyKey, keyData, lookupOf, storedKey } from './passkey/stored-key.ts';
import { verifyAssertion } from './passkey/verify-assertion.ts';
import { ALGORITHMS, verifyRegistration } from './passkey/verify-registration.ts';

/** W-01: one challenge, for the recommended time of a ceremony. */
const LIFETIME = minutes(5);
const CHALLENGE_BYTES = 32;
const LABEL = 60;

export const configSchema = Type.Object({
  rpId: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)*$',
      description:
        'Domain that passkeys belong to: the host of publicUrl, or a domain above it that shares its passkeys with other sites. Changing it makes all passkeys worthless.',
      examples: ['example.org'],
    }),
  ),
});

export const passkey = definePlugin({
  id: 'passkey',
  summary: 'A passkey: unlocked on the person’s own device, useless to a false site.',
  configSchema,
  open({ rpId = '' }, ports: MethodPorts): VerificationMethod {
    const here = ports.publicUrl;
    const site = { rpId: rpId || here.hostname, origin: here.origin };
    /** W-07: the same for a person at every key of theirs, and nothing of the person in it. */
    const handleOf = (accountId: string): string => ports.mac('passkey-user', accountId);
    const expiry = (step: Step) => ({ expiresAt: step.now + LIFETIME });
    const newChallenge = () => new Uint8Array(randomBytes(CHALLENGE_BYTES));

    return {
      id: 'passkey',
      worth: { evidence: 'bound', channel: 'device', weight: 2 },
      first: true,
      several: true,
      signIn: true,
      offer: (authenticators) => {
        if (authenticators.length === 0) return undefined;
        const verified = authenticators.some((one) => storedKey(one).userVerified);
        const hint = authenticators.map(({ label }) => label).join(', ');
        return { method: 'passkey', hint, worth: { weight: verified ? 2 : 1 } };
      },
      decoy: (seed) => keyData(decoyKey(seed)),
      lookupOf: (answer) => {
        const given = readAssertion(answer['credential']);
        return given && lookupOf(given.id);
      },

      challenge: async (step, authenticators) => {
        // A list would tell strangers who has a key, and which (§14.6.2, §14.6.3).
        const named = step.purpose !== 'recovery';
        const keys = authenticators.map(storedKey).map(({ id, transports }) => ({ id, transports }));
        const options = await generateAuthenticationOptions({
          rpID: site.rpId,
          challenge: newChallenge(),
          timeout: LIFETIME,
          userVerification: 'preferred',
          ...(named ? { allowCredentials: keys } : {}),
        });
        return {
          pending: { challenge: options.challenge, named, ...expiry(step) },
          prompt: {
            kind: 'use-passkey',
            method: 'passkey',
            options: JSON.stringify(options),
            resendable: false,
            ...expiry(step),
          },
          effects: [],
        };
      },

      judge: async (step, authenticators, pending, answer) => {
        if (step.now > Number(pending['expiresAt'])) return { is: 'expired' };
        const handle = handleOf(step.account.id);
        const expected = { ...site, challenge: String(pending['challenge']), named: pending['named'] === true, handle };
        const found = await verifyAssertion(answer['credential'], authenticators.map(storedKey), expected);
        if (found.is === 'wrong') return { is: 'mismatch', cause: found.cause };
        const { key, counter } = found;
        const { id, version, label } = authenticators.find((own) => storedKey(own).id === key.id) as Authenticator;
        if (found.is === 'copied') {
          const cause = `The passkey “${label}” counted ${counter} after ${key.counter} had been seen: there may be a copy of it.`;
          return { is: 'mismatch', cause, alarm: 'clone' };
        }
        const change = { data: keyData({ ...key, counter, backedUp: found.backedUp }), lastUsedAt: step.now };
        return {
          is: 'verified',
          worth: { weight: found.userVerified ? 2 : 1 },
          effects: [{ kind: 'update-authenticator', id, version, change }],
        };
      },

      enrolment: {
        begin: async (step, account, _input, existing) => {
          const usable = existing.filter(({ disabledAt }) => disabledAt === undefined).map(storedKey);
          const options = await generateRegistrationOptions({
            rpName: ports.organisation,
            rpID: site.rpId,
            userName: account.username,
            userDisplayName: account.displayName,
            userID: new Uint8Array(Buffer.from(handleOf(account.id), 'base64url')),
            challenge: newChallenge(),
            timeout: LIFETIME,
            attestationType: 'none',
            excludeCredentials: usable.map(({ id, transports }) => ({ id, transports })),
            // Discoverable, because no recovery names a key.
            authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
            supportedAlgorithmIDs: ALGORITHMS,
          });
          return {
            pending: { challenge: options.challenge, ...expiry(step) },
            prompt: { kind: 'create-passkey', method: 'passkey', options: JSON.stringify(options), ...expiry(step) },
            effects: [],
          };
        },
        confirm: async (step, pending, answer, existing) => {
          if (step.now > Number(pending['expiresAt'])) return { is: 'expired' };
          const key = await verifyRegistration(answer['credential'], {
            ...site,
            challenge: String(pending['challenge']),
          });
          if (!key) return { is: 'mismatch' };
          if (existing.some((one) => storedKey(one).id === key.id)) return { is: 'invalid', why: 'same' };
          const name = (answer['label'] ?? '').trim().slice(0, LABEL);
          return {
            is: 'verified',
            effects: [
              {
                kind: 'add-authenticator',
                authenticator: {
                  id: newId(),
                  accountId: step.account.id,
                  method: 'passkey',
                  label: name || `Passkey ${existing.length + 1}`,
                  data: keyData(key),
                  lookup: lookupOf(key.id),
                },
              },
            ],
          };
        },
      },

      check: async () => [
        isIP(site.rpId.replace(/^\[|\]$/g, '')) === 0
          ? { is: 'ok', what: `passkeys for ${site.rpId}` }
          : {
              is: 'warning',
              what: 'passkeys',
              cause: 'publicUrl is an IP address, and browsers make passkeys for domain names only.',
              fix: 'Give the server a name, or take passkey out of policy.',
            },
      ],
    };
  },
});
