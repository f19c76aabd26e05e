/**
 * People who recover their passwords over HTTP while nodes are killed under them. They note what was answered to them:
 * afterwards all of that must be true, and nothing that was answered may be answered again.
 */
import { createTranslator } from '../../src/text/index.ts';
import { appCodeAt } from '../kit/enrol.ts';
import type { Mailbox } from '../kit/mailbox.ts';
import { until } from '../kit/servers/process.ts';
import { type Sent, WebClient } from '../kit/web-client.ts';

export interface Traveller {
  username: string;
  address: string;
  seed: string;
  /** Saved codes that were never sent. */
  codes: string[];
  /** In force as far as this person was told. */
  password: string;
  /** Asked for, and no answer came: it may or may not be in force. */
  pending: string | undefined;
  /** "You're back in" pages. */
  told: number;
  /** Answers that opened a gate, as they were sent. */
  answered: Sent[];
  usedCodes: string[];
  lastAppCode: string;
}

export interface Road {
  /** Base of the next request; alternates where there are several nodes. */
  base: () => string;
  origin: string;
  mailbox: Mailbox;
  /** A password that nobody had before. */
  newPassword: () => string;
}

const t = createTranslator('en');
const MOST_STEPS = 60;
const PATIENCE = 4_000;
/** Longer than a restart takes on a busy machine. */
const REPAIR = 40_000;

export const pages = {
  start: t('start.title'),
  first: t('choose.title'),
  later: t('choose.title-later'),
  mail: t('method.email.enter-title'),
  app: t('method.totp.enter-title'),
  sheet: t('method.recovery-code.enter-title'),
  password: t('password.title'),
  expired: t('outcome.expired.title'),
  moment: t('outcome.one-moment.title'),
  unknown: t('outcome.unknown-result.title'),
};
export const isDone = (title: string) => title.startsWith(t('done.title', { name: '' }).replace('.', '').trim());

export const traveller = (username: string, address: string, password: string, seed: string, codes: string[]) =>
  ({
    username,
    address,
    seed,
    codes,
    password,
    pending: undefined,
    told: 0,
    answered: [],
    usedCodes: [],
    lastAppCode: '',
  }) satisfies Traveller as Traveller;

/**
 * One recovery, from the first page as far as it gets. `limbo`: the write was begun and its outcome is not known.
 * @throws Error when a page comes that must not come.
 */
export async function travel(
  person: Traveller,
  { base, origin, mailbox, newPassword }: Road,
  halted: () => boolean,
): Promise<'back-in' | 'limbo' | 'gave-up'> {
  const client = new WebClient({ base, origin, timeout: 20_000 });
  const tried = new Set<string>();
  let mark = mailbox.mark(person.address);

  /** Sends; when the node dies meanwhile, looks where the journey is as soon as somebody answers again. */
  const insist = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      if (client.status !== 503 && client.status !== 500) return true;
    } catch (error) {
      if (!(error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError'))) throw error;
    }
    const look = async () => {
      try {
        await client.get('/recover');
        return client.status !== 503 && client.status !== 500;
      } catch {
        return halted();
      }
    };
    await until(look, `a node to answer ${person.username}`, REPAIR);
    return false;
  };

  const answer = async (code: string): Promise<boolean> => {
    const { title } = client;
    const request = { ...client.form('/recover/answer').fields, code };
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const arrived = await insist(() => client.post('/recover/answer', request));
    const opened = arrived && client.title !== title && [pages.later, pages.password].includes(client.title);
    if (opened)
      person.answered.push({
        method: 'POST',
        path: '/recover/answer',
        body: new URLSearchParams(request).toString(),
        cookie,
      });
    return opened;
  };

  const freshMail = (): string | undefined =>
    mailbox
      .received(person.address)
      .slice(mark)
      .map(({ parsed }) =>
        /\b(\d{4}) ?(\d{4})\b/.exec(/your code/i.test(parsed.subject ?? '') ? (parsed.text ?? '') : ''),
      )
      .flatMap((found) => (found ? [`${found[1]}${found[2]}`] : []))
      .findLast((code) => !tried.has(code));

  await insist(() => client.get('/'));
  for (let step = 0; step < MOST_STEPS && !halted(); step += 1) {
    const { title } = client;
    if (title === pages.start || title === pages.expired) {
      if (title === pages.expired) await insist(() => client.get('/'));
      else await insist(() => client.submit('/recover', { identifier: person.username }));
    } else if (title === pages.first) {
      mark = mailbox.mark(person.address);
      await insist(() => client.submit('/recover/method', { method: 'email' }));
    } else if (title === pages.mail) {
      const come = () => freshMail() !== undefined || halted();
      if (
        !(await until(come, 'a mail', PATIENCE).then(
          () => true,
          () => false,
        ))
      )
        return 'gave-up';
      const code = freshMail();
      if (code === undefined) continue;
      tried.add(code);
      await answer(code);
    } else if (title === pages.later) {
      const byApp = appCodeAt(person.seed, Date.now()) !== person.lastAppCode && step % 2 === 0;
      await insist(() => client.submit('/recover/method', { method: byApp ? 'totp' : 'recovery-code' }));
    } else if (title === pages.app) {
      const code = appCodeAt(person.seed, Date.now());
      if (code === person.lastAppCode) return 'gave-up';
      person.lastAppCode = code;
      await answer(code);
    } else if (title === pages.sheet) {
      const code = person.codes.shift();
      if (code === undefined) return 'gave-up';
      if (await answer(code)) person.usedCodes.push(code);
    } else if (title === pages.password) {
      // A password that was sent before is not in force when the page asks again.
      person.pending = newPassword();
      const password = person.pending;
      await insist(() => client.submit('/recover/password', { password, again: password }));
      if ((client.title as string) === pages.password) person.pending = undefined;
    } else if (isDone(title)) {
      if (person.pending === undefined)
        throw new Error(`${person.username} is told of a password that was never sent.`);
      person.password = person.pending;
      person.pending = undefined;
      person.told += 1;
      const fresh = client.html.match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){4}\b/)?.[0];
      if (fresh) person.codes.push(fresh);
      return 'back-in';
    } else if (title === pages.moment || title === pages.unknown) {
      return 'limbo';
    } else {
      throw new Error(
        `${person.username} came to an odd page (${client.status}): ${title}: ${client.text().slice(0, 300)}`,
      );
    }
  }
  return person.pending === undefined ? 'gave-up' : 'limbo';
}

/** Lets `lanes` people travel at a time until `halted`; whoever is in limbo stays at home. Throws the first mistake. */
export async function travelAll(
  people: readonly Traveller[],
  lanes: number,
  road: Road,
  halted: () => boolean,
): Promise<{ backIn: number; limbo: number; gaveUp: number }> {
  const waiting = [...people];
  const count = { backIn: 0, limbo: 0, gaveUp: 0 };
  const lane = async () => {
    while (!halted()) {
      const person = waiting.shift();
      if (!person) return;
      const end = await travel(person, road, halted);
      if (end === 'back-in') count.backIn += 1;
      else if (end === 'limbo') count.limbo += 1;
      else count.gaveUp += 1;
      if (end !== 'limbo') waiting.push(person);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return count;
}
