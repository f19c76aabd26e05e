/** What one password of the built-in directory costs at the shipped settings. */
import { randomBytes } from 'node:crypto';
import { argon2Hash, PASSWORD_COST } from '../../src/kernel/argon2.ts';
import { percentile } from './figures.ts';

const ROUNDS = 15;

/** ms; the median. */
export async function hashingTime(): Promise<number> {
  const pepper = randomBytes(32);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await argon2Hash('Copper owls count 9 moons', pepper, PASSWORD_COST);
    times.push(performance.now() - start);
  }
  return percentile(times, 0.5);
}
