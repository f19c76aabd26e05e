/**
 * As little of a browser as a journey needs: one kept connection from an address of its own, cookies, hidden fields, redirects.
 * It costs a fraction of what fetch costs, because its work is taken from the same two cores.
 */
import { connect, type Socket } from 'node:net';

export interface Page {
  status: number;
  html: string;
  /** Where the redirects ended. */
  path: string;
}

interface Response {
  status: number;
  head: string;
  body: string;
}

const HEAD_END = '\r\n\r\n';

export interface Browser {
  get(path: string): Promise<Page>;
  /** The form of the page that is open, with what is typed on top of its hidden fields. */
  submit(action: string, typed?: Record<string, string>): Promise<Page>;
  /** One request without looking at the page before it. */
  post(path: string, fields: Record<string, string>): Promise<Page>;
  cookies: Map<string, string>;
  /** The status of a form alone, without the page that it leads to. */
  postOnly(path: string, fields: Record<string, string>): Promise<number>;
  /** `_csrf` of the page that is open. */
  csrf(): string;
  close(): void;
}

/** `from`: address of this machine, as the node sees it. `port` may change from request to request. */
export function openBrowser(port: () => number, from: string, cookies = new Map<string, string>()): Browser {
  const sockets = new Map<number, Socket>();
  let page: Page = { status: 0, html: '', path: '/' };

  function socketTo(to: number): Socket {
    const known = sockets.get(to);
    if (known && !known.destroyed) return known;
    const socket = connect({ port: to, host: '127.0.0.1', localAddress: from, noDelay: true });
    socket.on('error', () => {});
    sockets.set(to, socket);
    return socket;
  }

  const request = (text: string): Promise<Response> =>
    new Promise((resolve, reject) => {
      const socket = socketTo(port());
      let bytes: Buffer = Buffer.alloc(0);
      let ends = -1;
      let starts = 0;
      const done = (): void => {
        socket.off('data', take).off('close', lost);
      };
      const lost = (): void => {
        done();
        reject(new Error('The node closed the connection.'));
      };
      const take = (chunk: Buffer): void => {
        bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
        if (ends < 0) {
          const at = bytes.indexOf(HEAD_END);
          if (at < 0) return;
          starts = at + HEAD_END.length;
          const head = bytes.toString('latin1', 0, at);
          ends = starts + Number(/\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        }
        if (bytes.length < ends) return;
        done();
        const head = bytes.toString('latin1', 0, starts);
        resolve({ status: Number(head.slice(9, 12)), head, body: bytes.toString('utf8', starts, ends) });
      };
      socket.on('data', take).once('close', lost);
      socket.write(text);
    });

  function keep(head: string): void {
    for (const [, name = '', value = '', rest = ''] of head.matchAll(/\nset-cookie: *([^=;\r]+)=([^;\r]*)([^\r]*)/gi)) {
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(rest)) cookies.delete(name);
      else cookies.set(name, value);
    }
  }

  async function exchange(method: 'GET' | 'POST', path: string, body: string): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const form =
      method === 'POST'
        ? `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
        : '';
    const response = await request(
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept-Language: en\r\n` +
        `${cookie ? `Cookie: ${cookie}\r\n` : ''}${form}\r\n${body}`,
    );
    keep(response.head);
    return response;
  }

  async function send(method: 'GET' | 'POST', path: string, body = ''): Promise<Page> {
    const response = await exchange(method, path, body);
    const target = response.status === 303 ? /\nlocation: *([^\r]+)/i.exec(response.head)?.[1] : undefined;
    if (target) return send('GET', target);
    page = { status: response.status, html: response.body, path };
    return page;
  }

  const post = (path: string, fields: Record<string, string>): Promise<Page> =>
    send('POST', path, new URLSearchParams(fields).toString());

  return {
    cookies,
    get: (path) => send('GET', path),
    post,
    async postOnly(path, fields) {
      return (await exchange('POST', path, new URLSearchParams(fields).toString())).status;
    },
    csrf: () => /name="_csrf" value="([^"]*)"/.exec(page.html)?.[1] ?? '',
    submit(action, typed = {}) {
      const start = page.html.indexOf(`action="${action}"`);
      if (start < 0) throw new Error(`No form ${action} on ${page.path} (${page.status}): ${titleOf(page)}`);
      const form = page.html.slice(start, page.html.indexOf('</form>', start));
      const fields: Record<string, string> = {};
      for (const [input] of form.matchAll(/<input [^>]*type="hidden"[^>]*>/g)) {
        const name = /name="([^"]*)"/.exec(input)?.[1];
        if (name !== undefined) fields[name] = /value="([^"]*)"/.exec(input)?.[1] ?? '';
      }
      return post(action, { ...fields, ...typed });
    },
    close() {
      for (const socket of sockets.values()) socket.destroy();
    },
  };
}

export const titleOf = ({ html }: Page): string => /<title>([^<]*)/.exec(html)?.[1] ?? html.slice(0, 200);
