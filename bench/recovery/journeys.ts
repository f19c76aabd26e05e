/** Whole journeys as people make them, page by page. A page that must not come ends the run. */
import { type Browser, openBrowser, type Page, titleOf } from './browser.ts';
import { codeIn, type MailSink } from './mail-sink.ts';
import { appCode, type OnTheWay, passwordFor } from './people.ts';

export interface Road {
  /** Port of the node that takes the next request. */
  port(): number;
  sink: MailSink;
  /** Told of the time that one request took, by what it was. */
  note?(what: string, ms: number): void;
}

function expectTitle(page: Page, title: RegExp): void {
  if (!title.test(titleOf(page))) throw new Error(`${title} was expected, and ${page.status} “${titleOf(page)}” came.`);
}

const timed =
  (browser: Browser, note: Road['note']) =>
  async (what: string, work: (browser: Browser) => Promise<Page>): Promise<Page> => {
    const start = performance.now();
    const page = await work(browser);
    note?.(what, performance.now() - start);
    return page;
  };

/** Identify → mail code → app → new password → the notice has arrived. */
export async function recover(person: OnTheWay, { port, sink, note }: Road): Promise<void> {
  const browser = openBrowser(port, person.from, person.cookies);
  const step = timed(browser, note);
  const password = passwordFor(person.username, person.made + 1);
  try {
    await step('GET /', (it) => it.get('/'));
    await step('POST /recover', (it) => it.submit('/recover', { identifier: person.username }));
    const mail = sink.next(person.address);
    await step('POST /recover/method (mail)', (it) => it.submit('/recover/method', { method: 'email' }));
    const code = codeIn(await mail);
    await step('POST /recover/answer (mail)', (it) => it.submit('/recover/answer', { code }));
    await step('POST /recover/method (app)', (it) => it.submit('/recover/method', { method: 'totp' }));
    const app = appCode(person);
    const choosing = await step('POST /recover/answer (app)', (it) => it.submit('/recover/answer', { code: app }));
    expectTitle(choosing, /Choose a new password/);
    const notice = sink.next(person.address);
    const done = await step('POST /recover/password', (it) =>
      it.submit('/recover/password', { password, again: password }),
    );
    expectTitle(done, /back in/);
    person.made += 1;
    person.password = password;
    await notice;
  } finally {
    browser.close();
  }
}

/** A known password for a new one; ends when the notice has arrived. */
export async function change(person: OnTheWay, { port, sink, note }: Road): Promise<void> {
  const browser = openBrowser(port, person.from, person.cookies);
  const step = timed(browser, note);
  const password = passwordFor(person.username, person.made + 1);
  try {
    await step('GET /change', (it) => it.get('/change'));
    const notice = sink.next(person.address);
    const { username, password: current } = person;
    const done = await step('POST /change', (it) =>
      it.submit('/change', { username, current, password, again: password }),
    );
    expectTitle(done, /Your password is changed/);
    person.made += 1;
    person.password = password;
    await notice;
  } finally {
    browser.close();
  }
}
