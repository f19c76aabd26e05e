/** The part of the npm package `smpp` that is used here and in the tests; it brings no types. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { AddressInfo, Socket } from 'node:net';

  export interface ShortMessage {
    message: string | Buffer;
    udh?: Buffer[];
  }

  export interface Pdu {
    command: string;
    command_status: number;
    sequence_number: number;
    message_id?: string;
    system_id?: string;
    password?: string;
    source_addr?: string;
    destination_addr?: string;
    dest_addr_ton?: number;
    esm_class?: number;
    data_coding?: number;
    registered_delivery?: number;
    validity_period?: unknown;
    short_message?: ShortMessage;
    message_payload?: ShortMessage;
    sar_msg_ref_num?: number;
    sar_total_segments?: number;
    sar_segment_seqnum?: number;
    receipted_message_id?: string;
    message_state?: number;
    isResponse(): boolean;
    response(fields?: Record<string, unknown>): Pdu;
  }

  export interface Session extends EventEmitter {
    socket: Socket;
    send(pdu: Pdu, answered?: (answer: Pdu) => void): boolean;
    close(closed?: () => void): void;
    destroy(closed?: () => void): void;
  }

  export interface Server extends EventEmitter {
    sessions: Session[];
    listen(port: number, host: string, listening: () => void): void;
    address(): AddressInfo;
    close(closed?: () => void): void;
  }

  interface Library {
    PDU: new (command: string, fields?: Record<string, unknown>) => Pdu;
    connect(options: Record<string, unknown>): Session;
    createServer(options: Record<string, unknown>, onSession: (session: Session) => void): Server;
    errors: Record<string, number>;
  }
  const smpp: Library;
  export default smpp;
}
