/**
 * V8 made predictable, for as long as the process lives: to be called before anything is timed.
 *
 * No on-stack replacement. A loop that is replaced while it runs is compiled before V8 has seen the function's
 * beginning twice. Now and then that code is thrown away, and the function then stays two to four times too slow for
 * up to 2,000 calls, long past any warm-up: in 27 of 100 trials (Node 20.20, busy machine) the same code differed from
 * itself by that factor; without replacement in none of 100. Work is called many times, so compiling whole functions
 * for their next call loses nothing.
 */
import { setFlagsFromString } from 'node:v8';

export function steadyCompiler(): void {
  setFlagsFromString('--no-use-osr');
}
