/**
 * The password write. `applying` is saved before the directory is asked, together with a job that settles the outcome
 * should this node die or the answer never come. The password itself never enters flow state.
 */

import type { WriteOutcome } from '../../directory/directory.ts';
import type { Account } from '../../kernel/account.ts';
import { days, minutes, seconds } from '../../kernel/clock.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { newId } from '../../kernel/random.ts';
import { Secret } from '../../kernel/secret.ts';
import type { JobHandler } from '../../outbox/outbox.ts';
import { ruleFor } from '../../policy/rules.ts';
import { SpreadBusy } from '../../spread/spread.ts';
import { StaleWrite } from '../../storage/failure.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import { mailLanguage } from '../mail-language.ts';
import { createPasswordHistory } from '../password-history.ts';
import { createPasswordRules } from '../password-rules.ts';
import type { JourneyEvent } from './events.ts';
import type { Advanced } from './service.ts';
import { type Journey, journeyAccount } from './states.ts';
import type { JourneyStore, Live } from './store.ts';

/** A write without an answer is looked at after this, and again: a journey whose node died has somebody waiting. */
const SETTLE_AFTER = seconds(10);
/** Longer than the slowest directory takes: until then somebody may still be at it, and "nothing changed" would be a lie. */
const PATIENCE = minutes(1);

export const SETTLE_PASSWORD = 'settle-password';

/** What whoever ends a write must know. */
interface Carried {
  /** For our own history. */
  hash?: string | undefined;
  /** What goes to the connected systems, once the directory has taken it. */
  spread?: string | undefined;
  /** The job that settles it, where whoever wrote has seen the end. */
  job?: string;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const withoutGaps = ({ hash, spread }: Carried): JsonObject => ({
  ...(hash ? { hash } : {}),
  ...(spread ? { spread } : {}),
});

const sinceOf = ({ state }: Journey): number => (state.at === 'applying' ? state.since : 0);

export type PasswordService = ReturnType<typeof createPasswordService>;

export function createPasswordService(deps: FlowDeps, store: JourneyStore) {
  const { directory, clock } = deps;
  const rules = createPasswordRules(deps);
  const history = createPasswordHistory(deps);

  const move = async (
    live: Live,
    event: JourneyEvent,
    options: Parameters<JourneyStore['move']>[2] = {},
  ): Promise<Advanced> => {
    try {
      const moved = await store.move(live, event, options);
      // What goes to the connected systems need not wait for the next poll.
      if (moved && deps.spread) deps.outbox.nudge();
      return moved ? { is: 'moved', ...moved } : { is: 'stale' };
    } catch (error) {
      if (error instanceof StaleWrite) return { is: 'stale' };
      throw error;
    }
  };

  const accountOf = async (key: string): Promise<Account | undefined> => {
    const found = await directory.load(key);
    return found.is === 'found' ? found.account : undefined;
  };

  /** What must hold once a new password is in force: no other journey and no session of this account lives on (A32). */
  const afterwards =
    (live: Live, account: Pick<Account, 'id'>, { hash, spread, job }: Carried, origin?: Origin) =>
    async (
      trx: Parameters<NonNullable<NonNullable<Parameters<JourneyStore['move']>[2]>['also']>>[0],
      next: Journey,
    ) => {
      if (next.state.at === 'unsettled') return;
      if (job) await deps.outbox.finish(trx, job);
      if (spread) await (next.state.at === 'done' ? deps.spread?.release(trx, spread) : deps.spread?.drop(trx, spread));
      if (next.state.at !== 'done') return;
      if (hash) await history.remember(trx, account.id, hash);
      if (origin) await deps.risk.succeeded(trx, account.id, origin, clock.now());
      await deps.flows.endOthers(trx, account.id, live.id, clock.now());
      const ended = await deps.sessions.endAll(trx, account.id, clock.now());
      if (ended > 0)
        await deps.audit.append(trx, {
          event: 'session.ended',
          outcome: 'success',
          actor: 'system',
          subject: account.id,
          flow: live.id,
          reason: `A new password ended ${ended} of them.`,
        });
    };

  /** `changed`: the directory has another password than before the write; whose, only a sign-in can tell. */
  const inForce = async (account: Account, { spread }: Carried, changed: boolean): Promise<boolean> => {
    const password = spread && (await deps.spread?.held(spread));
    if (!password) return changed;
    const tried = await directory.verifyPassword(account, password);
    if (tried.is === 'correct' || tried.is === 'correct-but') return true;
    return tried.is !== 'wrong' && changed;
  };

  const eventOf = (outcome: WriteOutcome): JourneyEvent => {
    switch (outcome.is) {
      case 'applied':
        return outcome;
      case 'refused':
        return { is: 'refused', cause: outcome.cause, rules: rules.named(outcome.rules) };
      case 'wrong-password':
        return { is: 'failed', cause: 'The old password was right at sign-in and wrong at the change.' };
      case 'failed':
        return { is: 'failed', cause: outcome.cause };
      case 'unavailable':
        return { is: 'unreached', cause: outcome.cause };
      case 'unknown':
        return { is: 'unknown', cause: outcome.cause };
    }
  };

  return {
    rules,

    /**
     * `old` is given for a change, `account` by whoever has read it in this very request. Nothing that was passed before is used
     * up by a refused password.
     */
    async set(
      live: Live,
      input: { password: string; again: string | undefined; old?: Secret; account?: Account },
      origin: Origin,
    ): Promise<Advanced | { is: 'unavailable' }> {
      const { journey } = live;
      const { ip } = origin;
      if (journey.state.at !== 'choosing-password' || !journey.account) return { is: 'stale' };
      if (input.again !== undefined && input.again !== input.password)
        return move(live, { is: 'password-differs' }, { ip });
      const account = input.account ?? (await accountOf(journey.account.key));
      if (!account) return { is: 'unavailable' };
      const text = input.password.normalize('NFC');

      const broken = await rules.broken(text, account);
      if (broken.length > 0) return move(live, { is: 'password-broke-rules', rules: broken }, { ip });
      const reused = await history.compare(account.id, text);
      if (reused.known) {
        const rule = { id: 'history' as const, fromDirectory: false, value: deps.passwords.history };
        return move(live, { is: 'password-broke-rules', rules: [rule] }, { ip });
      }
      const marker = await directory.passwordMarker(account);
      if (marker === undefined) return { is: 'unavailable' };

      const secret = new Secret(text);
      // What whoever settles the write needs goes along (sealed): the password is no longer there then.
      const carried: Carried = { hash: reused.hash };
      const begin = () =>
        move(
          live,
          { is: 'write-started', marker },
          {
            ip,
            also: async (trx, next) => {
              carried.spread = await deps.spread?.hold(trx, { ...account, language: live.journey.language }, secret);
              carried.job = await deps.outbox.enqueue(trx, {
                kind: SETTLE_PASSWORD,
                payload: { flow: live.id, since: sinceOf(next), ...withoutGaps(carried) },
                runAt: clock.now() + SETTLE_AFTER,
                expiresAt: clock.now() + days(1),
              });
            },
          },
        );
      const started = await begin().catch((error: unknown) => {
        if (error instanceof SpreadBusy) return { is: 'unavailable' } as const;
        throw error;
      });
      if (started.is !== 'moved') return started;
      let outcome = await directory.writePassword(account, secret, input.old ? { old: input.old } : {});
      // The connection may have broken after the directory had done its work: a bind tells at once.
      if (outcome.is === 'unknown' && (await directory.verifyPassword(account, secret)).is === 'correct')
        outcome = { is: 'applied' };
      if (outcome.is !== 'applied') deps.log.warn({ account: account.id, outcome }, 'A password was not set.');
      else if (outcome.warning)
        deps.log.warn(
          { account: account.id, cause: outcome.warning },
          'A password was set, but not all that belongs to it.',
        );
      const event = eventOf(outcome);
      return move(started.live, event, { ip, also: afterwards(started.live, account, carried, origin) });
    },

    /** Finds out what became of a write that nobody saw the end of. */
    settle: (async ({ payload }) => {
      const live = await store.loadById(String(payload['flow']));
      const state = live?.journey.state;
      if (!live?.journey.account || (state?.at !== 'applying' && state?.at !== 'unsettled')) return { is: 'done' };
      // A later write of the same journey has a job of its own.
      if (payload['since'] !== state.since) return { is: 'done' };
      const found = await directory.load(live.journey.account.key);
      if (found.is !== 'found') return { is: 'retry', cause: found.cause ?? 'The account is gone.' };
      const marker = await directory.passwordMarker(found.account, state.marker);
      if (marker === undefined) return { is: 'retry', cause: 'The directory can not be asked.' };
      const carried: Carried = { hash: textOf(payload['hash']), spread: textOf(payload['spread']) };
      const applied = await inForce(found.account, carried, marker !== state.marker);
      // That it is in force can be said at once; that it is not, only when nobody can be at it any more.
      if (state.at === 'applying' && !applied && clock.now() < state.since + PATIENCE)
        return { is: 'retry', after: SETTLE_AFTER, cause: 'The write may still be under way.' };
      const event: JourneyEvent = { is: 'settled', applied };
      const settled = await move(live, event, { also: afterwards(live, found.account, carried) });
      return settled.is === 'moved'
        ? { is: 'done' }
        : { is: 'retry', cause: 'The journey moved on at the same instant.' };
    }) satisfies JobHandler,

    /** A journey that starts at the password, for somebody who knows the present one. */
    async beginChange(
      account: Account,
      identifierKey: string,
      language: string,
      origin: Origin,
    ): Promise<{ live: Live; token: string }> {
      return store.create(
        {
          kind: 'change',
          account: journeyAccount(account),
          subject: account.id,
          identifierKey,
          language: mailLanguage(deps.languages, account, language),
          blocked: undefined,
          rule: ruleFor(deps.rules, account).name,
          passed: [],
          sent: {},
          replacements: [],
          step: newId(),
          state: { at: 'choosing-password', since: clock.now() },
        },
        { event: 'change.started', outcome: 'success', ip: origin.ip },
      );
    },
  };
}
