/** The people of the bench: who they are, what they know, and when they may be sent on their way again. */
import { Secret as OtpSecret, TOTP } from 'otpauth';

export interface Traveller {
  username: string;
  dn: string;
  address: string;
  /** Base32 */
  seed: string;
  password: string;
  /** Address of this machine that their requests come from: limits by network bite as they do for real people. */
  from: string;
}

export interface OnTheWay extends Traveller {
  cookies: Map<string, string>;
  /** Journeys so far: every password is a new one. */
  made: number;
  /** Time step of the last code: none works twice. */
  lastStep: number;
}

const STEP = 30_000;

/** 127.1.0.1 and up. */
export const loopback = (n: number): string => `127.${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;

export const passwordFor = (username: string, n: number): string => `Copper owls count ${n} moons over ${username}`;

/** First come, first served; whoever has just used a code of their app comes later. */
export function createQueue(travellers: readonly Traveller[]) {
  const people = travellers.map((one): OnTheWay => ({ ...one, cookies: new Map(), made: 0, lastStep: 0 }));
  let turn = 0;
  return {
    people,
    next(): OnTheWay {
      const now = Math.floor(Date.now() / STEP);
      for (let tried = 0; tried < people.length; tried += 1) {
        const one = people[turn++ % people.length] as OnTheWay;
        if (one.lastStep < now) return one;
      }
      throw new Error('Everybody has just used the code of their app: take more --people.');
    },
  };
}

export type Queue = ReturnType<typeof createQueue>;

export function appCode(person: OnTheWay): string {
  const timestamp = Date.now();
  person.lastStep = Math.floor(timestamp / STEP);
  return new TOTP({ secret: OtpSecret.fromBase32(person.seed) }).generate({ timestamp });
}
