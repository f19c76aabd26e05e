/**
 * Asks the range API of Pwned Passwords (v3): only the first five hexadecimal digits of the SHA-1 ever leave, in the path and
 * nowhere else (H-01), the answer is padded (H-02), and whatever is not a complete answer in its format is `unavailable` (H-03).
 */
import { hash } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import type { Finding } from '../kernel/plugin.ts';
import type { BreachAnswer, BreachLog } from './breach.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { PREFIX_DIGITS } from './hash-lines.ts';

export interface RangeApi {
  lookUp(password: string): Promise<BreachAnswer>;
  check(): Promise<Finding[]>;
}

interface Settings {
  /** Without the prefix, ends with a slash or not. */
  url: string;
  /** ms for the whole answer. */
  timeout: number;
}

interface Ports {
  clock: Clock;
  log: BreachLog;
  fetch: typeof fetch;
}

/** Answers have about 40 KB today; more than this is no answer. */
const MOST_BYTES = 2 ** 20;
const ROW = /^([0-9A-F]{35}):([0-9]{1,15})$/i;

/** In every corpus. */
const KNOWN = 'password';

/** The row of `suffix` in an answer, with 0 for "not there"; `undefined` when the text is not an answer. */
function countOf(text: string, suffix: string): number | undefined {
  let count = 0;
  let rows = 0;
  for (const line of text.split('\n')) {
    const row = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (row === '') continue;
    const [, found, seen] = ROW.exec(row) ?? [];
    if (found === undefined) return undefined;
    rows += 1;
    if (found.toUpperCase() === suffix) count = Math.max(count, Number(seen));
  }
  return rows === 0 ? undefined : count;
}

/** The body as text, or `undefined` when it is longer than an answer can be. */
async function bodyOf(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder('latin1');
  let text = '';
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST_BYTES) return undefined;
  }
  return text;
}

function explain(error: unknown, timeout: number): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError' || name === 'AbortError') return `The range API did not answer within ${timeout} ms.`;
  return `The range API can’t be reached (${cause?.code ?? name ?? 'unknown'}).`;
}

export function createRangeApi({ url, timeout }: Settings, { clock, log, fetch: send }: Ports): RangeApi {
  const base = url.endsWith('/') ? url : `${url}/`;
  const breaker = createCircuitBreaker(clock);

  async function ask(prefix: string, suffix: string): Promise<BreachAnswer> {
    try {
      const response = await send(`${base}${prefix}`, {
        headers: { 'user-agent': 'Sparekey', 'add-padding': 'true', accept: 'text/plain' },
        // A redirect would send the prefix to somebody else.
        redirect: 'manual',
        credentials: 'omit',
        signal: AbortSignal.timeout(timeout),
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        return { is: 'unavailable', cause: `The range API answered with status ${response.status}.` };
      }
      const text = await bodyOf(response);
      const count = text === undefined ? undefined : countOf(text, suffix);
      if (count === undefined)
        return { is: 'unavailable', cause: 'The range API answered with something else than a range.' };
      return count > 0 ? { is: 'breached', count } : { is: 'clean' };
    } catch (error) {
      return { is: 'unavailable', cause: explain(error, timeout) };
    }
  }

  async function lookUp(password: string): Promise<BreachAnswer> {
    if (!breaker.admits())
      return { is: 'unavailable', cause: 'The range API is not asked for a while: it failed three times.' };
    const digits = hash('sha1', password).toUpperCase();
    const answer = await ask(digits.slice(0, PREFIX_DIGITS), digits.slice(PREFIX_DIGITS));
    if (answer.is !== 'unavailable') {
      if (breaker.succeeded()) log.info({ url: base }, 'The range API answers again.');
    } else if (breaker.failed())
      log.error({ url: base, cause: answer.cause }, 'The range API fails; it is left alone for a while.');
    return answer;
  }

  return {
    lookUp,
    async check() {
      const what = `ask the range API at ${new URL(base).host}`;
      const digits = hash('sha1', KNOWN).toUpperCase();
      const answer = await ask(digits.slice(0, PREFIX_DIGITS), digits.slice(PREFIX_DIGITS));
      if (answer.is === 'breached') return [{ is: 'ok', what }];
      const cause = answer.is === 'clean' ? 'It does not know the most common passwords.' : answer.cause;
      const fix = 'Let this server reach it by https, correct breach.online.url, or build a corpus file (breach.file).';
      return [{ is: 'failed', what, cause, fix, key: 'online.url' }];
    },
  };
}
