/** The twin of client.ts over real HTTP: the same browser without script, against one or several listening nodes. */
import { Page } from './html.ts';

export interface Sent {
  method: 'GET' | 'POST';
  path: string;
  body: string | undefined;
  cookie: string;
}

export interface WebClientOptions {
  /** Base URL for the next request: `http://127.0.0.1:1234`. A function may alternate between nodes. */
  base: string | (() => string);
  /** What browsers put into `Origin`: the configured publicUrl. */
  origin: string;
  /** ms; no test waits for ever. */
  timeout?: number;
  /** Takes the place of the global one: tls-fetch.ts. */
  fetch?: (url: URL, init: RequestInit) => Promise<Response>;
}

export class WebClient extends Page {
  readonly cookies = new Map<string, string>();
  status = 0;
  headers = new Headers();
  path = '/';
  /** The last request, to send it again exactly as it was. */
  sent: Sent | undefined;
  readonly #options: WebClientOptions;

  constructor(options: WebClientOptions) {
    super();
    this.#options = options;
  }

  get(path: string): Promise<this> {
    return this.send({ method: 'GET', path, body: undefined, cookie: this.#cookie() });
  }

  /** Sends the form whose action this is, with what is typed on top of its hidden fields, and follows the redirect. */
  submit(action: string, typed: Record<string, string> = {}): Promise<this> {
    return this.post(action, { ...this.form(action).fields, ...typed });
  }

  post(path: string, fields: Record<string, string>): Promise<this> {
    return this.send({ method: 'POST', path, body: new URLSearchParams(fields).toString(), cookie: this.#cookie() });
  }

  /** @throws TypeError when nobody answers. */
  async send(request: Sent): Promise<this> {
    const { method, path, body, cookie } = request;
    this.sent = request;
    const { base, origin, timeout = 30_000, fetch: exchange = fetch } = this.#options;
    const response = await exchange(new URL(path, typeof base === 'string' ? base : base()), {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
      headers: {
        ...(cookie ? { cookie } : {}),
        ...(method === 'POST' ? { origin, 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(body === undefined ? {} : { body }),
    });
    const html = await response.text();
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    this.status = response.status;
    this.headers = response.headers;
    this.path = path;
    const target = response.headers.get('location');
    if (target !== null && response.status >= 300 && response.status < 400) return this.get(target);
    this.html = html;
    return this;
  }

  #cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';');
    const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    if (/;\s*max-age=0/i.test(line) || /;\s*expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
