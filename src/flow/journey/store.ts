/** Loads and saves journeys. Every save commits state, effects and audit in one transaction under a version check. */
import type { AuditRecord } from '../../audit/audit.ts';
import type { Authenticator } from '../../kernel/account.ts';
import { days, minutes } from '../../kernel/clock.ts';
import type { Gate } from '../../kernel/gate.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { newId, newToken } from '../../kernel/random.ts';
import { type Plan, plan } from '../../policy/plan.ts';
import { allRules, type RecoveryRule, ruleNamed } from '../../policy/rules.ts';
import { StaleWrite } from '../../storage/failure.ts';
import type { Trx } from '../../storage/storage.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps } from '../deps.ts';
import { openIncident } from '../incident.ts';
import { type Notices, noNotices, notices } from '../notices.ts';
import { gatesOf, heldGates, lasting, mayBeFirst, offeredGates } from '../usable.ts';
import type { JourneyEvent } from './events.ts';
import { ruleDetail, withReportDetail } from './report-detail.ts';
import { isAnonymous, isOver, type Journey, type JourneyState } from './states.ts';
import { type Outcome, transition } from './transitions.ts';

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
const signInRule = (deps: FlowDeps): RecoveryRule => ({
  ...deps.rules.default,
  name: 'sign-in',
  methods: [...deps.methods.values()].filter(({ signIn }) => signIn).map(({ id }) => id),
  gates: 1,
  ways: 1,
  weights: {},
  oneOf: [],
  kinds: [],
  also: [],
  accepted: [],
  showFactor: false,
  pair: false,
});

/** What has to be passed in this journey, by whom it is about, what it is for and what risk says of it. */
export function ruleOf(deps: FlowDeps, journey: Pick<Journey, 'kind' | 'rule' | 'risk'>): RecoveryRule {
  if (journey.kind === 'sign-in') return signInRule(deps);
  const rule = ruleNamed(deps.rules, journey.rule);
  // ASVS 6.4.4: a lost factor is proven with everything but the factor; the password was shown before.
  if (journey.kind === 'lost-factor') return { ...rule, gates: Math.max(rule.gates, 2), showFactor: false };
  if (journey.risk?.is === 'extra-gate') return { ...rule, gates: rule.gates + 1, ways: rule.ways + 1 };
  return rule;
}

/** What comes next, for whoever is meant: a stranger learns what the organisation offers, nothing of the person. */
export function planOf(
  deps: FlowDeps,
  journey: Journey,
  own: readonly Authenticator[],
  passed = journey.passed,
  at = deps.clock.now(),
): Plan {
  const first = mayBeFirst(deps.methods);
  const stranger = isAnonymous({ ...journey, passed });
  const rules = stranger ? allRules(deps.rules) : [ruleOf(deps, journey)];
  const account = journey.account ?? { id: journey.subject, username: '', displayName: '', mail: [], attributes: {} };
  const now = gatesOf(deps.methods, account, own, at);
  const practised = journey.kind === 'practice' ? lasting(deps.methods, now) : now;
  // N-14, N-37: a code to an address or number that nobody bound is no factor of a sign-in.
  const counted = journey.kind === 'sign-in' ? practised.filter(({ evidence }) => evidence !== 'issued') : practised;
  const usable = stranger ? offeredGates(deps.methods) : counted;
  const held = stranger ? [] : heldGates(deps.methods, account, own, at);
  const next = plan({ rules, passed, usable, held, mayBeFirst: first });
  if (!stranger || next.is !== 'gate') return next;
  // A passkey alone may be enough: a journey that ends early is a nice surprise, one that grows on the way is not.
  return { ...next, of: Math.max(next.of, deps.rules.default.gates) };
}

/** When the ways that this person added lately will be enough, if they will. */
const settlesOf = (deps: FlowDeps, journey: Journey, own: readonly Authenticator[], passed: Gate[]) =>
  own
    .flatMap(({ settlesAt }) => (settlesAt === undefined || settlesAt <= deps.clock.now() ? [] : [settlesAt]))
    .sort((a, b) => a - b)
    .find((at) => planOf(deps, journey, own, passed, at).is !== 'stuck');

/** Looks, when a journey in which a stranger passed a gate is over, whether it ended well: src/flow/journey/attempt.ts. */
export const TELL_ATTEMPT = 'tell-attempt';

/** What of an event every confirmed address is told. */
function tellingOf(journey: Journey, event: JourneyEvent): { template: string; values: JsonObject } | undefined {
  const set = journey.kind === 'change' ? 'password-changed-notice' : 'password-reset-notice';
  switch (event.is) {
    case 'verified':
      return event.tell;
    case 'applied':
      return { template: set, values: {} };
    case 'settled':
      return event.applied ? { template: set, values: {} } : undefined;
    case 'unlocked':
      return { template: 'unlocked-notice', values: {} };
    case 'factors-removed':
      return { template: 'factor-removed-notice', values: { method: event.methods[0] ?? '' } };
    default:
      return undefined;
  }
}

function noticesOf(
  journey: Journey,
  tell: { template: string; values: JsonObject } | undefined,
  authenticators: readonly Authenticator[],
  now: number,
  ip: string | undefined,
): Notices {
  if (!journey.account || !tell) return noNotices;
  const person = { ...journey.account, language: journey.language };
  const from = ip === undefined ? {} : { ip };
  return notices(authenticators, tell.template, person, now, { ...from, ...tell.values });
}

/** ms; while somebody else is asked, nobody has to sit there and click. */
const approvalEnd = (state: JourneyState): number | undefined =>
  state.at === 'answering' && state.prompt.kind === 'wait-for-approval' ? state.prompt.expiresAt : undefined;

/** Longer than any outage that a person sits out. */
const INHERITABLE = minutes(5);

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

  /** Stopped by risk behind a gate that was passed: somebody has to look at it. */
  const alarm = async (trx: Trx, live: Live, { state, risk, account }: Journey, ip: string | undefined) => {
    if (state.at !== 'stopped' || state.why !== 'risk' || !account) return;
    await openIncident(deps, trx, { accountId: account.id, kind: 'risk', says: risk?.says ?? '', ip, flow: live.id });
  };

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
        const risk: AuditRecord[] = journey.risk
          ? [{ ...stamp(live, audit.ip)({ event: 'risk.assessed', outcome: 'refused' }), reason: journey.risk.says }]
          : [];
        const detail = { ...ruleDetail(journey), ...audit.detail };
        await deps.audit.append(
          trx,
          { ...stamp(live, audit.ip)(audit), ...audit, ...(Object.keys(detail).length > 0 ? { detail } : {}) },
          ...risk,
        );
      });
      return { live, token };
    },

    /** `undefined`: no such journey. One that lay idle too long comes back as stopped. */
    async load(token: string): Promise<Live | undefined> {
      // No cookie: nothing to look up, whoever sends whatever link.
      if (token === '') return undefined;
      const stored = await flows.findByToken(storage.db, token);
      return stored && this.revive(stored);
    },

    /** The cookie value that follows `token`, for the browser that was given `heir` with its page. */
    nextToken: (token: string, heir: string | undefined): string | undefined =>
      heir === undefined ? undefined : deps.keyring.mac('flow-heir', token, heir),

    /**
     * A gate was passed, and the answer with the new cookie never arrived (the node died): the browser that answered goes on.
     * @returns the new cookie value.
     */
    async inherit(token: string, heir: string | undefined): Promise<string | undefined> {
      const next = this.nextToken(token, heir);
      const live = next === undefined ? undefined : await this.load(next);
      return live?.journey.heir && clock.now() < live.seenAt + INHERITABLE ? next : undefined;
    },

    /** Somebody came with the new cookie: from now on the one before fetches nothing. */
    async arrived({ id, version, seenAt, journey }: Live): Promise<void> {
      if (!journey.heir) return;
      const { heir: _, ...state } = journey;
      await flows.save(storage.db, id, version, { state: state as unknown as JsonObject, seenAt }).catch((error) => {
        // Whoever moved it has the new cookie, too.
        if (!(error instanceof StaleWrite)) throw error;
      });
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
      const waits = journey.state.at === 'waiting-out' || approvalEnd(journey.state) !== undefined;
      const late = now > stored.expiresAt || (!waits && now > stored.seenAt + lifetimes.flowIdle);
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
        /** New cookie value, should a gate be passed; a random one when absent. */
        nextToken?: string | undefined;
        /** Written in the same transaction. */
        also?: (trx: Trx, next: Journey) => Promise<void>;
      } = {},
    ): Promise<Moved | undefined> {
      const { journey } = live;
      const now = clock.now();
      const authenticators =
        options.authenticators ?? (event.is === 'write-started' ? [] : await authenticatorsOf(journey));
      const outcome = transition(journey, event, {
        now,
        step: newId(),
        next: (passed) => planOf(deps, journey, authenticators, [...passed]),
        settles: (passed) => settlesOf(deps, journey, authenticators, [...passed]),
        notices: noticesOf(journey, tellingOf(journey, event), authenticators, now, options.ip),
      });
      if (!outcome) return undefined;
      const expiresAt = this.patience(outcome, authenticators, now, options.ip, live.expiresAt);
      const token = event.is === 'verified' ? (options.nextToken ?? newToken()) : undefined;
      if (token !== undefined && options.nextToken !== undefined) outcome.journey.heir = true;
      else delete outcome.journey.heir;
      const over = isOver(outcome.journey.state);
      let version = live.version;
      await storage.transaction(async (trx) => {
        // First, because the state names the job: a journey that ends well ends it, too.
        if (outcome.journey.attempt && !journey.attempt)
          outcome.journey.attempt.job = await deps.outbox.enqueue(trx, {
            kind: TELL_ATTEMPT,
            payload: { flow: live.id },
            runAt: (expiresAt ?? live.expiresAt) + 1,
            expiresAt: (expiresAt ?? live.expiresAt) + days(1),
          });
        version = await flows.save(trx, live.id, live.version, {
          state: outcome.journey as unknown as JsonObject,
          seenAt: now,
          ...(over ? { endedAt: now } : {}),
          ...(expiresAt === undefined ? {} : { expiresAt }),
          ...(token ? { tokenRotation: token } : {}),
        });
        await options.also?.(trx, outcome.journey);
        await alarm(trx, live, outcome.journey, options.ip);
        if (outcome.journey.state.at === 'done' && journey.attempt?.job)
          await deps.outbox.finish(trx, journey.attempt.job);
        const step = { journey, event, next: outcome.journey, took: now - live.createdAt };
        const told = withReportDetail(step, outcome.audit).map(stamp(live, options.ip));
        await commitEffects(deps, trx, outcome.effects, told);
      });
      if (outcome.effects.length > 0) deps.outbox.nudge();
      return {
        live: { ...live, version, seenAt: now, expiresAt: expiresAt ?? live.expiresAt, journey: outcome.journey },
        token,
      };
    },

    /** Whoever has to wait is told so everywhere, and may come back afterwards. @returns the journey's new end. */
    patience(
      outcome: Outcome,
      authenticators: readonly Authenticator[],
      now: number,
      ip: string | undefined,
      end: number,
    ): number | undefined {
      const { state } = outcome.journey;
      const approval = approvalEnd(state);
      if (approval !== undefined) return Math.max(approval + lifetimes.flowIdle, end);
      if (state.at !== 'waiting-out') return undefined;
      const tell = { template: 'waiting-notice', values: { until: state.until } };
      const told = noticesOf(outcome.journey, tell, authenticators, now, ip);
      outcome.journey.state = { ...state, told: told.told };
      outcome.effects.push(...told.effects);
      return state.until + lifetimes.flowAbsolute;
    },
  };
}
