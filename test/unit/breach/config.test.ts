import { describe, expect, test } from 'vitest';
import { loadOk, problemsOf, SMALL } from '../config/kit.ts';

test('nothing is asked unless somebody says so', () => {
  expect(loadOk(SMALL).config.breach).toEqual({
    online: { enabled: false, url: 'https://api.pwnedpasswords.com/range/', timeout: 1_500 },
    atSignIn: false,
    whenUnavailable: 'accept',
  });
});

describe('refused', () => {
  test.each([
    ['a mirror without https', 'online: { enabled: true, url: "http://mirror.example.org/range/" }', 'must be https'],
    ['no URL', 'online: { enabled: true, url: "ftp://x" }', 'breach.online.url'],
    ['a URL with a user in it', 'online: { enabled: true, url: "https://me:pw@example.org/" }', 'breach.online.url'],
    ['refusing what nobody looks up', 'whenUnavailable: refuse', 'there is nothing to ask'],
    ['looking up at sign-in in nothing', 'atSignIn: true', 'there is nothing to ask'],
    ['a time-out of a minute', 'online: { timeout: 60 s }', 'too long'],
  ])('%s', (_title, breach, what) => {
    expect(problemsOf(`${SMALL}breach: { ${breach} }\n`).join('\n')).toContain(what);
  });
});

test('a mirror on this machine may be http', () => {
  const text = `${SMALL}breach: { online: { enabled: true, url: "http://127.0.0.1:9000/range/" }, atSignIn: true }\n`;
  expect(loadOk(text).config.breach.online.enabled).toBe(true);
});
