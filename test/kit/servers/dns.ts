/** A real DNS server for tests: answers from zones that a test changes while it runs, refuses or stays silent on demand. */
import { Resolver } from 'node:dns/promises';
import dns2 from 'dns2';

export interface SrvAnswer {
  target: string;
  port: number;
  priority?: number;
  weight?: number;
}

export interface TestDns {
  /** Name → SRV records. */
  srv: Map<string, SrvAnswer[]>;
  /** Name → IPv4 addresses. */
  a: Map<string, string[]>;
  /** Seconds that every record may be kept. */
  ttl: number;
  mood: 'answers' | 'fails' | 'silent';
  /** Names that were asked for, in order. */
  asked: string[];
  /** Asks this server, and gives up soon. */
  resolver: Resolver;
  close(): Promise<void>;
}

const { Packet } = dns2;

interface Writer {
  write(value: number, bits: number): void;
}

/** The library points back at earlier names in the packet, which RFC 2782 forbids here and resolvers refuse. */
(Packet.Resource as unknown as { SRV: { encode: unknown } }).SRV.encode = (record: SrvAnswer, writer: Writer) => {
  const { target, port, priority = 0, weight = 100 } = record;
  for (const number of [priority, weight, port]) writer.write(number, 16);
  for (const label of target.split('.'))
    for (const byte of [label.length, ...Buffer.from(label)]) writer.write(byte, 8);
  writer.write(0, 8);
};

export async function startDns(): Promise<TestDns> {
  const dns: Omit<TestDns, 'resolver' | 'close'> = {
    srv: new Map(),
    a: new Map(),
    ttl: 60,
    mood: 'answers',
    asked: [],
  };
  const server = dns2.createServer({
    udp: true,
    handle: (request, send) => {
      const response = Packet.createResponseFromRequest(request);
      const [question] = request.questions;
      const name = question?.name.toLowerCase() ?? '';
      dns.asked.push(name);
      if (dns.mood === 'silent') return;
      if (dns.mood === 'fails') response.header.rcode = 2;
      else {
        const record = { name, type: question?.type, class: Packet.CLASS.IN, ttl: dns.ttl };
        const add = (fields: object) => response.answers.push({ ...record, ...fields } as never);
        if (question?.type === Packet.TYPE.SRV) for (const answer of dns.srv.get(name) ?? []) add(answer);
        if (question?.type === Packet.TYPE.A) for (const address of dns.a.get(name) ?? []) add({ address });
      }
      send(response);
    },
  });
  const { udp } = await server.listen({ udp: { address: '127.0.0.1', port: 0 } });
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([`127.0.0.1:${udp?.port}`]);
  return Object.assign(dns, {
    resolver,
    close: async () => {
      await server.close();
    },
  });
}
