/**
 * A phone: a second baresip that rings, answers, presses keys and records what it hears. Every one that is started must be
 * stopped. A missing program fails the test with the name of its Debian package.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type BaresipEvent, openControl } from '../../../src/notify/voice/control.ts';
import { silence, wav } from '../../../src/notify/voice/speech.ts';
import { freePort, startDaemon, tempDir, until } from './process.ts';

export interface SipPhone {
  /** Where to call: `server` of the configuration. */
  server: string;
  press(digit: string): Promise<void>;
  hangUp(): Promise<void>;
  accept(): Promise<void>;
  /** Saw an event of this type. */
  saw(type: string): boolean;
  /** Samples that it heard so far; whole after the call. */
  heard(): Int16Array;
  stop(): Promise<void>;
}

export interface PhoneSettings {
  /** Digits with +, as it is called. */
  number: string;
  answers: 'at-once' | 'by-hand';
  dtmf?: 'rtpevent' | 'info';
}

const TAKEN = 'Address already in use';

/** TLS takes the next port, so both must be free. */
async function portPair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const next = await new Promise<boolean>((resolve) => {
      const probe = createServer().once('error', () => resolve(false));
      probe.listen(port + 1, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (next) return port;
  }
}

function samplesOf(file: string): Int16Array {
  const bytes = readFileSync(file);
  const start = bytes.indexOf('data') + 8;
  const sound = bytes.subarray(start, bytes.length - ((bytes.length - start) % 2));
  return new Int16Array(sound.buffer.slice(sound.byteOffset, sound.byteOffset + sound.length));
}

async function tryPhone({ number, answers, dtmf = 'rtpevent' }: PhoneSettings): Promise<SipPhone> {
  const dir = await tempDir('phone');
  const [sip, control] = [await portPair(), await freePort()];
  // Keys travel between the packets of a running sound, so it must be sending some.
  writeFileSync(join(dir.path, 'quiet.wav'), wav(silence(120_000)));
  const config = `sip_listen 127.0.0.1:${sip}
net_interface 127.0.0.1
rtp_ports 40000-50000
audio_source aufile,${dir.path}/quiet.wav
audio_player aubridge,nil
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
snd_path ${dir.path}
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${control}
`;
  writeFileSync(join(dir.path, 'config'), config);
  const mode = `answermode=${answers === 'at-once' ? 'auto' : 'manual'};dtmfmode=${dtmf}`;
  writeFileSync(join(dir.path, 'accounts'), `<sip:${number}@127.0.0.1:${sip}>;regint=0;${mode}\n`);
  writeFileSync(join(dir.path, 'contacts'), '');
  const log = join(dir.path, 'log');
  const output = (): string => readFileSync(log, 'utf8');
  const daemon = await startDaemon({
    command: 'baresip',
    args: ['-f', dir.path],
    debianPackage: 'baresip-core',
    log,
    env: { HOME: dir.path },
    ready: async () => output().includes('baresip is ready'),
  }).catch(async (error: unknown) => {
    await dir.remove();
    throw error;
  });
  if (output().includes('failed to listen')) {
    await daemon.kill();
    await dir.remove();
    throw new Error(TAKEN);
  }
  const seen: BaresipEvent[] = [];
  const remote = await openControl(
    control,
    (event) => seen.push(event),
    () => {},
  );
  const order = async (command: string, params = ''): Promise<void> => {
    const { ok, data } = await remote.command(command, params);
    if (!ok) throw new Error(`The phone refused ${command}: ${data}`);
  };
  return {
    server: `127.0.0.1:${sip}`,
    press: (digit) => order('sndcode', digit),
    hangUp: () => order('hangup'),
    accept: () => order('accept'),
    saw: (type) => seen.some((event) => event.type === type),
    heard() {
      const name = readdirSync(dir.path).find((file) => file.endsWith('-dec.wav'));
      return name === undefined ? new Int16Array() : samplesOf(join(dir.path, name));
    },
    async stop() {
      await remote.command('quit');
      await until(() => !daemon.running(), 'the phone to end', 1_000).catch(() => {});
      remote.close();
      await daemon.kill();
      await dir.remove();
    },
  };
}

/** Somebody else may take a port between the question and its use; then there are others. */
export async function startSipPhone(settings: PhoneSettings): Promise<SipPhone> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await tryPhone(settings);
    } catch (error) {
      if (tries === 5 || !String(error).includes(TAKEN)) throw error;
    }
  }
}
