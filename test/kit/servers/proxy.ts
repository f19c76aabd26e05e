/**
 * A TCP proxy that breaks a conversation at a chosen point: the n-th thing that the client says from now on. LDAP clients
 * wait for each answer, so one chunk is one request (or one step of the TLS handshake).
 */
import net from 'node:net';

/** `lost-request`: it never arrives. `lost-answer`: it arrives, the answer doesn't. `hang`: as lost-answer, and silence. */
export type Break = 'lost-request' | 'lost-answer' | 'hang';

export interface Proxy {
  port: number;
  /** `then` runs at the instant of the break, before the chunk goes on: to stop the server itself, for example. */
  breakAt(chunk: number, how: Break, then?: () => void): void;
  /** True when the armed point was reached. */
  broken(): boolean;
  /** A cable that is cut: nothing gets through in either direction, and connections stay open. `refused`: they are reset. */
  cut(how: 'silent' | 'refused'): void;
  heal(): void;
  /** Chunks that clients sent since the last `breakAt`. */
  counted(): number;
  /** Connections that clients hold open now. */
  connections(): number;
  close(): Promise<void>;
}

export async function startProxy(host: string, port: number): Promise<Proxy> {
  const clients = new Set<net.Socket>();
  let armed: { chunk: number; how: Break; then: (() => void) | undefined } | undefined;
  let counted = 0;
  let broken = false;
  let dead: 'silent' | 'refused' | undefined;

  const server = net.createServer((client) => {
    if (dead === 'refused') return void client.resetAndDestroy();
    clients.add(client);
    const upstream = net.connect({ host, port });
    let silent = false;
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on('error', cut).on('close', () => {
      clients.delete(client);
      upstream.destroy();
    });
    upstream.on('error', cut).on('close', () => {
      if (!silent) client.destroy();
    });
    client.on('data', (chunk) => {
      if (dead) return;
      counted += 1;
      if (armed && counted >= armed.chunk) {
        if (!broken) armed.then?.();
        broken = true;
        if (armed.how === 'lost-request') return cut();
        silent = true;
        // Once the server has answered, the deed is done: only then is the connection cut.
        if (armed.how === 'lost-answer') upstream.once('data', cut);
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!silent && !dead) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    breakAt(chunk, how, then) {
      armed = { chunk, how, then };
      counted = 0;
      broken = false;
    },
    broken: () => broken,
    counted: () => counted,
    cut(how) {
      dead = how;
      if (how === 'refused') for (const client of clients) client.resetAndDestroy();
    },
    heal() {
      armed = undefined;
      dead = undefined;
      for (const client of clients) client.destroy();
    },
    connections: () => clients.size,
    close: () => {
      for (const client of clients) client.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
