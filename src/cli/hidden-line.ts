/** One line from the person at the terminal, unseen while it is typed; or the first line of what is piped in. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Secret } from '../kernel/secret.ts';

/** `undefined`: there was none (end of input, Ctrl-C, Ctrl-D). The question goes to standard error. */
export function hiddenLine(question: string): Promise<Secret | undefined> {
  const terminal = process.stdin.isTTY === true;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal, historySize: 0 });
  // Only now does the terminal show nothing of what is typed.
  if (terminal) process.stderr.write(question);
  const { promise, resolve } = Promise.withResolvers<Secret | undefined>();
  lines.once('line', (line) => {
    resolve(new Secret(line));
    lines.close();
  });
  lines.once('close', () => {
    if (terminal) process.stderr.write('\n');
    resolve(undefined);
  });
  return promise;
}
