/**
 * "What would happen if this person forgot the password now?" Goes by the same rules, plan, directory and risk as a recovery, and
 * leaves nothing behind but one record that it was asked: no message, no journey, no counter.
 */
import type { Preflight } from '../../directory/directory.ts';
import type { FlowDeps } from '../../flow/deps.ts';
import { type Overview, overview } from '../../flow/enrolment/overview.ts';
import { notices } from '../../flow/notices.ts';
import { createPasswordRules } from '../../flow/password-rules.ts';
import { gatesOf, heldGates, lasting, mayBeFirst, offeredGates } from '../../flow/usable.ts';
import type { Account } from '../../kernel/account.ts';
import type { Gate } from '../../kernel/gate.ts';
import type { RuleResult } from '../../policy/passwords/rules.ts';
import { plan } from '../../policy/plan.ts';
import { assess, type RiskDecision, type RiskSettings } from '../../policy/risk.ts';
import { type RecoveryRule, ruleFor } from '../../policy/rules.ts';
import { inScope } from '../../staff/scope.ts';
import { actorOf, type Staff } from '../../staff/staff.ts';
import * as people from '../../storage/repositories/people.ts';
import * as sightings from '../../storage/repositories/sightings.ts';

export interface Trial {
  account: Account;
  /** How it would end. */
  end: 'new-password' | 'stuck' | 'frozen' | 'blocked' | 'unknown';
  rule: RecoveryRule;
  preflight: Preflight;
  frozenAt: number | undefined;
  /** Gates to pass on the shortest way. */
  gates: number | undefined;
  /** What could be asked, in order; each row is one way through. The shortest first. */
  routes: string[][];
  ways: Overview['ways'];
  /** For each way out, what is missing; empty when there is one. */
  missing: string[][];
  /** From a browser and network where the person was seen, and from a place where they never were. */
  risk: { usual: RiskDecision; strange: RiskDecision; seenBefore: boolean };
  password: RuleResult[];
  /** Connected systems that would get the new password. */
  systems: string[];
  /** Masked addresses and numbers that would be told. */
  told: string[];
}

export type TrialOutcome =
  | { is: 'tried'; trial: Trial }
  /** Nobody of that name, or outside of the scope: the same for whoever asks. */
  | { is: 'none' }
  | { is: 'unavailable'; cause: string };

export interface TrialDeps {
  flow: Pick<
    FlowDeps,
    | 'storage'
    | 'directory'
    | 'methods'
    | 'rules'
    | 'authenticators'
    | 'clock'
    | 'audit'
    | 'contacts'
    | 'passwords'
    | 'blocklist'
    | 'breach'
    | 'meter'
  >;
  risk: RiskSettings & { enabled: boolean };
  /** Names of the connected systems in which an account has one. */
  systemsOf(account: Account): string[];
}

const MOST_ROUTES = 12;

type Open = Pick<Parameters<typeof plan>[0], 'usable' | 'held' | 'mayBeFirst'>;

/** Every order of gates is one route only: what counts is the set. */
function routesOf(rule: RecoveryRule, open: Open): string[][] {
  const found = new Map<string, string[]>();
  const follow = (passed: readonly Gate[]): void => {
    if (found.size >= MOST_ROUTES || passed.length > 5) return;
    const next = plan({ rules: [rule], passed, ...open });
    if (next.is === 'complete') {
      const route = passed.map(({ method }) => method);
      const key = route.toSorted().join();
      if (!found.has(key)) found.set(key, route);
    }
    if (next.is !== 'gate') return;
    for (const method of next.methods) {
      const gate = open.usable.find((one) => one.method === method);
      if (gate) follow([...passed, gate]);
    }
  };
  follow([]);
  return [...found.values()].sort((a, b) => a.length - b.length);
}

const OFF: RiskDecision = { is: 'go', points: 0, says: 'Risk is not looked at (policy.risk.enabled).' };

export type TrialService = ReturnType<typeof createTrial>;

export function createTrial({ flow, risk, systemsOf }: TrialDeps) {
  const { storage, directory, methods, authenticators, clock, audit } = flow;
  const rules = createPasswordRules(flow);

  async function riskOf(account: Account, watched: boolean): Promise<Trial['risk']> {
    const seen = await sightings.of(storage.db, account.id);
    const usual = {
      watched,
      known: seen.length > 0,
      newDevice: false,
      newNetwork: false,
      unusualHour: false,
      speed: undefined,
      namesFromSource: 1,
      sourcesOnAccount: 1,
    };
    const decide = (signs: typeof usual) => (risk.enabled ? assess(signs, risk) : OFF);
    return {
      usual: decide(usual),
      strange: decide({ ...usual, newDevice: true, newNetwork: true, unusualHour: true }),
      seenBefore: seen.length > 0,
    };
  }

  async function tryOut(account: Account): Promise<Trial> {
    const now = clock.now();
    const own = await authenticators.list(storage.db, account.id);
    const known = await people.find(storage.db, account.id);
    const preflight = await directory.preflight(account);
    const rule = ruleFor(flow.rules, account);
    const open = {
      usable: lasting(methods, gatesOf(methods, account, own, now)),
      held: lasting(methods, heldGates(methods, account, own, now)),
      mayBeFirst: mayBeFirst(methods),
    };
    const begun = plan({ rules: [rule], passed: [], ...open });
    const seen = overview({
      account,
      authenticators: own,
      ...open,
      offered: lasting(methods, offeredGates(methods)),
      rule,
      enrollable: [],
      now,
      confirmedAt: known?.confirmedAt,
      reconfirmAfter: flow.contacts.reconfirmAfter,
      frozen: known?.frozenAt !== undefined,
    });
    const end = (): Trial['end'] => {
      if (known?.frozenAt !== undefined) return 'frozen';
      if (preflight.is === 'blocked') return 'blocked';
      if (begun.is === 'stuck') return 'stuck';
      return preflight.is === 'unavailable' ? 'unknown' : 'new-password';
    };
    return {
      account,
      end: end(),
      rule,
      preflight,
      frozenAt: known?.frozenAt,
      gates: begun.is === 'gate' ? begun.of : undefined,
      routes: routesOf(rule, open),
      ways: seen.ways,
      missing: seen.missing,
      risk: await riskOf(account, (known?.watchedUntil ?? 0) > now),
      password: await rules.judge('', account),
      systems: systemsOf(account),
      told: notices(own, 'password-reset-notice', { ...account, language: account.language ?? '' }, now).told,
    };
  }

  return {
    /** `staff`: absent on the command line, where whoever can read the keys may do everything. */
    async run(staff: Staff | undefined, username: string, ip?: string): Promise<TrialOutcome> {
      const found = await directory.find(username);
      if (found.is === 'unavailable') return found;
      const record = {
        event: 'trial.run',
        actor: staff ? actorOf(staff) : 'system',
        ...(ip ? { ip } : {}),
      } as const;
      if (found.is === 'none') return { is: 'none' };
      const { account } = found;
      const inside = staff === undefined || inScope(staff, account);
      const trial = inside ? await tryOut(account) : undefined;
      await storage.transaction((trx) =>
        audit.append(trx, {
          ...record,
          subject: account.id,
          outcome: trial ? 'success' : 'refused',
          reason: trial ? `It would end: ${trial.end}.` : 'Outside of the scope.',
        }),
      );
      return trial ? { is: 'tried', trial } : { is: 'none' };
    },
  };
}
