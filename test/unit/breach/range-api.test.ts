import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createRangeApi } from '../../../src/breach/range-api.ts';
import { seconds } from '../../../src/kernel/clock.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { leaked, logBook, sha1 } from './kit.ts';
import { rangeOf, startRangeServer } from './range-server.ts';

const PASSWORDS = [...leaked(2_000), 'password', 'P@ssw0rd'];

async function connected(timeout = 1_500) {
  const server = await startRangeServer(PASSWORDS);
  const log = logBook();
  const clock = createFakeClock();
  return { server, log, clock, api: createRangeApi({ url: server.url, timeout }, { clock, log, fetch }) };
}

describe('what leaves', () => {
  test('is the first five digits of the SHA-1 in the path, and nothing else of the password', async () => {
    const { server, api } = await connected();
    await api.lookUp('P@ssw0rd');
    expect(server.seen).toHaveLength(1);
    const [{ method, path, headers, body } = { method: '', path: '', headers: {}, body: '' }] = server.seen;
    expect({ method, path, body }).toEqual({ method: 'GET', path: '/range/21BD1', body: '' });
    expect(headers).toMatchObject({ 'add-padding': 'true', 'user-agent': expect.stringMatching(/^Sparekey/) });
    expect(Object.keys(headers).toSorted()).toEqual([
      'accept',
      'accept-encoding',
      'accept-language',
      'add-padding',
      'connection',
      'host',
      'sec-fetch-mode',
      'user-agent',
    ]);
    const sent = JSON.stringify(server.seen).toUpperCase();
    expect(sent).not.toContain(sha1('P@ssw0rd').slice(5, 11));
    expect(sent).not.toContain('P@SSW0RD');
  });
});

describe('an answer', () => {
  test('says how often the password was seen', async () => {
    const { api } = await connected();
    expect(await api.lookUp('leaked-41')).toEqual({ is: 'breached', count: 42 });
    expect(await api.lookUp('never leaked')).toEqual({ is: 'clean' });
  });

  const suffix = sha1('never leaked').slice(5);
  test.each<[string, string, object]>([
    ['a row of padding with the own suffix', `${suffix}:0\r\n${'A'.repeat(35)}:3`, { is: 'clean' }],
    ['lower case', `${suffix.toLowerCase()}:7`, { is: 'breached', count: 7 }],
    ['LF and a newline at the end', `${'A'.repeat(35)}:3\n${suffix}:7\n`, { is: 'breached', count: 7 }],
    ['the same suffix as padding and for real', `${suffix}:7\r\n${suffix}:0`, { is: 'breached', count: 7 }],
  ])('%s', async (_title, body, expected) => {
    const { server, api } = await connected();
    server.answer = (_request, response) => response.end(body);
    expect(await api.lookUp('never leaked')).toEqual(expected);
  });

  test('may be packed', async () => {
    const { server, api } = await connected();
    server.answer = (request, response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(rangeOf(PASSWORDS, (request.url ?? '').slice(-5))));
    expect(await api.lookUp('leaked-41')).toEqual({ is: 'breached', count: 42 });
  });
});

describe('everything else is "unavailable", with the cause and without the hash', () => {
  type Answer = (request: IncomingMessage, response: ServerResponse) => void;
  const body =
    (text: string | Buffer, status = 200, headers: Record<string, string> = {}): Answer =>
    (_request, response) =>
      response.writeHead(status, headers).end(text);
  const row = `${'A'.repeat(35)}:3`;

  test.each<[string, Answer, string]>([
    ['500', body('oops', 500), 'status 500'],
    ['429', body('', 429, { 'retry-after': '2' }), 'status 429'],
    ['403', body('', 403), 'status 403'],
    ['404', body('', 404), 'status 404'],
    ['a redirect', body('', 302, { location: '/range/00000' }), 'status 302'],
    ['204', body('', 204), 'status 204'],
    ['nothing', body(''), 'something else than a range'],
    ['a sign-in page', body('<html>Sign in to the network</html>'), 'something else than a range'],
    ['JSON', body('{"count":3}'), 'something else than a range'],
    ['a shorter suffix', body(`${'A'.repeat(34)}:3`), 'something else than a range'],
    ['rows, then nonsense', body(`${row}\r\n${row}\r\nhello`), 'something else than a range'],
    ['a row that is cut off', body(`${row}\r\n${'A'.repeat(20)}`), 'something else than a range'],
    ['a negative count', body(`${'A'.repeat(35)}:-3`), 'something else than a range'],
    ['NTLM rows', body(`${'A'.repeat(27)}:3`), 'something else than a range'],
    ['two megabytes', body(`${row}\r\n`.repeat(55_000)), 'something else than a range'],
    [
      'a packed gigabyte',
      body(gzipSync(Buffer.alloc(2 ** 28, 'A')), 200, { 'content-encoding': 'gzip' }),
      'something else than a range',
    ],
    ['damaged packing', body('no gzip', 200, { 'content-encoding': 'gzip' }), 'can’t be reached'],
    ['a connection that breaks', (request) => request.socket.destroy(), 'can’t be reached'],
    [
      'a body that breaks off',
      (request, response) => {
        response.writeHead(200, { 'content-length': '9000' }).write(row);
        setImmediate(() => request.socket.destroy());
      },
      'can’t be reached',
    ],
  ])('%s', async (_title, answer, cause) => {
    const { server, api } = await connected(5_000);
    server.answer = answer;
    const found = await api.lookUp('leaked-41');
    expect(found).toEqual({ is: 'unavailable', cause: expect.stringContaining(cause) });
    expect(server.seen).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain(sha1('leaked-41').slice(0, 5));
  });

  test.each<[string, Answer]>([
    ['no answer at all', () => {}],
    [
      'a body that never ends',
      (_request, response) => {
        response.writeHead(200).write(`${row}\r\n`);
      },
    ],
    [
      'a drop now and then',
      (_request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(`${row}\r\n`), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('%s, after the time-out', async (_title, answer) => {
    const { server, api } = await connected(150);
    server.answer = answer;
    const startedAt = performance.now();
    expect(await api.lookUp('leaked-41')).toEqual({
      is: 'unavailable',
      cause: 'The range API did not answer within 150 ms.',
    });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  test('nobody listens', async () => {
    const { server, api } = await connected();
    await server.stop();
    expect(await api.lookUp('x')).toMatchObject({ is: 'unavailable', cause: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('a service that fails', () => {
  test('is left alone after three failures, tried once after 30 seconds, and used again when it answers', async () => {
    const { server, api, clock, log } = await connected();
    const { answer } = server;
    server.answer = (_request, response) => response.writeHead(503).end();
    for (let nth = 0; nth < 10; nth += 1) expect((await api.lookUp('leaked-1')).is).toBe('unavailable');
    expect(server.seen).toHaveLength(3);
    clock.advance(seconds(30));
    const probes = await Promise.all(Array.from({ length: 8 }, () => api.lookUp('leaked-1')));
    expect(probes.every(({ is }) => is === 'unavailable')).toBe(true);
    expect(server.seen).toHaveLength(4);
    server.answer = answer;
    clock.advance(seconds(60));
    expect(await api.lookUp('leaked-1')).toEqual({ is: 'breached', count: 2 });
    expect(await api.lookUp('leaked-2')).toEqual({ is: 'breached', count: 3 });
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: The range API fails; it is left alone for a while.',
      'info: The range API answers again.',
    ]);
  });
});

describe('check', () => {
  test('asks for a password that is in every corpus', async () => {
    const { api, server } = await connected();
    expect(await api.check()).toEqual([{ is: 'ok', what: 'ask the range API at '.concat(new URL(server.url).host) }]);
    server.answer = (_request, response) => response.end(`${'A'.repeat(35)}:3`);
    expect(await api.check()).toMatchObject([{ is: 'failed', cause: expect.stringContaining('most common') }]);
    server.answer = (_request, response) => response.writeHead(500).end();
    expect(await api.check()).toMatchObject([
      { is: 'failed', cause: expect.stringContaining('500'), key: 'online.url' },
    ]);
  });
});
