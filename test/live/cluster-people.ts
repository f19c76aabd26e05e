/**
 * People who recover their passwords through HAProxy while everything behind it fails in turn. Each page on their way is
 * looked at: it is the next step, or a "one moment" page that leads back by itself. Whoever passed "who are you" never
 * has to begin again.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createTranslator } from '../../src/text/index.ts';
import { appCodeAt } from '../kit/enrol.ts';
import type { Mailbox } from '../kit/mailbox.ts';
import { createTlsFetch } from '../kit/tls-fetch.ts';
import { WebClient } from '../kit/web-client.ts';
import { isDone, pages, type Traveller } from './crash-travellers.ts';

export interface ClusterRoad {
  /** `https://localhost:…` */
  origin: string;
  caFile: string;
  mailbox: Mailbox;
  newPassword: () => string;
  /** Asked of the directory itself, the moment somebody is told that they are back in. */
  signsIn: (username: string, password: string) => Promise<boolean>;
}

/** What people saw besides the next step. */
export interface Seen {
  /** "One moment" by a node, status 503: storage or directory do not answer. */
  node: number;
  /** "One moment" by HAProxy: no node, or the node died with the request. */
  proxy: number;
  /** "One moment", status 200: the password is being set. */
  applying: number;
}

const FLOW = '__Host-sspr_flow';
/** ms; the longest way through every fault. */
const PATIENCE = 110_000;
const MAIL = 45_000;
const FORGED = '203.0.113.9';
const t = createTranslator('en');
const MISMATCH = t('code.mismatch.title');

/** Where the page leads by itself, and when (ms). `undefined`: it stays. */
export function refreshOf({ headers, html, path }: WebClient): { after: number; to: string } | undefined {
  const meta = /<meta http-equiv="refresh" content="([^"]*)"/.exec(html)?.[1];
  const found = /^(\d+)(?:;url=(.+))?$/.exec(headers.get('refresh') ?? meta ?? '');
  return found ? { after: Number(found[1]) * 1_000, to: found[2] ?? path } : undefined;
}

/** One recovery from beginning to end. @throws Error at the first page that must not come. */
export async function recoverThrough(person: Traveller, seat: number, road: ClusterRoad, seen: Seen): Promise<void> {
  const tls = createTlsFetch({ caFile: road.caFile, from: `127.0.1.${seat}`, http2: seat % 3 !== 0 });
  const client = new WebClient({
    base: road.origin,
    origin: road.origin,
    timeout: 70_000,
    fetch: (url, init) => tls.fetch(url, { ...init, headers: { ...init.headers, 'x-forwarded-for': FORGED } }),
  });
  // Those of the last journey are enough to send again afterwards.
  person.answered.length = 0;
  try {
    await walk(client, person, road, seen);
  } finally {
    tls.close();
  }
}

async function walk(client: WebClient, person: Traveller, road: ClusterRoad, seen: Seen): Promise<void> {
  const { mailbox, newPassword, signsIn } = road;
  const end = Date.now() + PATIENCE;
  let begun = false;
  let mark = mailbox.mark(person.address);
  let sheetCode: string | undefined;
  let byApp = appCodeAt(person.seed, Date.now()) !== person.lastAppCode;

  const odd = (why: string): Error =>
    new Error(
      `${person.username}: ${why} (${client.status} at ${client.path}): ${client.title}: ${client.text().slice(0, 300)}`,
    );

  /** Sends; where "one moment" comes, does what the page does by itself until something else comes. */
  const go = async (work: () => Promise<unknown>): Promise<boolean> => {
    await work();
    for (let first = true; ; first = false) {
      if (client.cookies.has(FLOW)) begun = true;
      const broken = [502, 503, 504].includes(client.status);
      if (!broken && client.status !== 200) throw odd('an odd status');
      if (client.title !== pages.moment) {
        if (broken) throw odd('not a page of ours');
        return first;
      }
      if (!broken) seen.applying += 1;
      else if (client.html.includes('sparekey-')) seen.node += 1;
      else seen.proxy += 1;
      const refresh = refreshOf(client);
      if (!refresh) throw odd('a page that leads nowhere');
      if (Date.now() > end) throw odd('too long a moment');
      await wait(refresh.after);
      await client.get(refresh.to);
    }
  };

  const answer = async (code: string): Promise<void> => {
    const { title } = client;
    const request = { ...client.form('/recover/answer').fields, code };
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const straight = await go(() => client.post('/recover/answer', request));
    if (client.text().includes(MISMATCH)) throw odd('a right code was refused');
    const body = new URLSearchParams(request).toString();
    if (straight && client.title !== title)
      person.answered.push({ method: 'POST', path: '/recover/answer', body, cookie });
  };

  await go(() => client.get('/'));
  while (Date.now() < end) {
    const { title } = client;
    if (title === pages.start) {
      if (begun) throw odd('has to begin again');
      await go(() => client.submit('/recover', { identifier: person.username }));
    } else if (title === pages.first) {
      mark = mailbox.mark(person.address);
      await go(() => client.submit('/recover/method', { method: 'email' }));
    } else if (title === pages.mail) {
      await answer(await mailbox.code(person.address, mark, MAIL));
    } else if (title === pages.later) {
      await go(() => client.submit('/recover/method', { method: byApp ? 'totp' : 'recovery-code' }));
    } else if (title === pages.app) {
      const code = appCodeAt(person.seed, Date.now());
      person.lastAppCode = code;
      await answer(code);
    } else if (title === pages.sheet) {
      byApp = false;
      sheetCode = person.codes[0] ?? '';
      await answer(sheetCode);
    } else if (title === pages.password) {
      if (sheetCode !== undefined && person.codes[0] === sheetCode) {
        person.codes.shift();
        person.usedCodes.push(sheetCode);
      }
      // A password that was sent before is not in force when the page asks again.
      const password = newPassword();
      person.pending = password;
      await go(() => client.submit('/recover/password', { password, again: password }));
    } else if (isDone(title)) {
      const { pending } = person;
      if (pending === undefined) throw odd('told of a password that was never sent');
      if (!(await signsIn(person.username, pending))) throw odd('told of a password that is not in force');
      person.password = pending;
      person.pending = undefined;
      person.told += 1;
      const fresh = client.html.match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){4}\b/)?.[0];
      if (fresh) person.codes.push(fresh);
      return;
    } else {
      throw odd('an odd page');
    }
  }
  throw odd('no end');
}

/** Everybody in turn, `lanes` at a time, until `over`; then each finishes what was begun. @returns journeys that ended well. */
export async function recoverAll(
  people: readonly Traveller[],
  lanes: number,
  road: ClusterRoad,
  seen: Seen,
  over: () => boolean,
): Promise<number> {
  const waiting = [...people];
  let journeys = 0;
  const lane = async () => {
    while (!over()) {
      const person = waiting.shift();
      if (!person) throw new Error('More lanes than people.');
      await recoverThrough(person, people.indexOf(person) + 1, road, seen);
      journeys += 1;
      waiting.push(person);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return journeys;
}
