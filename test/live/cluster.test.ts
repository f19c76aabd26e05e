/**
 * What `deploy/` describes, started for real: three nodes on one PostgreSQL behind HAProxy, with a directory and a mail
 * server. While people recover their passwords, every part of it fails in turn. `TEST_SEED` repeats a run.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { createMailbox } from '../kit/mailbox.ts';
import { isReady, type NodeProcess, startUnit } from '../kit/node-process.ts';
import { createDice } from '../kit/random-seed.ts';
import { type Haproxy, startHaproxy } from '../kit/servers/haproxy.ts';
import { type PostgresServer, startPostgres } from '../kit/servers/postgres.ts';
import { freePort, type TempDir, tempDir, until } from '../kit/servers/process.ts';
import { type Proxy as Cable, startProxy } from '../kit/servers/proxy.ts';
import { personLdif, type Slapd, startSlapd } from '../kit/servers/slapd.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { recoverAll, type Seen } from './cluster-people.ts';
import { expectExactlyOnce } from './cluster-truth.ts';
import { settleDown } from './crash-people.ts';
import { expectTruth } from './crash-truth.ts';

const FIRST = 'First Heron 7 quietly';
const PEOPLE = 18;
const LANES = 5;
/** Whole journeys. */
const ENOUGH = 40;
/** ms; how long directory and mail server are away. */
const AWAY = 10_000;
const SETTINGS = resolve(import.meta.dirname, '../../deploy/postgresql/sparekey.conf');

describe('three nodes behind HAProxy', { timeout: 300_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let smtp: TestSmtpServer;
  let postgres: PostgresServer;
  let slapd: Slapd;
  let cable: Cable;
  let haproxy: Haproxy;
  let file: string;
  let ports: number[];
  let nodes: (NodeProcess | undefined)[];
  const names = Array.from({ length: PEOPLE }, (_, index) => `crew${index}`);

  const start = async (index: number): Promise<void> => {
    nodes[index] = await startUnit(file, ports[index] ?? 0, join(dir.path, `node-${index + 1}.log`));
  };

  beforeEach(async () => {
    dir = await tempDir('cluster');
    ca = await createTestCa();
    smtp = await startSmtpServer(ca);
    postgres = await startPostgres(readFileSync(SETTINGS, 'utf8'));
    slapd = await startSlapd({ ca, ldif: names.map((uid) => personLdif({ uid, password: FIRST })).join('') });
    cable = await startProxy('127.0.0.1', slapd.securePort);
    nodes = [];
    ports = [await freePort(), await freePort(), await freePort()];
    haproxy = await startHaproxy(ca, await freePort(), ports);
    file = writeConfig(dir.path, {
      publicUrl: haproxy.origin,
      directory: { type: 'openldap', ...slapd.config(), url: `ldaps://127.0.0.1:${cable.port}` },
      mail: smtpSection(smtp),
      storage: { ...(await postgres.createDatabase()) },
      more: { listen: { trustedProxies: ['127.0.0.1'] } },
    });
  }, 60_000);
  afterEach(async () => {
    for (const node of nodes) await node?.kill();
    await haproxy.stop();
    await cable.close();
    await slapd.stop();
    await postgres.stop();
    await smtp.close();
    await ca.remove();
    await dir.remove();
  });

  it('lose nothing, do nothing twice and let nobody begin again, whatever fails', async () => {
    const dice = createDice();
    const mailbox = createMailbox(smtp);
    const people = await settleDown(file, join(dir.path, 'keys.json'), names, FIRST, false);
    const seen: Seen = { node: 0, proxy: 0, applying: 0 };
    let made = 0;
    const road = {
      origin: haproxy.origin,
      caFile: ca.caFile,
      mailbox,
      newPassword() {
        made += 1;
        return `Brass kettle ${dice.seed} number ${made}`;
      },
      signsIn: (username: string, password: string) => slapd.bindAs(slapd.personDn(username), password),
    };
    let over = false;
    let failed: unknown;
    const told = () => people.reduce((sum, person) => sum + person.told, 0);
    /** The next fault comes at a random instant after somebody came through. */
    const someCameThrough = async () => {
      const enough = told() + dice.between(2, 5);
      await until(() => failed !== undefined || told() >= enough, 'some to come through', 60_000);
      const instant = Date.now() + dice.between(0, 700);
      await until(() => failed !== undefined || Date.now() >= instant, 'the instant');
      if (failed !== undefined) throw failed;
    };
    const began = Date.now();
    const report = (what: string) =>
      process.stdout.write(
        `cluster: ${Math.round((Date.now() - began) / 1_000)} s, ${told()} done, ${JSON.stringify(seen)}; ${what}\n`,
      );
    try {
      await Promise.all(ports.map((_, index) => start(index)));
      const travelling = recoverAll(people, LANES, road, seen, () => over || failed !== undefined);
      travelling.catch((error: unknown) => {
        failed = error;
      });
      await someCameThrough();

      const first = dice.between(0, 2);
      report(`node ${first + 1} is killed`);
      await nodes[first]?.kill();
      await someCameThrough();
      await start(first);

      const second = (first + 1) % 3;
      report(`node ${second + 1} is stopped gently`);
      await stopsGently(nodes[second]);
      await someCameThrough();
      await start(second);

      for (const how of ['fast', 'immediate'] as const) {
        report(`PostgreSQL restarts, ${how}`);
        await postgres.restart(how);
        await someCameThrough();
      }

      report('the directory is cut off');
      cable.cut('silent');
      await wait(AWAY / 2);
      cable.cut('refused');
      await wait(AWAY / 2);
      cable.heal();
      await someCameThrough();

      report('the mail server refuses');
      smtp.fault({ at: 'mail', code: 451, text: '4.3.0 Try again later' });
      await wait(AWAY);
      smtp.fault(undefined);
      await someCameThrough();

      await until(() => failed !== undefined || told() >= ENOUGH, 'enough to come through', 60_000);
      over = true;
      report('nothing fails any more');
      const journeys = await travelling;
      report(`${journeys} journeys, seed ${dice.seed}`);
      expect(journeys).toBeGreaterThanOrEqual(ENOUGH);
      expect(told()).toBe(journeys);
      expect(seen.node + seen.proxy, 'the faults were felt at all').toBeGreaterThan(0);
      for (const node of nodes) expect(node?.output()).not.toMatch(/TypeError|ReferenceError|unhandled/i);
      await Promise.all(nodes.map((node) => node?.stop()));
      const port = ports[0] ?? 0;
      await expectTruth({
        file,
        port,
        people,
        mailbox,
        origin: haproxy.origin,
        signsIn: (_, username, password) => road.signsIn(username, password),
      });
      await expectExactlyOnce({ file, people, mailbox, journeys });
    } catch (error) {
      failed ??= error;
      const logs = nodes.map((node) =>
        node
          ?.output()
          .split('\n')
          .filter((line) => /"level":[56]0/.test(line))
          .slice(-4)
          .join('\n'),
      );
      const proxy = haproxy.daemon.output().split('\n').slice(-30).join('\n');
      throw new Error(`Repeat with TEST_SEED=${dice.seed}.\n${logs.join('\n--\n')}\n--\n${proxy}`, { cause: error });
    }
  });

  /** Not ready first, and still serving; then everything that was begun is finished, and it ends by itself. */
  async function stopsGently(node: NodeProcess | undefined): Promise<void> {
    if (!node) throw new Error('No such node.');
    const said = haproxy.daemon.output().length;
    const noticed = () => /is DOWN, reason: Layer7 wrong status, code: 503/.test(haproxy.daemon.output().slice(said));
    process.kill(-node.pid, 'SIGTERM');
    await until(async () => !(await isReady(node.url)), 'the node to say that it is not ready', 2_000);
    expect((await fetch(node.url)).status, 'it serves on').toBe(200);
    await until(noticed, 'HAProxy to know while the node still listens', 4_000);
    await until(() => !node.running(), 'the node to end by itself', 40_000);
    expect(node.exitCode()).toBe(0);
  }
});
