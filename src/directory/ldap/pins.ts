/**
 * Which server an account's password was last read or written on. Copies lag behind, so for a while whatever concerns this
 * account goes there first. In the memory of one node: what must hold on the others stands in the marker (ADR 15).
 */
import { type Clock, minutes } from '../../kernel/clock.ts';

export interface Pin {
  server: string;
  /** A marker was read there: the write or the sign-in that goes by it may go nowhere else. */
  marked: boolean;
}

export interface Pins {
  of(about: string | undefined): Pin | undefined;
  set(about: string | undefined, server: string, marked: boolean): void;
  forget(about: string | undefined): void;
}

/** Replication takes seconds within a site, and up to a quarter of an hour between sites of a domain. */
const LASTING = minutes(15);
const MOST = 10_000;

export function createPins(clock: Clock): Pins {
  const pins = new Map<string, Pin & { until: number }>();
  return {
    of(about) {
      const pin = about === undefined ? undefined : pins.get(about);
      return pin && pin.until > clock.now() ? pin : undefined;
    },
    set(about, server, marked) {
      if (about === undefined) return;
      // To the end of the order, so that the oldest is the first.
      pins.delete(about);
      pins.set(about, { server, marked, until: clock.now() + LASTING });
      for (const oldest of pins.keys()) {
        if (pins.size <= MOST) break;
        pins.delete(oldest);
      }
    },
    forget: (about) => {
      if (about !== undefined) pins.delete(about);
    },
  };
}
