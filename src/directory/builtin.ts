/**
 * The built-in directory: accounts in our own database, passwords as argon2id with a pepper, a lock after repeated failures.
 * A database that doesn't answer is an outcome like any other; only a write that had begun is `unknown`.
 */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { type Account, accountId } from '../kernel/account.ts';
import { type Argon2Cost, argon2Hash, PASSWORD_COST } from '../kernel/argon2.ts';
import type { Clock } from '../kernel/clock.ts';
import { definePlugin, type Finding } from '../kernel/plugin.ts';
import {
  type BuiltinRules,
  blockOf,
  hasEnded,
  isExpired,
  LONGEST_PASSWORD,
  preflightOf,
  refusalOf,
} from './builtin/rules.ts';
import { createSignIn } from './builtin/sign-in.ts';
import { type BuiltinAccount, type BuiltinStore, foldIdentifier } from './builtin/store.ts';
import { createWalk } from './builtin/walk.ts';
import type { Directory } from './directory.ts';

export { type BuiltinAccount, type BuiltinStore, foldIdentifier } from './builtin/store.ts';

export interface BuiltinPorts {
  /** The name of this directory in the configuration. */
  id?: string;
  store: BuiltinStore;
  /** 32 bytes from the keyring, never in the database. */
  pepper: Buffer;
  clock: Clock;
  /** Only tests lower it. */
  cost?: Argon2Cost;
}

const configSchema = Type.Object(
  {
    minPasswordLength: Type.Integer({
      minimum: 8,
      maximum: 64,
      default: 15,
      description:
        'Shortest password that the directory itself accepts, in characters. NIST: 15, or 8 with a second factor.',
    }),
    maxPasswordAge: Type.Optional(
      Type.Unsafe<number>({
        type: 'string',
        duration: { min: '1 d', max: '3650 d' },
        description: 'Time until a password must be changed. Better left out: NIST and ASVS advise against it.',
        examples: ['365 d'],
      }),
    ),
    lockAfter: Type.Integer({
      minimum: 3,
      maximum: 100,
      default: 10,
      description: 'Wrong passwords in a row after which the account is locked for a while.',
    }),
    lockFor: Type.Unsafe<number>({
      type: 'string',
      default: '10 min',
      duration: { min: '1 min', max: '24 h' },
      description: 'How long a locked account stays locked.',
    }),
    protectedGroups: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Members of these groups are never reset from here.',
    }),
    canary: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Username of a test account on which `sparekey check` tries look-up and rules.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type BuiltinConfig = Static<typeof configSchema>;

const LONGEST_IDENTIFIER = 320;
// Control characters are refused before the store sees them: PostgreSQL would answer NUL with an error.
const PRINTABLE = /^\P{Cc}+$/u;
const GONE = 'The account is not in the built-in directory any more.';
const OVERTAKEN = 'The password was changed from elsewhere at the same moment.';

const causeOf = (error: unknown): string =>
  `The database answered: ${error instanceof Error ? error.message : 'no error text'}`;

const markerOf = (row: BuiltinAccount): string =>
  `${row.passwordChangedAt}.${createHash('sha256').update(row.passwordHash).digest('base64url').slice(0, 16)}`;

const toAccount = (directory: string, row: BuiltinAccount): Account => ({
  id: accountId(directory, row.id),
  directory,
  key: row.id,
  locator: row.username,
  username: row.username,
  displayName: row.displayName,
  givenName: row.givenName,
  mail: row.mail === undefined ? [] : [row.mail],
  language: row.language,
  groups: row.groups,
  attributes: row.attributes ?? {},
});

async function openBuiltin(config: BuiltinConfig, ports: BuiltinPorts): Promise<Directory> {
  const { id = 'builtin', store, pepper, clock, cost = PASSWORD_COST } = ports;
  const rules: BuiltinRules = {
    minPasswordLength: config.minPasswordLength,
    maxPasswordAge: config.maxPasswordAge,
    protectedGroups: new Set(config.protectedGroups.map(foldIdentifier)),
  };
  const lock = { lockAfter: config.lockAfter, lockFor: config.lockFor };
  const signIn = await createSignIn({ store, pepper, clock, cost, ...lock });

  const { page } = store;
  const directory: Directory = {
    id,
    can: { resetHistory: false, unlock: true, mustChange: true },

    async find(identifier) {
      const text = identifier.trim();
      if (text.length > LONGEST_IDENTIFIER || !PRINTABLE.test(text)) return { is: 'none' };
      const key = foldIdentifier(text);
      try {
        // A username wins, so that nobody can hide somebody else's account by claiming its name as an address.
        const byName = await store.findByUsername(text);
        if (byName && foldIdentifier(byName.username) === key) return { is: 'found', account: toAccount(id, byName) };
        const byMail = await store.findByMail(text);
        if (byMail === 'several') return { is: 'none', cause: 'More than one account has that mail address.' };
        if (byMail?.mail === undefined || foldIdentifier(byMail.mail) !== key) return { is: 'none' };
        return { is: 'found', account: toAccount(id, byMail) };
      } catch (error) {
        return { is: 'unavailable', cause: causeOf(error) };
      }
    },

    async load(key) {
      try {
        const row = await store.findById(key);
        return row ? { is: 'found', account: toAccount(id, row) } : { is: 'none' };
      } catch (error) {
        return { is: 'unavailable', cause: causeOf(error) };
      }
    },

    async resolve(reference) {
      try {
        const row = await store.findByUsername(reference);
        const named = row && foldIdentifier(row.username) === foldIdentifier(reference);
        return named ? { is: 'found', account: toAccount(id, row) } : { is: 'none' };
      } catch (error) {
        return { is: 'unavailable', cause: causeOf(error) };
      }
    },

    async readPolicy() {
      return {
        minLength: rules.minPasswordLength,
        maxLength: LONGEST_PASSWORD,
        history: undefined,
        complexity: false,
        minAge: undefined,
        maxAge: rules.maxPasswordAge,
        lockoutThreshold: config.lockAfter,
      };
    },

    async preflight(account) {
      try {
        const row = await store.findById(account.key);
        return row ? preflightOf(row, rules, clock.now()) : { is: 'unavailable', cause: GONE };
      } catch (error) {
        return { is: 'unavailable', cause: causeOf(error) };
      }
    },

    async writePassword(account, password, { old } = {}) {
      let begun = false;
      try {
        const row = await store.findById(account.key);
        if (!row) return { is: 'failed', cause: GONE };
        const proof = old === undefined ? 'right' : old.reveal() === '' ? 'wrong' : await signIn.prove(row, old);
        if (proof === 'wrong') return { is: 'wrong-password' };
        if (proof === 'locked') return { is: 'failed', cause: 'The account is locked after wrong passwords.' };
        const block = blockOf(row, rules, clock.now());
        if (block) return { is: 'failed', cause: block.cause };
        const text = password.reveal().normalize('NFC');
        const refusal = refusalOf(text, await signIn.matches(row, password), rules);
        if (refusal) return refusal;
        const hash = await argon2Hash(text, pepper, cost);
        begun = true;
        const change = { hash, at: clock.now(), mustChange: false, replaces: row.passwordHash };
        if (!(await store.setPassword(row.id, change))) return { is: 'failed', cause: OVERTAKEN };
        // The password is in force whatever becomes of the unlock; a lock that stays runs out by itself.
        await store.unlock(row.id).catch(() => undefined);
        return { is: 'applied' };
      } catch (error) {
        return { is: begun ? 'unknown' : 'unavailable', cause: causeOf(error) };
      }
    },

    async unlock(account) {
      try {
        if (!(await store.findById(account.key))) return { is: 'failed', cause: GONE };
        await store.unlock(account.key);
        return { is: 'applied' };
      } catch (error) {
        return { is: 'unknown', cause: causeOf(error) };
      }
    },

    async requireChange(account) {
      try {
        const row = await store.findById(account.key);
        if (!row) return { is: 'failed', cause: GONE };
        const { passwordHash: hash, passwordChangedAt: at } = row;
        const set = await store.setPassword(row.id, { hash, at, mustChange: true, replaces: hash });
        return set ? { is: 'applied' } : { is: 'failed', cause: OVERTAKEN };
      } catch (error) {
        return { is: 'unknown', cause: causeOf(error) };
      }
    },

    async verifyPassword(account, password) {
      if (/^\0*$/.test(password.reveal())) return { is: 'wrong' };
      try {
        const row = await store.findById(account.key);
        const proof = await signIn.prove(row, password);
        if (!row || proof === 'wrong') return { is: 'wrong' };
        if (proof === 'locked') return { is: 'refused', why: 'locked', cause: 'Locked after wrong passwords.' };
        if (row.disabled) return { is: 'refused', why: 'disabled', cause: 'The account is disabled.' };
        const now = clock.now();
        if (hasEnded(row, now)) return { is: 'refused', why: 'account-expired', cause: 'The account has ended.' };
        if (row.mustChange) return { is: 'correct-but', why: 'must-change' };
        return isExpired(row, rules, now) ? { is: 'correct-but', why: 'expired' } : { is: 'correct' };
      } catch (error) {
        return { is: 'unavailable', cause: causeOf(error) };
      }
    },

    async passwordMarker(account) {
      const row = await store.findById(account.key).catch(() => undefined);
      return row && markerOf(row);
    },

    ...(page
      ? {
          walk: createWalk({
            store: { ...store, page },
            toAccount: (row) => toAccount(id, row),
            blockOf: (row) => blockOf(row, rules, clock.now()),
            causeOf,
          }),
        }
      : {}),

    async check() {
      const what = 'read the accounts in the database';
      try {
        await store.findByUsername('canary');
      } catch (error) {
        const fix = 'Check the database settings; then run `sparekey migrate`.';
        return [{ is: 'failed', what, cause: causeOf(error), fix }];
      }
      const canary = config.canary === undefined ? [] : [await checkCanary(directory, config.canary)];
      return [{ is: 'ok', what }, ...canary];
    },

    async close() {},
  };
  return directory;
}

async function checkCanary(directory: Directory, username: string): Promise<Finding> {
  const what = `look up the canary account ${username}`;
  const failed = (cause: string, fix: string): Finding => ({ is: 'failed', what, cause, fix, key: 'canary' });
  const found = await directory.find(username);
  if (found.is === 'unavailable') return failed(found.cause, 'Check the database settings.');
  if (found.is === 'none') return failed(found.cause ?? 'There is no such account.', 'Create it, or name another one.');
  const state = await directory.preflight(found.account);
  return state.is === 'ready' ? { is: 'ok', what } : failed(state.cause, 'Name an account that may be reset.');
}

export const builtinDirectory = definePlugin({
  id: 'builtin',
  summary: 'Accounts in Sparekey’s own database, for organisations without a directory and for trying Sparekey out.',
  configSchema,
  open: openBuiltin,
});
