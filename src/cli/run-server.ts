/**
 * Listens until SIGTERM or SIGINT, then leaves gently: says that it is not ready, serves on until load balancers know, lets
 * requests and jobs finish, ends. A second signal ends at once; what was begun then is taken up by another node.
 */
import type { Sparekey } from '../compose.ts';
import { refuseWireLogs } from './setting.ts';

export async function runServer(sparekey: Sparekey, listen: { host: string; port: number }): Promise<void> {
  refuseWireLogs();
  await sparekey.start();
  try {
    await sparekey.server.listen(listen);
  } catch (error) {
    await sparekey.close();
    const { code } = error as NodeJS.ErrnoException;
    const sentence =
      code === 'EADDRINUSE'
        ? `Port ${listen.port} on ${listen.host} is in use: stop the other program, or set listen.port (--port).`
        : code === 'EACCES'
          ? `This user may not listen on port ${listen.port}: choose one above 1023 behind a reverse proxy.`
          : `Listening on ${listen.host}:${listen.port} failed (${code}).`;
    throw new Error(sentence, { cause: error });
  }
  const stop = async (): Promise<void> => {
    await sparekey.server.leave();
    await sparekey.close();
  };
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
}
