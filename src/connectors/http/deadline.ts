/** One attempt is over within the configured time, however many requests it takes. */
export interface Deadline {
  /** ms, never less than 1. */
  left(): number;
}

export function deadlineIn(timeout: number): Deadline {
  const end = performance.now() + timeout;
  return { left: () => Math.max(1, Math.ceil(end - performance.now())) };
}
