/**
 * The load generator: a process of its own, so that its work does not stand in a node's event loop. It has the people, their
 * mailboxes and the clients of the floor; its parent sends it tasks.
 */
import type { ServerCertificate } from '../../test/kit/servers/test-ca.ts';
import { openBrowser } from './browser.ts';
import type { Timed } from './figures.ts';
import { type FloorTarget, openFloor } from './floor.ts';
import { change, recover } from './journeys.ts';
import { type MailSink, openMailSink } from './mail-sink.ts';
import { createQueue, loopback, type OnTheWay, type Queue, type Traveller } from './people.ts';

export type Task =
  | { do: 'mailbox'; certificate: ServerCertificate }
  | { do: 'people'; people: Traveller[]; floor: FloorTarget }
  | { do: 'nodes'; ports: number[] }
  | { do: 'journeys' | 'floor'; kind: 'recover' | 'change'; at: number; count: number }
  /** GETs of one page, each browser on its kept connection. */
  | { do: 'pages'; path: string; at: number; count: number }
  /** POSTs of a link that nobody sent. */
  | { do: 'forged'; path: string; at: number; count: number }
  /** Journeys that are begun and left alone. */
  | { do: 'begin'; count: number };

export interface Result extends Timed {
  /** By request. */
  requests: Record<string, number[]>;
  port?: number;
}

/** Networks of those who only look; not those of the people. */
const STRANGERS = 1 << 20;

let sink: MailSink | undefined;
let queue: Queue | undefined;
let floorTarget: FloorTarget | undefined;
let ports: number[] = [];
let turn = 0;
let strangers = 0;

const ready = <T>(what: T | undefined): T => {
  if (what === undefined) throw new Error('A task came before what it needs.');
  return what;
};

/** `at` workers share `count` pieces of work. */
async function share(
  at: number,
  count: number,
  worker: () => Promise<{ work: () => Promise<void>; end: () => unknown }>,
): Promise<Timed> {
  const times: number[] = [];
  let left = count;
  const workers = await Promise.all(Array.from({ length: at }, worker));
  const begun = performance.now();
  await Promise.all(
    workers.map(async ({ work }) => {
      while (left > 0) {
        left -= 1;
        const start = performance.now();
        await work();
        times.push(performance.now() - start);
      }
    }),
  );
  const took = performance.now() - begun;
  for (const { end } of workers) await end();
  return { times, took };
}

/** No sticky sessions: every request may go to another node. */
const anyPort = (): number => ports[turn++ % ports.length] as number;

const stranger = () => openBrowser(anyPort, loopback(STRANGERS + (strangers++ % (1 << 20))));

async function run(task: Task): Promise<Result> {
  const requests: Record<string, number[]> = {};
  const none = { times: [], took: 0, requests };
  switch (task.do) {
    case 'mailbox':
      sink = await openMailSink(task.certificate);
      return { ...none, port: sink.port };
    case 'people':
      queue = createQueue(task.people);
      floorTarget = task.floor;
      return none;
    case 'nodes':
      ports = task.ports;
      return none;
    case 'journeys': {
      const note = (what: string, took: number): void => {
        requests[what] ??= [];
        requests[what].push(took);
      };
      const road = { port: anyPort, sink: ready(sink), note };
      const travel = (person: OnTheWay) => (task.kind === 'recover' ? recover : change)(person, road);
      const people = ready(queue);
      const worker = async () => ({ work: () => travel(people.next()), end() {} });
      return { ...(await share(task.at, task.count, worker)), requests };
    }
    case 'floor': {
      const people = ready(queue);
      const worker = async () => {
        const floor = await openFloor(ready(floorTarget));
        return { work: () => floor[task.kind](people.next()), end: floor.close };
      };
      return { ...(await share(task.at, task.count, worker)), requests };
    }
    case 'pages': {
      const worker = async () => {
        const browser = stranger();
        const work = async () => {
          const { status } = await browser.get(task.path);
          if (status !== 200) throw new Error(`${task.path} answered ${status}.`);
        };
        await work();
        return { work, end: browser.close };
      };
      return { ...(await share(task.at, task.count, worker)), requests };
    }
    case 'forged': {
      let made = 0;
      const worker = async () => {
        const browser = stranger();
        await browser.get(task.path);
        const _csrf = browser.csrf();
        const work = async () => {
          made += 1;
          const status = await browser.postOnly(task.path, { _csrf, token: `${made}`.padStart(43, 'A') });
          if (status !== 303 && status !== 410) throw new Error(`A forged link was answered with ${status}.`);
        };
        return { work, end: browser.close };
      };
      return { ...(await share(task.at, task.count, worker)), requests };
    }
    case 'begin': {
      const worker = async () => ({
        async work() {
          const browser = stranger();
          await browser.get('/');
          await browser.submit('/recover', { identifier: `nobody${strangers}` });
          browser.close();
        },
        end() {},
      });
      return { ...(await share(16, task.count, worker)), requests };
    }
  }
}

process.on('message', (task: Task) => {
  run(task).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.stack }),
  );
});
process.on('disconnect', () => process.exit(0));
