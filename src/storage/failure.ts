/** What goes wrong in a database, told in one plain sentence. The engine's own error is kept as `cause`. */

import { type ErrorCode, SparekeyError } from '../kernel/errors.ts';

/** The row was changed by somebody else since it was read. Thrown, so that the whole transaction rolls back. */
export class StaleWrite extends Error {
  override readonly name = 'StaleWrite';
  constructor(what: string) {
    super(`${what} was changed by somebody else in the meantime.`);
  }
}

/** The database can't do its work: full, unreachable, read-only, too new. `message` is fit for an operator. */
export class StorageFailure extends SparekeyError {
  override readonly name = 'StorageFailure';
  constructor(sentence: string, { cause, code = 'storage-unavailable' }: { cause?: unknown; code?: ErrorCode } = {}) {
    super(code, cause, sentence);
  }
}

/** Result codes of https://www.sqlite.org/rescode.html (primary code: the low byte). */
const SQLITE: Record<number, string> = {
  5: 'The database file is in use by another process for too long.',
  8: 'The database file is read-only for this user.',
  10: 'Reading or writing the database file failed. Look at the disk and the system log.',
  11: 'The database file is damaged. Restore it from a backup.',
  13: 'The disk is full: nothing was stored. Make room and try again.',
  14: 'The database file can not be opened. Look at its folder and its owner.',
  26: 'The file is not a SQLite database.',
};

/** SQLSTATE and socket codes. */
const POSTGRES: Record<string, string> = {
  '53100': 'The disk of the PostgreSQL server is full: nothing was stored.',
  '53300': 'The PostgreSQL server takes no more connections (max_connections).',
  '57014': 'The PostgreSQL server took too long and the statement was stopped.',
  '57P01': 'The PostgreSQL server closed the connection.',
  '57P02': 'The PostgreSQL server was stopped at once and closed the connection.',
  '57P03': 'The PostgreSQL server is starting or stopping.',
  '25006': 'The PostgreSQL server is read-only (a standby).',
  '28P01': 'The PostgreSQL server refused the user name or password.',
  '28000': 'The PostgreSQL server refused this user (pg_hba.conf).',
  '3D000': 'The database does not exist on the PostgreSQL server.',
  '42501': 'The database user lacks a right.',
  ECONNREFUSED: 'The PostgreSQL server can not be reached (connection refused).',
  ECONNRESET: 'The connection to the PostgreSQL server broke.',
  EPIPE: 'The connection to the PostgreSQL server broke.',
  ENOTFOUND: 'The name of the PostgreSQL server can not be resolved.',
  ETIMEDOUT: 'The PostgreSQL server does not answer.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the PostgreSQL server is not trusted: set caFile.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the PostgreSQL server is not trusted: set caFile.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the PostgreSQL server is not trusted: set caFile.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the PostgreSQL server names another host.',
};

/** Errors of the driver that carry no code. */
const POSTGRES_WORDS: [RegExp, string][] = [
  [/^timeout exceeded when trying to connect/, 'ETIMEDOUT'],
  [/^Connection terminated|is not queryable$/, 'ECONNRESET'],
];

/** Of the file system, when the database file is opened. */
const FILE: Record<string, string> = {
  EACCES:
    'The database file or its folder may not be written by this user. Look at owner and mode, or name another file.',
  EPERM:
    'The database file or its folder may not be written by this user. Look at owner and mode, or name another file.',
  EROFS: 'The disk with the database file is mounted read-only. Name a file on another one.',
  ENOTDIR: 'The folder of the database file is not a folder. Correct the path.',
  EISDIR: 'The database file is a folder. Name a file in it.',
  ENOSPC: 'The disk is full: nothing was stored. Make room and try again.',
};

interface EngineError {
  code?: unknown;
  errcode?: unknown;
}

/** Primary SQLite result code, or `undefined` when the error is not one of SQLite. */
export const sqliteCode = (error: unknown): number | undefined => {
  const { code, errcode } = (error ?? {}) as EngineError;
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode & 0xff : undefined;
};

const postgresCode = (error: unknown): string => {
  if (error instanceof StorageFailure) return postgresCode(error.cause);
  const { code } = (error ?? {}) as EngineError;
  if (code !== undefined || !(error instanceof Error)) return String(code ?? '');
  return POSTGRES_WORDS.find(([words]) => words.test(error.message))?.[1] ?? '';
};

export const SQLITE_BUSY = 5;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

/** True when the same transaction may well succeed when it is simply run again. (SQLite waits in its dialect.) */
export const isRetryable = (error: unknown): boolean =>
  [SERIALIZATION_FAILURE, DEADLOCK_DETECTED].includes(postgresCode(error));

/** Of a PostgreSQL server that is being restarted: it will be back in a moment. */
const RESTARTING = ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/** True when the server was not there, or went away before it answered. Whether it did what it was asked is another matter. */
export const isLost = (error: unknown): boolean => RESTARTING.includes(postgresCode(error));

/** Turns a known error of an engine into a `StorageFailure`; every other error is given back as it is. */
export function explainFailure(error: unknown): unknown {
  if (error instanceof StorageFailure) return error;
  const sqlite = sqliteCode(error);
  const other = postgresCode(error);
  const sentence = sqlite === undefined ? (POSTGRES[other] ?? FILE[other]) : SQLITE[sqlite];
  const code = sqlite === 13 || other === '53100' || other === 'ENOSPC' ? 'storage-full' : 'storage-unavailable';
  return sentence ? new StorageFailure(sentence, { cause: error, code }) : error;
}
