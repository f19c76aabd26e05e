import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type BreachConfig, openBreach } from '../../../src/breach/breach.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { corpusOf, logBook, scratch, sha1 } from './kit.ts';
import { type RangeServer, startRangeServer } from './range-server.ts';

const OFF = { enabled: false, url: 'https://api.pwnedpasswords.com/range/', timeout: 1_500 };

function opened(config: Partial<BreachConfig>) {
  const log = logBook();
  const breach = openBreach({ online: OFF, whenUnavailable: 'accept', ...config }, { clock: createFakeClock(), log });
  if (!breach) throw new Error('Nothing is configured.');
  onTestFinished(() => breach.close());
  return { breach, log, ask: (password: string) => breach.lookUp(new Secret(password)) };
}

const online = ({ url }: RangeServer) => ({ enabled: true, url, timeout: 1_500 });
const failing = (server: RangeServer) => {
  server.answer = (_request, response) => response.writeHead(500).end();
};

test('nothing configured: there is nothing to ask', () => {
  const ports = { clock: createFakeClock(), log: logBook() };
  expect(openBreach({ online: OFF, whenUnavailable: 'accept' }, ports)).toBeUndefined();
});

describe('one port', () => {
  test('over a file alone', async () => {
    const { ask } = opened({ file: await corpusOf(['in the file'], { layout: 'exact', counts: true, partial: true }) });
    expect(await ask('in the file')).toEqual({ is: 'breached', count: 1 });
    expect(await ask('nowhere')).toEqual({ is: 'clean' });
  });

  test('over the range API, with the file when that fails', async () => {
    const server = await startRangeServer(['online']);
    const file = await corpusOf(['in the file'], { layout: 'exact', partial: true });
    const { ask, log } = opened({ file, online: online(server) });
    expect(await ask('online')).toEqual({ is: 'breached', count: 1 });
    expect(await ask('in the file')).toEqual({ is: 'clean' });
    failing(server);
    expect(await ask('in the file')).toEqual({ is: 'breached' });
    expect(await ask('online')).toEqual({ is: 'clean' });
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test.each(['accept', 'refuse'] as const)(
    'that can’t answer says so, logs it, and that its caller should %s',
    async (what) => {
      const server = await startRangeServer([]);
      failing(server);
      const { breach, ask, log } = opened({
        file: join(scratch(), 'none'),
        online: online(server),
        whenUnavailable: what,
      });
      const answer = await ask('my secret words');
      expect(answer).toEqual({
        is: 'unavailable',
        cause: expect.stringMatching(/^The range API answered with status 500\. .*There is no such file/),
      });
      expect(breach.whenUnavailable).toBe(what);
      expect(log.lines.at(-1)).toMatchObject({ level: 'warn', about: { password: what } });
      const said = JSON.stringify([log.lines, answer]);
      for (const secret of ['my secret words', sha1('my secret words').slice(0, 5)]) expect(said).not.toContain(secret);
    },
  );

  test('checks both', async () => {
    const server = await startRangeServer(['password']);
    const { breach } = opened({ file: await corpusOf(['password', '123456']), online: online(server) });
    expect((await breach.check()).map(({ is }) => is)).toEqual(['ok', 'ok']);
  });
});
