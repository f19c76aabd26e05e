/**
 * One baresip process for one call: private folder, ports of the kernel's choice, ended by its own pid, and gone with ours
 * even when we are killed. The folder and all sound in it are removed with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BaresipEvent, type Control, openControl } from './control.ts';
import type { SipConfig } from './sip-settings.ts';
import { SAMPLE_RATE, silence, wav } from './speech.ts';

export const MODULES = '/usr/lib/baresip/modules';
const FOLDER = 'sparekey-call-';
const START_WITHIN = 10_000;
const QUIT_WITHIN = 1_000;
const TRIES = 3;

export interface Baresip {
  control: Control;
  pid: number;
  /** Plays a sound from its beginning in the running call. The file is gone when this is done. */
  play(sound: Buffer): Promise<boolean>;
  /** Begins to register; an event tells how it went. Asked for and not configured, so that the event can't be missed. */
  register(): Promise<boolean>;
  /** Says goodbye to the other side, ends the process and removes the folder. */
  stop(): Promise<void>;
}

export interface BaresipListener {
  onEvent(event: BaresipEvent): void;
  /** The process ended or can't be reached any more. */
  onLost(): void;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const configLines = (config: SipConfig, folder: string, controlPort: number): string[] => [
  `sip_listen ${config.listenAddress?.includes(':') ? `[${config.listenAddress}]` : (config.listenAddress ?? '0.0.0.0')}:0`,
  ...(config.listenAddress === undefined ? [] : [`net_interface ${config.listenAddress}`]),
  `call_local_timeout ${Math.ceil(config.ringTimeout / 1_000) + 10}`,
  `rtp_ports ${config.rtpPorts}`,
  `audio_source aufile,${join(folder, 'silence.wav')}`,
  'audio_player aubridge,nil',
  `ausrc_srate ${SAMPLE_RATE}`,
  `auplay_srate ${SAMPLE_RATE}`,
  'ausrc_channels 1',
  'auplay_channels 1',
  `module_path ${MODULES}`,
  'module g711.so',
  'module aufile.so',
  'module aubridge.so',
  'module_tmp account.so',
  'module_app menu.so',
  'module_app ctrl_tcp.so',
  `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
];

function accountLine({ user, server, transport, authUser, password }: SipConfig, register: boolean): string {
  const sign = password === undefined ? [] : [`auth_user=${authUser ?? user}`, `auth_pass=${password}`];
  const options = [...sign, `regint=${register ? 60 : 0}`, 'audio_codecs=PCMA/8000/1,PCMU/8000/1'];
  return `<sip:${user}@${server};transport=${transport}>;${options.join(';')}`;
}

/** Silence until the other side answers; the call would end with it. */
const waitingSound = (config: SipConfig): Buffer => wav(silence(config.connectTimeout + config.ringTimeout + 10_000));

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const endOf = (child: ChildProcess, within: number): Promise<boolean> =>
  new Promise((resolve) => {
    if (ended(child)) return resolve(true);
    const timer = setTimeout(() => resolve(false), within);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });

/** Resolves when it says so. Somebody else on our port must not be told a number. */
function ready(child: ChildProcess): Promise<'ready' | 'port-taken'> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (cause: string): void => reject(Object.assign(new Error(`baresip ${cause}.`), { program: 'baresip' }));
    const timer = setTimeout(() => fail('did not become ready'), START_WITHIN);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      if (!/baresip is ready/.test(said)) return;
      clearTimeout(timer);
      child.stdout?.removeAllListeners('data').resume();
      child.stderr?.removeAllListeners('data').resume();
      resolve(/ctrl_tcp: failed to listen/.test(said) ? 'port-taken' : 'ready');
      said = '';
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', (error: NodeJS.ErrnoException) => fail(`could not be started (${error.code})`));
    child.once('exit', (status) => fail(`ended at once with status ${status}`));
  });
}

async function startIn(folder: string, config: SipConfig, listener: BaresipListener): Promise<Baresip | undefined> {
  const port = await freePort();
  const write = (name: string, content: string | Buffer): Promise<void> =>
    writeFile(join(folder, name), content, { mode: 0o600 });
  await write('config', `${configLines(config, folder, port).join('\n')}\n`);
  await write('accounts', `${accountLine(config, false)}\n`);
  await write('contacts', '');
  await write('silence.wav', waitingSound(config));
  // setpriv (util-linux): the kernel ends baresip when this process dies, however it dies.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'baresip', '-f', folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: folder },
  });
  let sounds = 0;
  const stopChild = async (): Promise<void> => {
    child.kill('SIGKILL');
    await endOf(child, QUIT_WITHIN);
  };
  try {
    const state = await ready(child);
    if (state === 'port-taken') {
      await stopChild();
      return undefined;
    }
    const control = await openControl(port, listener.onEvent, listener.onLost);
    // It is read once, at the start.
    await write('accounts', '');
    return {
      control,
      pid: child.pid ?? 0,
      async play(sound) {
        sounds += 1;
        const name = `sound-${sounds}.wav`;
        await write(name, wav(sound));
        // aufile holds the whole file in memory before it answers.
        const { ok } = await control.command('ausrc', `aufile,${join(folder, name)}`);
        await rm(join(folder, name), { force: true });
        return ok;
      },
      register: async () => (await control.command('uanew', accountLine(config, true))).ok,
      async stop() {
        await control.command('hangup');
        await control.command('quit');
        // It stays for as long as the other side owes it an answer; the goodbye itself is out by now.
        if (!(await endOf(child, QUIT_WITHIN))) await stopChild();
        control.close();
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      },
    };
  } catch (error) {
    await stopChild();
    throw error;
  }
}

/** @throws Error with `program` when it can't be started. */
export async function startBaresip(config: SipConfig, listener: BaresipListener): Promise<Baresip> {
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER}${process.pid}-`));
  try {
    for (let tried = 0; tried < TRIES; tried += 1) {
      const started = await startIn(folder, config, listener);
      if (started) return started;
    }
    throw Object.assign(new Error('baresip found no free port.'), { program: 'baresip' });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Removes what a process of ours left behind that was killed in the middle of a call. */
export async function sweepFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${FOLDER}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    // Somebody else's folder of the same name is left to them.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}
