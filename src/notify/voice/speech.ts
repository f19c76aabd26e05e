/**
 * Turns words into 8 kHz sound with espeak-ng and sox. Digits are spoken one by one beforehand and put together here, so no
 * other program is ever told a code.
 */
import { spawn } from 'node:child_process';
import { phrasesFor } from '../texts/phrases.ts';

export const SAMPLE_RATE = 8_000;
const BYTES_PER_MS = (SAMPLE_RATE * 2) / 1_000;
const LONGEST_SYNTHESIS = 20_000;
const KEPT = 300;
const DIGIT_PACE = 110;

export const silence = (ms: number): Buffer => Buffer.alloc(Math.round(ms * BYTES_PER_MS) & ~1);
export const lengthOf = (sound: Buffer): number => sound.length / BYTES_PER_MS;

/** RIFF header for mono 16-bit sound (the form that every player knows). */
export function wav(sound: Buffer): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + sound.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(sound.length, 40);
  return Buffer.concat([header, sound]);
}

/** Runs a program that reads stdin and writes stdout. @throws Error with `program` when it can't be run or fails. */
function filter(program: string, args: string[], input: Buffer | string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: string): void => reject(Object.assign(new Error(`${program} ${cause}.`), { program }));
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], timeout: LONGEST_SYNTHESIS });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) => fail(`could not be started (${error.code})`));
    child.on('close', (status) =>
      status === 0 ? resolve(Buffer.concat(chunks)) : fail(`ended with status ${status}`),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

async function synthesise(text: string, voice: string, pace: number): Promise<Buffer> {
  const spoken = await filter('espeak-ng', ['-v', voice, '-s', String(pace), '--stdin', '--stdout'], text);
  const raw = ['-t', 'raw', '-r', String(SAMPLE_RATE), '-c', '1', '-b', '16', '-e', 'signed-integer', '-'];
  const sound = await filter('sox', ['-V1', '-t', 'wav', '--ignore-length', '-', ...raw, 'gain', '-n', '-3'], spoken);
  if (sound.length === 0) throw Object.assign(new Error('espeak-ng said nothing.'), { program: 'espeak-ng' });
  return sound;
}

export interface Reading {
  sound: Buffer;
  /** ms until all digits were heard once. */
  firstEndsAt: number;
}

export interface Speech {
  greeting(language: string, organisation: string): Promise<Buffer>;
  /** The digits slowly, twice. */
  code(language: string, digits: string): Promise<Reading>;
}

/** Keeps what was spoken before: greetings and single digits, never a code. */
export function createSpeech(): Speech {
  const kept = new Map<string, Promise<Buffer>>();
  const say = (text: string, voice: string, pace: number): Promise<Buffer> => {
    const key = `${voice} ${pace} ${text}`;
    const known = kept.get(key);
    if (known) return known;
    const made = synthesise(text, voice, pace);
    kept.set(key, made);
    made.catch(() => kept.delete(key));
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return made;
  };

  return {
    greeting(language, organisation) {
      const { greeting, voice, pace } = phrasesFor(language);
      return say(greeting(organisation), voice, pace);
    },
    async code(language, digits) {
      const { voice, pace, code, again, goodbye } = phrasesFor(language);
      // All ten: which digits a code has must not show in the programs that run for it.
      const sounds = await Promise.all(Array.from('0123456789', (digit) => say(digit, voice, DIGIT_PACE)));
      const [before, between, after] = await Promise.all([code, again, goodbye].map((text) => say(text, voice, pace)));
      const read = Buffer.concat(
        Array.from(digits, (digit) => [sounds[Number(digit)] ?? silence(0), silence(450)]).flat(),
      );
      const first = Buffer.concat([silence(400), before ?? silence(0), silence(500), read]);
      const second = Buffer.concat([
        silence(600),
        between ?? silence(0),
        silence(500),
        read,
        after ?? silence(0),
        silence(800),
      ]);
      return { sound: Buffer.concat([first, second]), firstEndsAt: lengthOf(first) };
    },
  };
}
