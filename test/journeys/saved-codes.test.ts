/** Saved codes: each works once, is replaced in a recovery, is used up at a sign-in, and every use is told. */
import { describe, expect, test } from 'vitest';
import { type Built, build, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { answer, byEmail, bySheet, choose, identify, NEW, setPassword, signIn, subjectsTo } from '../kit/steps.ts';

const ben = { username: 'ben', addresses: ['ben@private.example'], sheet: true };
const ADDRESS = 'ben@private.example';
const code = (built: Built, n: number): string => built.sheets.get('ben')?.[n] as string;
const shownCode = (client: Client): string =>
  /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}/.exec(client.text())?.[0] ?? 'no code shown';

/** A whole recovery with this code; gives the replacement. */
async function recover(built: Built, saved: string, password: string): Promise<string> {
  const client = await identify(built.client(), 'ben');
  await byEmail(built, client, ADDRESS);
  await bySheet(client, saved);
  await setPassword(client, password);
  expect(await built.bind('ben', password)).toBe('correct');
  return shownCode(client);
}

describe('a saved code', () => {
  test('is replaced when it was used: the old one is dead, the new one is shown and works later', async () => {
    const built = await build({ people: [ben] });
    const fresh = await recover(built, code(built, 0), NEW);
    expect(built.sheets.get('ben')).not.toContain(fresh);

    const client = await identify(built.client(), 'ben');
    await byEmail(built, client, ADDRESS);
    await bySheet(client, code(built, 0));
    expect(client.text()).toContain('doesn’t match');

    await recover(built, fresh, 'eleven paper boats at noon');
  });

  test('has its replacement shown where the journey is given up, but not to whoever comes after it ran out', async () => {
    const built = await build({ people: [ben] });
    const client = await identify(built.client(), 'ben');
    await bySheet(client, code(built, 0));
    await client.submit('/recover/cancel');
    expect(client.title).toContain('Stopped');
    await recover(built, shownCode(client), NEW);

    const later = await identify(built.client(), 'ben');
    await bySheet(later, code(built, 1));
    built.clock.advance(31 * 60_000);
    await later.get('/recover');
    expect(shownCode(later)).toBe('no code shown');
  });

  test('is told to every confirmed address the moment it was used', async () => {
    const built = await build({ people: [{ ...ben, addresses: [ADDRESS, 'ben@second.example'] }] });
    const client = await identify(built.client(), 'ben');
    await bySheet(client, code(built, 3));
    for (const address of [ADDRESS, 'ben@second.example'])
      expect(await subjectsTo(built, address)).toEqual(['one of your saved codes was used']);
    expect((await built.mails())[0]?.text).toContain('10 codes');
  });

  test('may be typed in any case, with O for 0, I and L for 1, and any separators', async () => {
    const built = await build({ people: [ben] });
    const client = await identify(built.client(), 'ben');
    const typed = code(built, 5).toLowerCase().replaceAll('-', '  ').replaceAll('0', 'o').replaceAll('1', 'l');
    await bySheet(client, typed);
    expect(client.choices('method')).toEqual(['email']);
  });

  test('of another person, cut short, made longer or empty does not match', async () => {
    const built = await build({ people: [ben, { username: 'eve', sheet: true }] });
    const client = await identify(built.client(), 'ben');
    await choose(client, 'recovery-code');
    const own = code(built, 0);
    for (const wrong of [built.sheets.get('eve')?.[0] as string, own.slice(0, -1), `${own}0`, own.slice(0, 4)]) {
      await answer(client, wrong);
      expect(client.text()).toContain('doesn’t match');
    }
    await answer(client, own);
    expect(client.choices('method')).toEqual(['email']);
  });

  test('is only used up at a sign-in, which has no page for a new one', async () => {
    const built = await build({ people: [ben] });
    const client = await signIn(built.client(), 'ben');
    await bySheet(client, code(built, 0));
    expect(client.title).toBe('How safe am I?');
    expect(client.text()).toContain('9 left');
    expect(await subjectsTo(built, ADDRESS)).toEqual(['one of your saved codes was used']);
    const again = await signIn(built.client(), 'ben');
    await bySheet(again, code(built, 0));
    expect(again.text()).toContain('doesn’t match');
  });

  test('running low is told on the page, and an empty sheet locks nobody out of the portal', async () => {
    const built = await build({ people: [ben] });
    for (let n = 0; n < 10; n += 1) {
      const client = await signIn(built.client({ ip: `192.0.2.${n}` }), 'ben');
      await bySheet(client, code(built, n));
      expect(client.text()).toContain(`${n === 9 ? 'none' : 9 - n} left`);
      if (n >= 6) expect(client.text()).toContain('running out of saved codes');
    }
    const client = await signIn(built.client(), 'ben');
    expect(client.title).toBe('How safe am I?');
  });

  test('stays usable in a practice run, which changes nothing', async () => {
    const built = await build({ people: [{ ...ben, seed: SEED }] });
    const client = await signIn(built.client(), 'ben');
    await bySheet(client, code(built, 9));
    await client.submit('/practice');
    await byEmail(built, client, ADDRESS);
    await bySheet(client, code(built, 0));
    expect(client.title).toBe('Practice run finished');
    await recover(built, code(built, 0), NEW);
  });
});
