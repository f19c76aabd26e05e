/** A browser without script, over HTTP inject: keeps cookies, follows redirects, fills in and sends the forms it was given. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';

export interface Form {
  action: string;
  fields: Record<string, string>;
}

const decode = (text: string): string =>
  text
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : decode(found);
};

export class Client {
  readonly cookies = new Map<string, string>();
  /** The page shown now. */
  html = '';
  status = 0;
  path = '/';
  last!: LightMyRequestResponse;
  readonly #server: FastifyInstance;
  readonly #origin: string;
  readonly #ip: string;

  constructor(server: FastifyInstance, origin: string, ip = '192.0.2.10') {
    this.#server = server;
    this.#origin = origin;
    this.#ip = ip;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<this> {
    return this.#take(await this.#send('GET', path, undefined, headers), path);
  }

  /** Sends the form whose action this is, with what is typed on top of its hidden fields, and follows the redirect. */
  async submit(action: string, typed: Record<string, string> = {}): Promise<this> {
    const form = this.forms().find((one) => one.action === action);
    if (!form) throw new Error(`No form for ${action} on this page: ${this.text().slice(0, 400)}`);
    return this.post(action, { ...form.fields, ...typed });
  }

  async post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<this> {
    return this.postBody(path, new URLSearchParams(fields).toString(), headers);
  }

  async postBody(path: string, body: string, headers: Record<string, string> = {}): Promise<this> {
    const type = { 'content-type': 'application/x-www-form-urlencoded', origin: this.#origin };
    return this.#take(await this.#send('POST', path, body, { ...type, ...headers }), path);
  }

  forms(): Form[] {
    return [...this.html.matchAll(/<form\b[^>]*>([\s\S]*?)<\/form>/g)].map(([whole, body = '']) => ({
      action: attribute(whole.slice(0, whole.indexOf('>') + 1), 'action') ?? '',
      fields: Object.fromEntries(
        [...body.matchAll(/<input\b[^>]*>/g)]
          .filter(([tag]) => attribute(tag, 'type') === 'hidden')
          .map(([tag]) => [attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '']),
      ),
    }));
  }

  /** Values of the radio buttons of a group. */
  choices(name: string): string[] {
    return [...this.html.matchAll(/<input\b[^>]*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => attribute(tag, 'type') === 'radio' && attribute(tag, 'name') === name)
      .map((tag) => attribute(tag, 'value') ?? '');
  }

  get title(): string {
    return decode(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(this.html)?.[1] ?? '');
  }

  text(): string {
    const body = this.html.slice(this.html.indexOf('<main'));
    return decode(body.replace(/<svg[\s\S]*?<\/svg>/g, ' ').replace(/<[^>]+>/g, ' '))
      .replace(/\s+/g, ' ')
      .trim();
  }

  async #send(method: 'GET' | 'POST', url: string, payload: string | undefined, headers: Record<string, string>) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return this.#server.inject({
      method,
      url,
      headers: { ...(cookie ? { cookie } : {}), ...headers },
      remoteAddress: this.#ip,
      ...(payload === undefined ? {} : { payload }),
    });
  }

  async #take(response: LightMyRequestResponse, path: string): Promise<this> {
    for (const { name, value, maxAge, expires } of response.cookies as {
      name: string;
      value: string;
      maxAge?: number;
      expires?: Date;
    }[]) {
      if (maxAge === 0 || (expires && expires.getTime() <= 0)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    this.last = response;
    this.status = response.statusCode;
    this.path = path;
    const target = response.headers.location;
    if (typeof target === 'string' && response.statusCode >= 300 && response.statusCode < 400) return this.get(target);
    this.html = response.body;
    return this;
  }
}
