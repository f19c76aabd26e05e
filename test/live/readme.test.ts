/** What the README promises of `npm start`: the built demo starts, says what to try, stays on this machine, and ends cleanly. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_PEOPLE } from '../../src/demo/people.ts';
import { cli, MAIN } from '../kit/node-process.ts';
import { type Daemon, freePort, startDaemon, type TempDir, tempDir, until } from '../kit/servers/process.ts';
import { WebClient } from '../kit/web-client.ts';

describe('the demo of npm start', { timeout: 90_000 }, () => {
  let dir: TempDir;
  let port: number;
  let demo: Daemon | undefined;
  let starts = 0;
  beforeAll(async () => {
    dir = await tempDir('demo');
    port = await freePort();
  });
  afterEach(async () => {
    await demo?.stop();
    demo = undefined;
  });
  afterAll(() => dir?.remove());

  const start = async (): Promise<Daemon> => {
    starts += 1;
    const log = join(dir.path, `out-${starts}`);
    demo = await startDaemon({
      command: process.execPath,
      args: [MAIN, 'start', '--port', String(port), '--data', join(dir.path, 'data')],
      debianPackage: 'nodejs',
      log,
      ready: async () => /Ctrl-C/.test(readFileSync(log, 'utf8')),
      deadline: 60_000,
    });
    return demo;
  };
  /** Says `Host: localhost`, as whoever follows the welcome does. */
  const page = async (path: string) => {
    const response = await fetch(`http://localhost:${port}${path}`, { redirect: 'manual' });
    return { status: response.status, html: await response.text() };
  };
  const answers = (host: string) =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host, port, timeout: 2_000 });
      const end = (is: boolean) => {
        socket.destroy();
        resolve(is);
      };
      socket
        .on('connect', () => end(true))
        .on('error', () => end(false))
        .on('timeout', () => end(false));
    });

  it('says what to try, shows that it is a demo on every page, and answers on this machine only', async () => {
    const { output } = await start();
    const welcome = output();
    expect(welcome).toMatch(new RegExp(`^Sparekey demo: http://localhost:${port} \\(ready in \\d+\\.\\d s`));
    expect(welcome.trim().split('\n')).toHaveLength(6);
    for (const path of [...welcome.matchAll(/http:\/\/localhost:\d+(\/[\w/-]*)?/g)].map(([, path = '/']) => path))
      expect((await page(path)).status, path).toBe(200);

    for (const path of ['/', '/sign-in', '/change', '/demo', '/demo/inbox', '/nowhere', '/recover?stale=1']) {
      const { html } = await page(path);
      expect(html, path).toContain('<aside class="demo"');
    }
    const { html } = await page('/demo');
    for (const { username } of DEMO_PEOPLE) expect(html).toContain(username);

    expect(await answers('127.0.0.1')).toBe(true);
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outside) expect(await answers(address), address).toBe(false);
    const listening = spawnSync('/bin/sh', ['-c', 'cat /proc/net/tcp /proc/net/tcp6'], { encoding: 'utf8' }).stdout;
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const addresses = [...listening.matchAll(new RegExp(`^\\s*\\d+: ([0-9A-F]+):${hex} \\S+ 0A`, 'gm'))].map(
      ([, at]) => at,
    );
    expect(addresses, 'loopback only').toEqual(['0100007F']);
  });

  it('lets amina back in, with what the pages of the demo show', async () => {
    await start();
    // Whoever comes by number is shown the way to the name.
    const response = await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' });
    expect(response.headers.get('location')).toBe(`http://localhost:${port}/`);
    const web = new WebClient({ base: `http://localhost:${port}`, origin: `http://localhost:${port}` });
    await web.get('/');
    await web.submit('/recover', { identifier: 'amina' });
    await web.submit('/recover/method', { method: 'email' });
    let code = '';
    await until(async () => {
      const inbox = await page('/demo/inbox');
      const mail = /href="(\/demo\/inbox\/[\w-]+)"/.exec(inbox.html)?.[1];
      const found = mail && /\b(\d{4}) ?(\d{4})\b/.exec((await page(mail)).html.replace(/<[^>]+>/g, ' '));
      code = found ? `${found[1]}${found[2]}` : '';
      return code !== '';
    }, 'the mail in the inbox');
    await web.submit('/recover/answer', { code });
    await web.submit('/recover/method', { method: 'totp' });
    const shown = /amina[\s\S]*?\b(\d{3}) ?(\d{3})\b/.exec((await page('/demo')).html.replace(/<[^>]+>/g, ' '));
    await web.submit('/recover/answer', { code: `${shown?.[1]}${shown?.[2]}` });
    await web.submit('/recover/password', {
      password: 'a lantern over the harbour',
      again: 'a lantern over the harbour',
    });
    expect(web.title).toBe('You’re back in, Amina.');
  });

  it('starts again quickly with the same people, says how long it took, and ends with code 0 on SIGTERM', async () => {
    await (await start()).stop();
    const again = await start();
    const seconds = Number(/ready in (\d+\.\d) s/.exec(again.output())?.[1]);
    process.stdout.write(`demo: second start ready in ${seconds} s\n`);
    expect(seconds).toBeLessThan(20);
    const keys = statSync(join(dir.path, 'data', 'keys.json'));
    expect(keys.mode & 0o777).toBe(0o600);
    process.kill(again.pid, 'SIGTERM');
    await until(() => !again.running(), 'the demo to end');
    expect(again.exitCode()).toBe(0);
    expect(await answers('127.0.0.1')).toBe(false);
  });

  it('says in one sentence that the port is taken, or no port', async () => {
    await start();
    const data = join(dir.path, 'second');
    const taken = await cli(['start', '--port', String(port), '--data', data]);
    expect([taken.code, taken.stderr]).toEqual([
      1,
      expect.stringMatching(/^Port \d+ on 127\.0\.0\.1 is in use[^\n]*\n$/),
    ]);
    const wrong = await cli(['start', '--port', 'eighty', '--data', data]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/port/i);
    expect(wrong.stderr).not.toMatch(/^\s+at |NaN|SPAREKEY_/m);
  });
});
