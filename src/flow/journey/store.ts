/** Loads and saves journeys. Every save commits state, effects and audit in one transaction under a version check. */
import type { AuditRecord } from '../../audit/audit.ts';
import type { Authenticator } from '../../kernel/account.ts';
import { days } from '../../kernel/clock.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { newId, newToken } from '../../kernel/random.ts';
import type { RecoveryPolicy } from '../../policy/plan.ts';
import type { Trx } from '../../storage/storage.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps } from '../deps.ts';
import { type Notices, noNotices, notices } from '../notices.ts';
import type { JourneyEvent } from './events.ts';
import { isAnonymous, isOver, type Journey } from './states.ts';
import { transition } from './transitions.ts';

/** A journey with what the database knows about it. */
export interface Live {
  id: string;
  version: number;
  createdAt: number;
  seenAt: number;
  expiresAt: number;
  journey: Journey;
}

export interface Moved {
  live: Live;
  /** New cookie value, when a gate was passed (or the journey began). */
  token: string | undefined;
}

export type JourneyStore = ReturnType<typeof createJourneyStore>;

/** What counts as a second factor at sign-in: any one method that may (N-14: never e-mail). */
const signInPolicy = (deps: FlowDeps): RecoveryPolicy => ({
  anyOf: [...deps.methods.values()].filter(({ signIn }) => signIn).map(({ id }) => [id]),
});

export const policyOf = (deps: FlowDeps, journey: Journey): RecoveryPolicy =>
  journey.kind === 'sign-in' ? signInPolicy(deps) : deps.policy;

/** Methods that these authenticators make usable. */
export const usableMethods = (deps: FlowDeps, authenticators: readonly Authenticator[]): string[] =>
  [...deps.methods.values()]
    .filter((method) => method.offer(usableOf(authenticators, method.id)) !== undefined)
    .map(({ id }) => id);

export const usableOf = (authenticators: readonly Authenticator[], method: string): Authenticator[] =>
  authenticators.filter((one) => one.method === method && one.disabledAt === undefined);

/** Looks, when a journey in which a stranger passed a gate is over, whether it ended well: src/flow/journey/attempt.ts. */
export const TELL_ATTEMPT = 'tell-attempt';

/** What of an event every confirmed address is told. */
function noticesOf(
  journey: Journey,
  event: JourneyEvent,
  authenticators: readonly Authenticator[],
  now: number,
  ip: string | undefined,
): Notices {
  const set = journey.kind === 'change' ? 'password-changed-notice' : 'password-reset-notice';
  const written = event.is === 'applied' || (event.is === 'settled' && event.applied);
  const tell = event.is === 'verified' ? event.tell : written ? { template: set, values: {} } : undefined;
  if (!journey.account || !tell) return noNotices;
  const person = { language: journey.language, displayName: journey.account.displayName };
  const from = ip === undefined ? {} : { ip };
  return notices(authenticators, tell.template, person, now, { ...from, ...tell.values });
}

export function createJourneyStore(deps: FlowDeps) {
  const { storage, flows, clock, lifetimes } = deps;

  const stamp =
    (live: Live, ip: string | undefined) =>
    (record: Pick<AuditRecord, 'event' | 'outcome'>): AuditRecord => ({
      ...record,
      actor: isAnonymous(live.journey) || !live.journey.account ? 'anonymous' : live.journey.account.id,
      subject: live.journey.subject,
      flow: live.id,
      ...(ip === undefined ? {} : { ip }),
    });

  const authenticatorsOf = (journey: Journey): Promise<Authenticator[]> =>
    journey.account ? deps.authenticators.list(storage.db, journey.account.id) : Promise.resolve([]);

  return {
    authenticatorsOf,

    async create(
      journey: Journey,
      audit: Omit<AuditRecord, 'actor' | 'subject' | 'flow'>,
    ): Promise<{ live: Live; token: string }> {
      const token = newToken();
      const now = clock.now();
      const live: Live = {
        id: newId(),
        version: 1,
        createdAt: now,
        seenAt: now,
        expiresAt: now + lifetimes.flowAbsolute,
        journey,
      };
      await storage.transaction(async (trx) => {
        await flows.create(trx, {
          id: live.id,
          kind: journey.kind,
          token,
          subject: journey.subject,
          state: journey as unknown as JsonObject,
          createdAt: now,
          expiresAt: live.expiresAt,
        });
        await deps.audit.append(trx, { ...stamp(live, audit.ip)(audit), ...audit });
      });
      return { live, token };
    },

    /** `undefined`: no such journey. One that lay idle too long comes back as stopped. */
    async load(token: string): Promise<Live | undefined> {
      const stored = await flows.findByToken(storage.db, token);
      return stored && this.revive(stored);
    },

    async loadById(id: string): Promise<Live | undefined> {
      const stored = await flows.find(storage.db, id);
      return stored && this.revive(stored);
    },

    revive(stored: NonNullable<Awaited<ReturnType<typeof flows.find>>>): Live {
      const journey = stored.state as unknown as Journey;
      const live: Live = {
        id: stored.id,
        version: stored.version,
        createdAt: stored.createdAt,
        seenAt: stored.seenAt,
        expiresAt: stored.expiresAt,
        journey,
      };
      const settling = journey.state.at === 'applying' || journey.state.at === 'unsettled';
      const now = clock.now();
      const late = now > stored.expiresAt || now > stored.seenAt + lifetimes.flowIdle;
      // A password write under way is never cut off: its outcome must be found out and told.
      const dead = !isOver(journey.state) && !settling && (late || stored.endedAt !== undefined);
      return dead ? { ...live, journey: { ...journey, state: { at: 'stopped', why: 'expired' } } } : live;
    },

    /**
     * Applies an event. `undefined`: it does not belong to the present state.
     * @throws StaleWrite when a parallel request moved the journey first; nothing was written then.
     */
    async move(
      live: Live,
      event: JourneyEvent,
      options: {
        ip?: string;
        authenticators?: readonly Authenticator[];
        /** Written in the same transaction. */
        also?: (trx: Trx, next: Journey) => Promise<void>;
      } = {},
    ): Promise<Moved | undefined> {
      const { journey } = live;
      const now = clock.now();
      const authenticators = options.authenticators ?? (await authenticatorsOf(journey));
      const outcome = transition(journey, event, {
        now,
        step: newId(),
        policy: policyOf(deps, journey),
        usable: usableMethods(deps, authenticators),
        notices: noticesOf(journey, event, authenticators, now, options.ip),
      });
      if (!outcome) return undefined;
      const token = event.is === 'verified' ? newToken() : undefined;
      const over = isOver(outcome.journey.state);
      let version = live.version;
      await storage.transaction(async (trx) => {
        version = await flows.save(trx, live.id, live.version, {
          state: outcome.journey as unknown as JsonObject,
          seenAt: now,
          ...(over ? { endedAt: now } : {}),
          ...(token ? { tokenRotation: token } : {}),
        });
        await options.also?.(trx, outcome.journey);
        if (outcome.journey.attempt && !journey.attempt)
          await deps.outbox.enqueue(trx, {
            kind: TELL_ATTEMPT,
            payload: { flow: live.id },
            runAt: live.expiresAt + 1,
            expiresAt: live.expiresAt + days(1),
          });
        await commitEffects(deps, trx, outcome.effects, outcome.audit.map(stamp(live, options.ip)));
      });
      if (outcome.effects.length > 0) deps.outbox.nudge();
      return { live: { ...live, version, seenAt: now, journey: outcome.journey }, token };
    },
  };
}
