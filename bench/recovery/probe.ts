/**
 * Preloaded into a node (`--import`): tells its parent, on request, what the process used and how long its event loop was
 * blocked at the longest. Nothing of it runs between two questions but the sampling itself.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Probed {
  /** Bytes now, and at the most since the last reset. */
  rss: number;
  peakRss: number;
  /** ms of all threads since the last reset. */
  cpu: number;
  /** ms; the longest block of the event loop since the last reset. */
  longestBlock: number;
}

const RESOLUTION = 5;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
delay.enable();
let peakRss = 0;
let since = process.cpuUsage();
setInterval(() => {
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
}, 50).unref();

process.on('message', (ask: 'reset' | 'read') => {
  const rss = process.memoryUsage.rss();
  if (ask === 'reset') {
    delay.reset();
    peakRss = rss;
    since = process.cpuUsage();
  }
  const { user, system } = process.cpuUsage(since);
  // The histogram counts the interval itself along with the delay.
  const longestBlock = Math.max(0, delay.max / 1e6 - RESOLUTION);
  process.send?.({ rss, peakRss: Math.max(peakRss, rss), cpu: (user + system) / 1_000, longestBlock } satisfies Probed);
});
process.channel?.unref();
