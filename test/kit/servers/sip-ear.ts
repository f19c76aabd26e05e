/**
 * Understands what a phone heard by correlation with what espeak-ng says for each digit. It shares no code with the speech of
 * the product: a code that was not spoken, or spoken in another language, is not found.
 */
import { spawnSync } from 'node:child_process';
import { requireProgram } from './process.ts';

const RATE = 8_000;
const QUIET = 200;
/** Digits are further apart than this, and have no such gap inside. */
const GAP = 0.25 * RATE;
const WIGGLE = 120;
const SURE = 0.8;
/** Every fourth sample tells enough, and leaves time for the calls that run beside. */
const STRIDE = 4;

export function spoken(text: string, voice: string, pace: number): Int16Array {
  requireProgram('espeak-ng', 'espeak-ng');
  requireProgram('sox', 'sox');
  const said = spawnSync('espeak-ng', ['-v', voice, '-s', String(pace), '--stdout', text], { maxBuffer: 1e8 }).stdout;
  const raw = ['-t', 'raw', '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed-integer', '-', 'gain', '-n', '-3'];
  const sound = spawnSync('sox', ['-V1', '-t', 'wav', '--ignore-length', '-', ...raw], { input: said, maxBuffer: 1e8 });
  if (sound.status !== 0) throw new Error(`sox failed: ${sound.stderr}`);
  const bytes = sound.stdout;
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)));
}

/** Stretches of sound between gaps, without the quiet around them. */
export function utterances(sound: Int16Array): Int16Array[] {
  const found: Int16Array[] = [];
  let start = -1;
  let last = -1;
  for (let at = 0; at <= sound.length; at += 1) {
    const loud = at < sound.length && Math.abs(sound[at] ?? 0) > QUIET;
    if (loud && start < 0) start = at;
    if (loud) last = at;
    if (start >= 0 && (at - last > GAP || at === sound.length)) {
      found.push(sound.subarray(start, last + 1));
      start = -1;
    }
  }
  return found;
}

function likeness(a: Int16Array, b: Int16Array, lag: number): number {
  let [ab, aa, bb] = [0, 0, 0];
  const end = Math.min(a.length, b.length + lag);
  for (let at = Math.max(0, lag); at < end; at += STRIDE) {
    const [x, y] = [a[at] ?? 0, b[at - lag] ?? 0];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

/** 1: the same, up to loudness and a shift of some milliseconds. */
export function alike(a: Int16Array, b: Int16Array): number {
  if (Math.abs(a.length - b.length) > RATE / 10) return 0;
  let best = 0;
  for (let lag = -WIGGLE; lag <= WIGGLE; lag += 1) best = Math.max(best, likeness(a, b, lag));
  return best;
}

export interface Ear {
  /** The digits in the order in which they were heard. */
  digits(heard: Int16Array): string;
  /** Whether these words were heard. */
  words(heard: Int16Array, text: string, pace: number): boolean;
}

export function createEar(voice: string, digitPace: number): Ear {
  const templates = Array.from(
    '0123456789',
    (digit) => utterances(spoken(digit, voice, digitPace))[0] ?? new Int16Array(),
  );
  return {
    digits: (heard) =>
      utterances(heard)
        .map((utterance) => {
          const scores = templates.map((template) => alike(utterance, template));
          const best = Math.max(...scores);
          return best < SURE ? '' : String(scores.indexOf(best));
        })
        .join(''),
    words(heard, text, pace) {
      const all = utterances(heard);
      return utterances(spoken(text, voice, pace)).every((expected) => all.some((one) => alike(one, expected) > SURE));
    },
  };
}
