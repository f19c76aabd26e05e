/** What is unusual, what that asks for, and that every decision is one sentence. */
import { describe, expect, test } from 'vitest';
import { assess, distance, type RiskSigns, speedBetween } from '../../../src/policy/risk.ts';

const settings = {
  extraGateFrom: 3,
  waitFrom: 4,
  stopFrom: 6,
  speedLimit: 950,
  namesFromSource: 10,
  sourcesOnAccount: 5,
};
const usual: RiskSigns = {
  known: true,
  newDevice: false,
  newNetwork: false,
  unusualHour: false,
  speed: undefined,
  namesFromSource: 1,
  sourcesOnAccount: 1,
};
const decide = (signs: Partial<RiskSigns>) => assess({ ...usual, ...signs }, settings);

describe('risk', () => {
  test.each<[string, Partial<RiskSigns>, string, string]>([
    ['nothing unusual', {}, 'go', 'Nothing unusual'],
    ['a borrowed laptop at home', { newDevice: true }, 'go', 'a new device'],
    ['a borrowed laptop somewhere else', { newDevice: true, newNetwork: true }, 'go', 'a new network'],
    [
      'the same in the middle of the night',
      { newDevice: true, newNetwork: true, unusualHour: true },
      'extra-gate',
      'an unusual hour',
    ],
    ['faster than an aeroplane', { speed: 4_000 }, 'extra-gate', '4000 km/h'],
    ['as fast as an aeroplane', { speed: 900 }, 'go', 'Nothing unusual'],
    ['that and a new device', { speed: 4_000, newDevice: true }, 'wait', 'a new device'],
    ['many names from one source', { namesFromSource: 11 }, 'extra-gate', '11 names from one source'],
    ['very many names from one source', { namesFromSource: 31 }, 'stop', '31 names'],
    ['many sources on one account', { sourcesOnAccount: 6, newDevice: true }, 'extra-gate', '6 sources on one account'],
    ['very many of both', { sourcesOnAccount: 16, namesFromSource: 11 }, 'stop', '16 sources'],
  ])('%s', (_name, signs, is, words) => {
    const decision = decide(signs);
    expect(decision.is).toBe(is);
    expect(decision.says).toContain(words);
    expect(decision.says).toMatch(/^[A-Z].*\.$/);
  });

  test('nothing is new for somebody who was never seen before', () => {
    expect(decide({ known: false, newDevice: true, newNetwork: true, unusualHour: true }).points).toBe(0);
  });

  test('more signs never ask for less', () => {
    const order = ['go', 'extra-gate', 'wait', 'stop'];
    const steps: Partial<RiskSigns>[] = [
      { newDevice: true },
      { newNetwork: true },
      { unusualHour: true },
      { speed: 2_000 },
      { namesFromSource: 40 },
    ];
    let signs: Partial<RiskSigns> = {};
    let before = 0;
    for (const step of steps) {
      signs = { ...signs, ...step };
      const now = order.indexOf(decide(signs).is);
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
    expect(before).toBe(3);
  });
});

describe('distance and speed', () => {
  const berlin = { latitude: 52.52, longitude: 13.405 };
  const sydney = { latitude: -33.87, longitude: 151.21 };
  test('Berlin to Sydney is about 16,090 km, both ways, and a place is no way from itself', () => {
    expect(distance(berlin, sydney)).toBeGreaterThan(16_000);
    expect(distance(berlin, sydney)).toBeLessThan(16_200);
    expect(distance(sydney, berlin)).toBeCloseTo(distance(berlin, sydney), 6);
    expect(distance(berlin, berlin)).toBe(0);
  });
  test('a way that location databases get wrong has no speed', () => {
    const near = { latitude: 52.4, longitude: 13.06 };
    expect(speedBetween({ ...berlin, at: 0 }, { ...near, at: 1 })).toBeUndefined();
  });
  test('an hour from Berlin to Sydney is no flight, a day is', () => {
    expect(speedBetween({ ...berlin, at: 0 }, { ...sydney, at: 3_600_000 })).toBeGreaterThan(15_000);
    expect(speedBetween({ ...berlin, at: 0 }, { ...sydney, at: 86_400_000 })).toBeLessThan(950);
  });
  test('two successes at one instant are not divided by nothing', () => {
    expect(speedBetween({ ...berlin, at: 5 }, { ...sydney, at: 5 })).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});
