import { describe, expect, test } from 'vitest';
import { createKeyring, type RootKey, sameText } from '../../../src/kernel/keyring.ts';

const key = (id: string, byte: number): RootKey => ({ id, bytes: Buffer.alloc(32, byte) });
const ring = createKeyring([key('a', 1)]);

describe('sealing', () => {
  test('opens with the same context only, and never looks the same twice', () => {
    const sealed = ring.seal('seven quiet herons 🦩', 'flow:1');
    expect(ring.open(sealed, 'flow:1')).toBe('seven quiet herons 🦩');
    expect(() => ring.open(sealed, 'flow:2')).toThrow();
    expect(() => ring.open(sealed, '')).toThrow();
    expect(ring.seal('seven quiet herons 🦩', 'flow:1')).not.toBe(sealed);
    expect(sealed).not.toContain('herons');
  });

  test('notices every changed bit', () => {
    const sealed = ring.seal('0123456789', 'x');
    const [id = '', text = ''] = sealed.split('.');
    const bytes = Buffer.from(text, 'base64url');
    for (let n = 0; n < bytes.length; n += 1) {
      const changed = Buffer.from(bytes);
      changed[n] = (changed[n] as number) ^ 1;
      expect(() => ring.open(`${id}.${changed.toString('base64url')}`, 'x'), String(n)).toThrow();
    }
  });

  test.each(['', '.', 'a', 'a.', 'a.AAAA', 'b.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'no dot at all'])(
    '%j opens nothing',
    (sealed) => {
      expect(() => ring.open(sealed, 'x')).toThrow();
    },
  );
});

describe('rotation', () => {
  test('the first key seals, all of them open; a key that was taken out opens nothing', () => {
    const old = ring.seal('text', 'x');
    const rotated = createKeyring([key('b', 2), key('a', 1)]);
    expect(rotated.open(old, 'x')).toBe('text');
    const fresh = rotated.seal('text', 'x');
    expect(fresh.startsWith('b.')).toBe(true);
    expect(() => ring.open(fresh, 'x')).toThrow('not in the key file');
    expect(() => createKeyring([key('b', 2)]).open(old, 'x')).toThrow('not in the key file');
  });

  test('leaves MACs and peppers as they are, so that cookies and passwords live on', () => {
    const rotated = createKeyring([key('b', 2), key('a', 1)]);
    expect(rotated.mac('flow-token', 't')).toBe(ring.mac('flow-token', 't'));
    expect(rotated.derive('builtin-password')).toEqual(ring.derive('builtin-password'));
  });
});

describe('a keyring that lives on', () => {
  test('learns keys, changes over when told, and forgets none', () => {
    const live = createKeyring([key('a', 1)]);
    const old = live.seal('text', 'x');
    live.learn([key('b', 2)]);
    expect(live.known()).toEqual(['a', 'b']);
    expect(live.sealsWith()).toBe('a');
    expect(live.seal('text', 'x').startsWith('a.')).toBe(true);
    live.sealWith('b');
    const fresh = live.seal('text', 'x');
    expect(fresh.startsWith('b.')).toBe(true);
    live.learn([key('b', 2)]);
    expect([live.open(old, 'x'), live.open(fresh, 'x')]).toEqual(['text', 'text']);
    expect(() => live.sealWith('c')).toThrow('not in the key file');
    expect(live.sealsWith()).toBe('b');
  });

  test('does not let another key take the name of a known one', () => {
    const live = createKeyring([key('a', 1)]);
    const old = live.seal('text', 'x');
    live.learn([key('a', 9)]);
    expect(live.open(old, 'x')).toBe('text');
  });

  test('looks into the key file again for a key that it does not know', () => {
    const fresh = createKeyring([key('b', 2)]).seal('text', 'x');
    let file: RootKey[] = [];
    const live = createKeyring([key('a', 1)], () => file);
    expect(() => live.open(fresh, 'x')).toThrow('not in the key file');
    file = [key('b', 2), key('a', 1)];
    expect(live.open(fresh, 'x')).toBe('text');
    expect(live.sealsWith(), 'which key seals is told by the database').toBe('a');
  });

  test('makes MACs and peppers with the base, which seals and opens nothing', () => {
    const base = { ...key('z', 7), role: 'base' as const };
    const first = createKeyring([key('a', 1), base]);
    const later = createKeyring([key('c', 3), base]);
    expect(later.mac('flow-token', 't')).toBe(first.mac('flow-token', 't'));
    expect(later.derive('builtin-password')).toEqual(first.derive('builtin-password'));
    expect(first.mac('flow-token', 't')).not.toBe(ring.mac('flow-token', 't'));
    expect(first.known()).toEqual(['a']);
    expect(() => first.sealWith('z')).toThrow('not in the key file');
  });
});

describe('MACs', () => {
  test('differ by purpose, by part and by where parts are cut', () => {
    const all = [
      ring.mac('p', 'ab', 'c'),
      ring.mac('p', 'a', 'bc'),
      ring.mac('p', 'abc'),
      ring.mac('p', 'abc', ''),
      ring.mac('q', 'abc'),
      ring.mac('p', '2:ab1:c'),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(createKeyring([key('a', 2)]).mac('p', 'abc')).not.toBe(ring.mac('p', 'abc'));
  });

  test('a key that is too short is refused', () => {
    expect(() => createKeyring([{ id: 'a', bytes: Buffer.alloc(31) }])).toThrow('32 bytes');
  });
});

describe('comparing', () => {
  test('is exact', () => {
    expect(sameText('abc', 'abc')).toBe(true);
    for (const other of ['abd', 'ab', 'abcd', '', 'ABC']) expect(sameText('abc', other)).toBe(false);
    expect(sameText('é', 'e\u0301')).toBe(false);
  });
});
