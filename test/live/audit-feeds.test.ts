/** Feeds of the audit over real sockets: syslog over TLS as RFC 5425 frames it, outages of every kind, files, signed webhooks. */
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Feed, FeedRecord } from '../../src/audit/feeds/feed.ts';
import { type FeedSettings, openFeed } from '../../src/audit/feeds/open.ts';
import { createAudit } from '../../src/audit/index.ts';
import type { AuditEntry } from '../../src/audit/read.ts';
import { readKeysFile } from '../../src/config/keys-file.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { openStorage } from '../../src/storage/index.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { cli, startNode } from '../kit/node-process.ts';
import { freePort, type TempDir, tempDir } from '../kit/servers/process.ts';
import { type StandIn, startStandIn } from '../kit/servers/stand-in.ts';
import {
  type SyslogReceiver,
  type SyslogReceiverOptions,
  startSyslogReceiver,
} from '../kit/servers/syslog-receiver.ts';
import { createTestCa, type ServerCertificate, type TestCa } from '../kit/servers/test-ca.ts';

const SECRET = `whsec_${createHash('sha256').update('feed').digest('base64')}`;
const shared = { id: 'siem', events: [], from: 'beginning', timeout: 2_000 } as const;
const ports = { clock: systemClock, hostname: 'reset.example.org', version: '1.0.0' };

const records = (count: number, reason = 'a|b=c\\"]\r\n<14>1 fake ü😀'): FeedRecord[] =>
  Array.from({ length: count }, (_, n) => {
    const entry: AuditEntry = {
      seq: n + 1,
      at: '2026-11-24T08:30:00.123Z',
      event: 'recovery.verified',
      outcome: 'success',
      actor: 'anonymous',
      reason,
    };
    return { seq: n + 1, body: JSON.stringify(entry), previous: 'p', hash: `h${n}`, entry };
  });

let ca: TestCa;
let dir: TempDir;
let certificate: ServerCertificate;
const receivers: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  ca = await createTestCa();
  dir = await tempDir('audit-feeds');
  certificate = ca.issue(['DNS:localhost', 'IP:127.0.0.1']);
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
});
afterAll(async () => {
  await dir.remove();
  await ca.remove();
});

const receive = async (options: SyslogReceiverOptions = { certificate }): Promise<SyslogReceiver> => {
  const receiver = await startSyslogReceiver(options);
  receivers.push(receiver);
  return receiver;
};
const syslogTo = (receiver: SyslogReceiver, more: Partial<Extract<FeedSettings, { type: 'syslog' }>> = {}): Feed =>
  openFeed(
    { ...shared, type: 'syslog', host: '127.0.0.1', port: receiver.port, tls: true, caFile: ca.caFile, ...more },
    ports,
  );

describe('syslog over TLS', () => {
  it('arrives whole and in order, each message in a frame of its own', async () => {
    const receiver = await receive();
    const feed = syslogTo(receiver);
    expect(await feed.carry(records(500))).toEqual({ is: 'delivered' });
    expect(await feed.carry(records(1))).toEqual({ is: 'delivered' });
    expect(receiver.messages).toHaveLength(501);
    expect(receiver.messages.map((text) => /seq="(\d+)"/.exec(text)?.[1])).toEqual(
      [...Array.from({ length: 500 }, (_, n) => n + 1), 1].map(String),
    );
    expect(receiver.messages[0]).toMatch(/^<110>1 2026-11-24T08:30:00\.123Z reset\.example\.org sparekey - recovery/);
    expect(receiver.messages[0]).toContain('\uFEFFrecovery.verified');
    expect(receiver.connections()).toBe(2);
  });

  it('counts only when the receiver has closed in order: reset, silent and gone ones get it again', async () => {
    const receiver = await receive();
    const feed = syslogTo(receiver, { timeout: 1_000 });
    receiver.next('resets');
    expect(await feed.carry(records(5))).toMatchObject({ is: 'failed', key: 'host' });
    receiver.next('never-closes');
    expect(await feed.carry(records(5))).toMatchObject({ is: 'failed', key: 'timeout' });
    await receiver.disappear();
    expect(await feed.carry(records(5))).toMatchObject({ is: 'failed', cause: expect.stringContaining('refused') });
    receiver.next(undefined);
    await receiver.heal();
    expect(await feed.carry(records(5))).toEqual({ is: 'delivered' });
    expect(receiver.messages.slice(-5)).toHaveLength(5);
  });

  it('says what stands in the way before anything is sent', async () => {
    const receiver = await receive();
    expect(await syslogTo(receiver).check()).toEqual([
      { is: 'ok', what: `connect to 127.0.0.1, port ${receiver.port}` },
    ]);
    expect(receiver.messages).toEqual([]);
    expect(await syslogTo(receiver, { caFile: undefined }).check()).toMatchObject([{ is: 'failed', key: 'caFile' }]);
    const plain = await receive({ framing: 'lines' });
    expect(await syslogTo(plain).check()).toMatchObject([
      { is: 'failed', cause: expect.stringContaining('not answer with TLS') },
    ]);
    const old = await receive({ certificate: ca.issue(['IP:127.0.0.1'], { expired: true }) });
    expect(await syslogTo(old).check()).toMatchObject([{ is: 'failed', cause: expect.stringContaining('expired') }]);
    const other = await receive({ certificate: ca.issue(['DNS:elsewhere.example']) });
    expect(await syslogTo(other).check()).toMatchObject([
      { is: 'failed', cause: expect.stringContaining('another name') },
    ]);
    await receiver.disappear();
    expect(await syslogTo(receiver).check()).toMatchObject([{ is: 'failed', key: 'host' }]);
    expect(() => syslogTo(receiver, { caFile: '/nowhere' })).toThrow('caFile: /nowhere');
    expect(() => syslogTo(receiver, { host: '169.254.169.254' })).toThrow('no server may have');
  });

  it('shows a certificate of ours where one is asked for', async () => {
    const receiver = await receive({ certificate, clientCaFile: ca.caFile });
    expect(await syslogTo(receiver).check()).toMatchObject([{ is: 'failed', key: 'certFile' }]);
    expect(await syslogTo(receiver).carry(records(1))).toMatchObject({ is: 'failed' });
    const { certFile, keyFile } = ca.issue(['DNS:reset.example.org']);
    expect(await syslogTo(receiver, { certFile, keyFile }).carry(records(1))).toEqual({ is: 'delivered' });
    expect(receiver.messages).toHaveLength(1);
  });

  it('carries CEF as well', async () => {
    const receiver = await receive();
    const feed = openFeed(
      { ...shared, type: 'cef', host: 'localhost', port: receiver.port, tls: true, caFile: ca.caFile },
      ports,
    );
    expect(await feed.carry(records(2))).toEqual({ is: 'delivered' });
    expect(receiver.messages[1]).toMatch(/ recovery\.verified - CEF:0\|Sparekey\|Sparekey\|1\.0\.0\|/);
  });
});

describe('JSON lines', () => {
  it('arrive over TLS, and in clear on this machine only', async () => {
    for (const tls of [true, false]) {
      const receiver = await receive({ ...(tls ? { certificate } : {}), framing: 'lines' });
      const caFile = tls ? ca.caFile : undefined;
      const feed = openFeed({ ...shared, type: 'json', host: '127.0.0.1', port: receiver.port, tls, caFile }, ports);
      expect(await feed.carry(records(3))).toEqual({ is: 'delivered' });
      expect(receiver.messages.map((text) => JSON.parse(text).record.seq)).toEqual([1, 2, 3]);
    }
    const away = { ...shared, type: 'json', host: '192.0.2.1', port: 6_514, tls: false } as const;
    expect(() => openFeed(away, ports)).toThrow('http is only for a server on this machine');
  });

  it('are appended to a file that others rotate, and a torn line swallows none', async () => {
    const file = join(dir.path, 'audit.log');
    const feed = openFeed({ ...shared, type: 'json', port: 6_514, tls: true, file }, ports);
    expect(await feed.check()).toEqual([{ is: 'ok', what: `write to ${file}` }]);
    await feed.carry(records(2));
    appendFileSync(file, '{"torn":');
    await feed.carry(records(2));
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).toHaveLength(6);
    expect(JSON.parse(lines[3] ?? '').record.seq).toBe(1);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    renameSync(file, `${file}.1`);
    await feed.carry(records(1));
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('a file that can’t be written is told with what to do', async () => {
    mkdirSync(join(dir.path, 'folder'));
    const fileFeed = (file: string) => openFeed({ ...shared, type: 'cef', port: 6_514, tls: true, file }, ports);
    expect(await fileFeed(join(dir.path, 'folder')).carry(records(1))).toMatchObject({ is: 'failed', key: 'file' });
    expect(await fileFeed(join(dir.path, 'none', 'x')).check()).toMatchObject([
      { is: 'failed', fix: 'Make the folder.' },
    ]);
  });
});

describe('a webhook', () => {
  const bodies: { id: string; text: string }[] = [];
  let receiver: StandIn;
  const start = async () => {
    bodies.splice(0);
    const webhook = new Webhook(SECRET);
    receiver = await startStandIn(({ text, header }) => {
      const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
      try {
        webhook.verify(text, Object.fromEntries(names.map((name) => [name, header(name)])));
      } catch {
        return { status: 401 };
      }
      bodies.push({ id: header('webhook-id'), text });
      return { status: 204 };
    });
    receivers.push(receiver);
    const settings = { ...shared, type: 'webhook', url: `${receiver.url}/hook?token=hidden`, secret: SECRET } as const;
    return { settings, feed: openFeed(settings, ports) };
  };

  it('is signed, and the same records keep their id', async () => {
    const { feed } = await start();
    for (const _ of [1, 2]) expect(await feed.carry(records(3))).toEqual({ is: 'delivered' });
    await feed.carry(records(2));
    const [first, second, third] = bodies;
    expect(second?.id).toBe(first?.id);
    expect(third?.id).not.toBe(first?.id);
    expect(JSON.parse(first?.text ?? '')).toMatchObject({
      type: 'audit.records',
      data: { feed: 'siem', records: [{ seq: 1, hash: 'h0', event: 'recovery.verified' }, { seq: 2 }, { seq: 3 }] },
    });
    expect(feed.to).toBe(`${receiver.url}/hook`);
  });

  it('understands what the receiver says', async () => {
    const { feed, settings } = await start();
    const other = openFeed({ ...settings, secret: `whsec_${Buffer.alloc(32).toString('base64')}` }, ports);
    expect(await other.carry(records(1))).toMatchObject({ is: 'failed', key: 'secret' });
    receiver.answerNext('POST /hook', { status: 503 });
    expect(await feed.carry(records(1))).toMatchObject({ is: 'failed', cause: 'The receiver answered 503.' });
    receiver.answerNext('POST /hook', { status: 410 });
    expect(await feed.carry(records(1))).toMatchObject({ fix: expect.stringContaining('audit.feeds') });
    receiver.answerNext('POST /hook', 'hangs');
    const hasty = openFeed({ ...settings, timeout: 200 }, ports);
    expect(await hasty.carry(records(1))).toMatchObject({ is: 'failed', key: 'timeout' });
    await receiver.disappear();
    expect(await feed.check()).toMatchObject([{ is: 'failed', key: 'url' }]);
    expect(() => openFeed({ ...settings, secret: 'plain' }, ports)).toThrow('secret: write whsec_');
  });
});

describe('a node that is killed', () => {
  it('loses no record: what nobody confirmed comes again, in order, from the next one', async () => {
    const receiver = await receive();
    const feed = {
      id: 'siem',
      type: 'syslog',
      host: '127.0.0.1',
      port: receiver.port,
      caFile: ca.caFile,
      timeout: '1 s',
    };
    const file = join(dir.path, 'killed.sqlite');
    const config = writeConfig(dir.path, {
      publicUrl: 'http://localhost:8080',
      port: await freePort(),
      directory: { type: 'builtin' },
      // Nobody sends anything here.
      mail: smtpSection({ host: 'localhost', port: await freePort(), caFile: ca.caFile }),
      storage: { engine: 'sqlite', file },
      more: { audit: { feeds: [feed] } },
    });
    const port = Number(/port: (\d+)/.exec(readFileSync(config, 'utf8'))?.[1]);
    const first = await startNode(config, port, join(dir.path, 'first.log'));
    const keys = readKeysFile(join(dir.path, 'keys.json'));
    if (keys.is !== 'opened') throw new Error('No keys.');
    const storage = await openStorage({ engine: 'sqlite', file });
    const audit = createAudit({ keyring: createKeyring(keys.keys), clock: systemClock });
    const write = async (count: number) => {
      for (let n = 0; n < count; n += 1)
        await storage.transaction((trx) =>
          audit.append(trx, { event: 'session.opened', outcome: 'success', actor: 'system', reason: `${n}` }),
        );
    };
    const seqs = () => receiver.messages.map((text) => Number(/seq="(\d+)"/.exec(text)?.[1]));
    const head = async () => (await audit.verify(storage.db)).seq;
    const arrived = async (deadline: number) => {
      const upTo = await head();
      await expect.poll(() => Math.max(0, ...seqs()), { timeout: deadline }).toBeGreaterThanOrEqual(upTo);
    };
    await write(50);
    await arrived(15_000);
    // It takes everything and confirms nothing; the node dies waiting.
    receiver.next('never-closes');
    await write(50);
    await arrived(15_000);
    await first.kill();
    await receiver.disappear();
    const met = receiver.messages.length;
    await write(50);
    receiver.next(undefined);
    const second = await startNode(config, port, join(dir.path, 'second.log'));
    await receiver.heal();
    await arrived(60_000);
    await second.stop();
    expect(receiver.messages.length).toBeGreaterThan(met + 50);
    const again = seqs().slice(met);
    // From the first that was not confirmed on, one after the other, without a gap.
    expect(again).toEqual(Array.from({ length: again.length }, (_, n) => (again[0] ?? 0) + n));
    expect(again[0]).toBeLessThanOrEqual(met);
    expect(new Set(seqs()).size).toBe(Math.max(...seqs()));
    await storage.close();
  }, 120_000);
});

describe('on the command line', { timeout: 90_000 }, () => {
  const base = (feeds: object[]) => ({
    publicUrl: 'http://localhost:8080',
    directory: { type: 'builtin' },
    mail: { type: 'demo-inbox' },
    storage: { engine: 'sqlite', file: join(dir.path, 'cli.sqlite') },
    more: { audit: { feeds } },
  });

  it('check tries every feed and names the key; audit feeds tells how they are', async () => {
    const receiver = await receive();
    const good = { id: 'siem', type: 'syslog', host: '127.0.0.1', port: receiver.port, caFile: ca.caFile };
    const bad = { id: 'other', type: 'syslog', host: '127.0.0.1', port: receiver.port };
    const file = writeConfig(dir.path, base([good, bad]));
    const checked = JSON.parse((await cli(['check', '--json', '-c', file])).stdout);
    const found = checked.sections.filter(({ path }: { path: string }) => path.startsWith('audit.feeds'));
    expect(found).toMatchObject([
      { title: 'Feed of the audit siem (syslog)', findings: [{ is: 'ok' }] },
      { findings: [{ is: 'failed', key: 'audit.feeds[1].caFile' }] },
    ]);
    const { stdout, code } = await cli(['audit', 'feeds', '--json', '-c', file]);
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { id: 'siem', type: 'syslog', to: `127.0.0.1:${receiver.port}`, state: 'new', deliveredAt: null, cause: null },
      { id: 'other', state: 'new' },
    ]);
  });

  it('prune deletes nothing that is young, and says so', async () => {
    const file = writeConfig(dir.path, base([]));
    expect((await cli(['audit', 'prune', '--json', '-c', file])).stdout).toBe('{"deleted":0}\n');
    expect((await cli(['audit', 'feeds', '-c', file])).stdout).toContain('There are no feeds');
  });

  it('a configuration that leads nowhere is refused with the key', async () => {
    const away = { id: 'a', type: 'cef', host: 'siem.example.org', tls: false, file: '/x', certFile: '/y' };
    const file = writeConfig(dir.path, base([{ id: 'a', type: 'json' }, away]));
    const { stderr, code } = await cli(['audit', 'feeds', '-c', file]);
    expect(code).toBe(1);
    for (const said of [
      'audit.feeds[0]: goes nowhere',
      'audit.feeds[1].id',
      'audit.feeds[1].file',
      'audit.feeds[1].tls',
      'audit.feeds[1].certFile',
    ])
      expect(stderr).toContain(said);
  });
});
