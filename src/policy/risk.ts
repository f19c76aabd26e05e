/**
 * How unusual an attempt is, and what that asks for. Pure: the signs are gathered elsewhere. Every decision can be told in one
 * sentence. A known device lowers suspicion only, it never takes the place of a gate (NIST SP 800-63B-4 §5.1, C-13).
 */

export interface RiskSigns {
  /** An operator asked for one more gate at every recovery for some time. */
  watched?: boolean;
  /** Somebody was seen here before: without that, nothing is "new". */
  known: boolean;
  newDevice: boolean;
  newNetwork: boolean;
  /** No success within an hour of this time of day, of enough successes to say so. */
  unusualHour: boolean;
  /** km/h since the last success, where both places are known. */
  speed: number | undefined;
  /** Different names tried from this source within an hour, this one included. */
  namesFromSource: number;
  /** Different sources that tried this account within a day, this one included. */
  sourcesOnAccount: number;
}

export interface RiskSettings {
  /** Points from which each is asked for. */
  extraGateFrom: number;
  waitFrom: number;
  stopFrom: number;
  /** km/h; faster than a passenger aeroplane. */
  speedLimit: number;
  namesFromSource: number;
  sourcesOnAccount: number;
}

export interface RiskDecision {
  is: 'go' | 'extra-gate' | 'wait' | 'stop';
  points: number;
  /** One sentence for audit and operators. */
  says: string;
}

interface Sign {
  points: number;
  says: string;
}

function signsOf(signs: RiskSigns, settings: RiskSettings): Sign[] {
  const { known, speed } = signs;
  const sign = (holds: boolean, points: number, says: string): Sign[] => (holds ? [{ points, says }] : []);
  return [
    ...sign(known && signs.newDevice, 1, 'a new device'),
    ...sign(known && signs.newNetwork, 1, 'a new network'),
    ...sign(known && signs.unusualHour, 1, 'an unusual hour'),
    ...sign(
      speed !== undefined && speed > settings.speedLimit,
      3,
      `${Math.round(speed ?? 0)} km/h since the last success`,
    ),
    ...sign(
      signs.namesFromSource > settings.namesFromSource,
      signs.namesFromSource > 3 * settings.namesFromSource ? 6 : 3,
      `${signs.namesFromSource} names from one source within an hour`,
    ),
    ...sign(
      signs.sourcesOnAccount > settings.sourcesOnAccount,
      signs.sourcesOnAccount > 3 * settings.sourcesOnAccount ? 4 : 2,
      `${signs.sourcesOnAccount} sources on one account within a day`,
    ),
  ];
}

const WORDS = {
  go: 'nothing is asked for',
  'extra-gate': 'one more gate is asked for',
  wait: 'a wait is asked for and everybody is told',
  stop: 'the attempt is stopped',
} as const;

export function assess(signs: RiskSigns, settings: RiskSettings): RiskDecision {
  const found = signsOf(signs, settings);
  const points = found.reduce((sum, sign) => sum + sign.points, 0);
  const asked =
    points >= settings.stopFrom
      ? 'stop'
      : points >= settings.waitFrom
        ? 'wait'
        : points >= settings.extraGateFrom
          ? 'extra-gate'
          : 'go';
  // Not a matter of points: whoever set them high must still be able to ask for more.
  const is = asked === 'go' && signs.watched ? 'extra-gate' : asked;
  const because = found.length === 0 ? 'Nothing unusual' : `Unusual: ${found.map(({ says }) => says).join(', ')}`;
  return {
    is,
    points,
    says: `${because} (${points} points)${signs.watched ? ', and an operator watches this account' : ''}, so ${WORDS[is]}.`,
  };
}

/** Great-circle distance in km (haversine; a sphere of 6371 km is near enough). */
export function distance(a: Place, b: Place): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [north, east] = [radians(b.latitude - a.latitude) / 2, radians(b.longitude - a.longitude) / 2];
  const h = Math.sin(north) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(east) ** 2;
  return 2 * 6_371 * Math.asin(Math.min(1, Math.sqrt(h)));
}

export interface Place {
  /** Degrees. */
  latitude: number;
  longitude: number;
}

/** Location databases are off by so much that a shorter way says nothing. */
const BLUR = 300;

/** km/h; `undefined` where the way is too short to tell. */
export function speedBetween(from: Place & { at: number }, to: Place & { at: number }): number | undefined {
  const way = distance(from, to);
  if (way < BLUR) return undefined;
  return way / Math.max((to.at - from.at) / 3_600_000, 1 / 60);
}
