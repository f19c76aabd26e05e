/**
 * A real Kannel 1.4 (bearerbox and smsbox): an HTTP gateway in front, an SMPP client behind. A missing program fails the test
 * with the name of its Debian package.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, freePort, startDaemon, tempDir, until } from './process.ts';

export interface Kannel {
  url: string;
  username: string;
  password: string;
  stop(): Promise<void>;
}

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).status > 0;
  } catch {
    return false;
  }
};

/** `smsc`: where its SMPP client binds. */
export async function startKannel(smsc: { port: number; systemId: string; password: string }): Promise<Kannel> {
  const dir = await tempDir('kannel');
  const [admin, box, send] = [await freePort(), await freePort(), await freePort()];
  const login = { username: 'sparekey', password: 'Kannel-Pass-7' };
  const groups = [
    {
      group: 'core',
      'admin-port': admin,
      'admin-port-ssl': 'false',
      'admin-password': 'admin',
      'admin-interface': '127.0.0.1',
      'smsbox-port': box,
      'smsbox-interface': '127.0.0.1',
      'store-type': 'file',
      'store-location': join(dir.path, 'store'),
      'log-file': join(dir.path, 'bearerbox-core.log'),
      'log-level': 2,
    },
    {
      group: 'smsc',
      smsc: 'smpp',
      'smsc-id': 'test',
      host: '127.0.0.1',
      port: smsc.port,
      'transceiver-mode': 'true',
      'smsc-username': smsc.systemId,
      'smsc-password': smsc.password,
      'system-type': '""',
      'reconnect-delay': 1,
    },
    {
      group: 'smsbox',
      'bearerbox-host': '127.0.0.1',
      'sendsms-port': send,
      'sendsms-interface': '127.0.0.1',
      'log-level': 2,
    },
    { group: 'sendsms-user', ...login, concatenation: 'true', 'max-messages': 10, 'omit-empty': 'true' },
    { group: 'sms-service', keyword: 'default', text: '"none"' },
  ];
  const file = join(dir.path, 'kannel.conf');
  const lines = groups.map((group) =>
    Object.entries(group)
      .map(([key, value]) => `${key} = ${value}`)
      .join('\n'),
  );
  writeFileSync(file, `${lines.join('\n\n')}\n`, { mode: 0o600 });
  const daemons: Daemon[] = [];
  const stop = async (): Promise<void> => {
    for (const daemon of daemons.toReversed()) await daemon.kill();
    await dir.remove();
  };
  const begin = async (command: string, url: string): Promise<void> => {
    const log = join(dir.path, `${command}.log`);
    daemons.push(await startDaemon({ command, args: [file], debianPackage: 'kannel', log, ready: () => answers(url) }));
  };
  try {
    const status = `http://127.0.0.1:${admin}/status.txt`;
    await begin('bearerbox', status);
    await begin('smsbox', `http://127.0.0.1:${send}/`);
    const online = async (): Promise<boolean> =>
      /test.*online/s.test(await (await fetch(`${status}?password=admin`)).text());
    await until(online, 'Kannel to bind to the message centre', 15_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${send}/cgi-bin/sendsms`, ...login, stop };
}
