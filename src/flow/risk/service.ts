/** Gathers the signs of risk: what an account's successes looked like so far, and who else is being tried from here. */
import { days, hours } from '../../kernel/clock.ts';
import type { Keyring } from '../../kernel/keyring.ts';
import { assess, type Place, type RiskDecision, type RiskSettings, speedBetween } from '../../policy/risk.ts';
import * as counters from '../../storage/repositories/counters.ts';
import * as people from '../../storage/repositories/people.ts';
import * as sightings from '../../storage/repositories/sightings.ts';
import type { Storage, Trx } from '../../storage/storage.ts';
import type { Origin } from '../deps.ts';

export interface RiskDeps {
  storage: Storage;
  keyring: Keyring;
  settings: RiskSettings & { enabled: boolean; wait: number };
  /** Hour of the organisation's day, 0 to 23. */
  hourOf(at: number): number;
  /** `undefined`: not known, or no location database. */
  locate(ip: string): Place | undefined;
}

export type RiskService = ReturnType<typeof createRiskService>;

/** So many successes make a habit. */
const HABIT = 5;
const UNCOUNTED = Number.MAX_SAFE_INTEGER;

export function createRiskService({ storage, keyring, settings, hourOf, locate }: RiskDeps) {
  const deviceOf = ({ device }: Origin) => keyring.mac('risk-device', device ?? '');
  const networkOf = ({ network }: Origin) => keyring.mac('risk-network', network);

  /** Counts different values of `of` that were seen with `what` within the window, this one included. */
  const different = async (
    trx: Trx,
    name: string,
    what: string,
    of: string,
    windowMs: number,
    now: number,
  ): Promise<number> => {
    const window = { limit: UNCOUNTED, windowMs };
    const all = `${name}:${keyring.mac('risk', name, what)}`;
    const { count } = await counters.hit(trx, `${name}-pair:${keyring.mac('risk', name, what, of)}`, window, now);
    if (count > 1) return counters.count(trx, all, now);
    return (await counters.hit(trx, all, window, now)).count;
  };

  /** An hour to either side belongs to the habit. */
  const unusual = (seen: readonly sightings.Sighting[], hour: number): boolean => {
    if (seen.reduce((sum, { successes }) => sum + successes, 0) < HABIT) return false;
    const mask = seen.reduce((bits, one) => bits | one.hours, 0);
    return [23, 0, 1].every((shift) => ((mask >> ((hour + shift) % 24)) & 1) === 0);
  };

  const speed = (seen: readonly sightings.Sighting[], origin: Origin, now: number): number | undefined => {
    const here = locate(origin.ip);
    const last = seen.find(({ latitude, longitude }) => latitude !== undefined && longitude !== undefined);
    if (!here || last?.latitude === undefined || last.longitude === undefined) return undefined;
    const from = { latitude: last.latitude, longitude: last.longitude, at: last.lastAt };
    return speedBetween(from, { ...here, at: now });
  };

  return {
    get wait() {
      return settings.wait;
    },

    /** `subject`: an account, or the stand-in of a name that nobody has. Both are counted. `within`: a transaction of counts. */
    async assess(subject: string, origin: Origin, now: number, within?: Trx): Promise<RiskDecision> {
      const watched = ((await people.find(within ?? storage.db, subject))?.watchedUntil ?? 0) > now;
      if (!settings.enabled)
        return watched
          ? { is: 'extra-gate', points: 0, says: 'An operator watches this account, so one more gate is asked for.' }
          : { is: 'go', points: 0, says: 'Risk is not looked at (policy.risk.enabled).' };
      const gather = async (trx: Trx) =>
        [
          await different(trx, 'risk-names', origin.network, subject, hours(1), now),
          await different(trx, 'risk-sources', subject, origin.network, days(1), now),
          await sightings.of(trx, subject),
        ] as const;
      const [namesFromSource, sourcesOnAccount, seen] = await (within ? gather(within) : storage.transaction(gather));
      const signs = {
        watched,
        known: seen.length > 0,
        newDevice: !seen.some(({ device }) => device === deviceOf(origin)),
        newNetwork: !seen.some(({ network }) => network === networkOf(origin)),
        unusualHour: unusual(seen, hourOf(now)),
        speed: speed(seen, origin, now),
        namesFromSource,
        sourcesOnAccount,
      };
      return assess(signs, settings);
    },

    /** Something succeeded from there: next time it is known. */
    async succeeded(trx: Trx, accountId: string, origin: Origin, now: number): Promise<void> {
      const place = locate(origin.ip);
      await sightings.record(
        trx,
        {
          accountId,
          device: deviceOf(origin),
          network: networkOf(origin),
          latitude: place?.latitude,
          longitude: place?.longitude,
          hour: hourOf(now),
        },
        now,
      );
    },
  };
}
