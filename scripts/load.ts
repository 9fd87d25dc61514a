/** A busy machine on demand, for what must hold under load. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Burns until its input ends, which it does when the process that started it ends, however it ends. */
const BURN = `process.stdin.on('end', () => process.exit()).resume();
(function burn() { const start = Date.now(); while (Date.now() - start < 20); setImmediate(burn); })();`;

/** One busy process per core, until stopped. */
export function keepCoresBusy(): { stop(): void } {
  const burners = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', BURN], { stdio: ['pipe', 'ignore', 'ignore'] }),
  );
  return {
    stop() {
      for (const burner of burners) burner.kill('SIGKILL');
    },
  };
}
