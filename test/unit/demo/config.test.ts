import { describe, expect, test } from 'vitest';
import { demoConfig } from '../../../src/demo/config.ts';

describe('the demo', () => {
  test('listens to this computer only, and says localhost', () => {
    const { listen, publicUrl } = demoConfig({ folder: '/tmp/demo', host: '127.0.0.1', port: 8080 });
    expect(listen).toMatchObject({ host: '127.0.0.1', port: 8080 });
    expect(publicUrl).toBe('http://localhost:8080');
  });

  test('opens to others only when asked, under the name they would type', () => {
    const { listen, publicUrl } = demoConfig({ folder: '/tmp/demo', host: '192.0.2.5', port: 9000 });
    expect(listen.host).toBe('192.0.2.5');
    expect(publicUrl).toBe('http://192.0.2.5:9000');
  });
});
