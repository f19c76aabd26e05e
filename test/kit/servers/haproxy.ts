/**
 * A real HAProxy with the very files of deploy/haproxy: only addresses, certificate and user come from the test, through the
 * environment variables that an operator would use.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { type Daemon, freePort, startDaemon, tempDir } from './process.ts';
import type { TestCa } from './test-ca.ts';

const DEPLOY = resolve(import.meta.dirname, '../../../deploy/haproxy');

export interface Haproxy {
  daemon: Daemon;
  /** What people open: `https://localhost:…`. */
  origin: string;
  /** Redirects to `origin`. */
  plain: string;
  stop(): Promise<void>;
}

/** `port`: for HTTPS. `nodes`: ports of three nodes on this machine; they need not run yet. */
export async function startHaproxy(ca: TestCa, port: number, nodes: readonly number[]): Promise<Haproxy> {
  const dir = await tempDir('haproxy');
  const { certFile, keyFile } = ca.issue(['DNS:localhost', 'IP:127.0.0.1']);
  const certificate = join(dir.path, 'sparekey.pem');
  writeFileSync(certificate, readFileSync(certFile, 'utf8') + readFileSync(keyFile, 'utf8'), { mode: 0o600 });
  const plainPort = await freePort();
  const env = {
    SPAREKEY_PROXY_USER: userInfo().username,
    SPAREKEY_PROXY_GROUP: execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim(),
    SPAREKEY_CERTIFICATE: certificate,
    SPAREKEY_HTTPS: `127.0.0.1:${port}`,
    SPAREKEY_HTTP: `127.0.0.1:${plainPort}`,
    SPAREKEY_INSIDE: `abns@sparekey-test-${port}`,
    SPAREKEY_ONE_MOMENT: join(DEPLOY, 'one-moment.html'),
    ...Object.fromEntries(nodes.map((node, index) => [`SPAREKEY_NODE_${index + 1}`, `127.0.0.1:${node}`])),
  };
  const plain = `http://127.0.0.1:${plainPort}`;
  const daemon = await startDaemon({
    command: 'haproxy',
    args: ['-db', '-f', join(DEPLOY, 'haproxy.cfg')],
    debianPackage: 'haproxy',
    log: join(dir.path, 'log'),
    env,
    ready: () =>
      fetch(plain, { redirect: 'manual' }).then(
        ({ status }) => status === 301,
        () => false,
      ),
  });
  return {
    daemon,
    origin: `https://localhost:${port}`,
    plain,
    async stop() {
      await daemon.stop();
      await dir.remove();
    },
  };
}
