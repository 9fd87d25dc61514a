/** What `grade` shows while it works: one line that changes on a terminal, one line for each job elsewhere. */
import { OUTCOME, outcomeColor } from '../report/checked.ts';
import { cut } from '../report/fit.ts';
import type { Paint } from '../report/paint.ts';
import type { Progress } from './grade.ts';
import type { Job } from './results.ts';
import type { Submission } from './submissions.ts';

const BAR = 24;

/** Where it is shown; a terminal's width may change. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export class ProgressReport implements Progress {
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #now: () => number;
  #all = 0;
  #before = 0;
  #done = 0;
  #startedAt = 0;

  constructor(screen: Screen, paint: Paint, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#paint = paint;
    this.#now = now;
  }

  staged({ learner, problem, source }: Submission): void {
    if (problem) this.#line(`${this.#paint.warn('!')} ${learner}: ${problem} (${source})`);
    else this.#transient(`unpacking: ${learner}`);
  }

  begins({ files, jobs, before }: { files: number; jobs: number; before: number }): void {
    this.#all = jobs;
    this.#before = before;
    this.#startedAt = this.#now();
    const different = jobs < files ? `, ${jobs} of them different` : '';
    this.#line(`${files} files${different}${before > 0 ? `, ${before} graded before` : ''}`);
  }

  finished(job: Job): void {
    this.#done++;
    const { verdict } = job.result;
    const count = this.#before + this.#done;
    const told = `${job.learner} ${job.exercise} ${outcomeColor(verdict, this.#paint)(OUTCOME[verdict])}`;
    if (this.#screen.isTTY) this.#transient(`${this.#bar(count)} ${count} of ${this.#all}  ${this.#left()}  ${told}`);
    else this.#line(`${String(count).padStart(String(this.#all).length)} of ${this.#all}  ${told}`);
  }

  /** Something to know besides. */
  note(text: string): void {
    this.#line(`${this.#paint.warn('!')} ${text}`);
  }

  /** Leaves the terminal with an empty line. */
  end(): void {
    this.#transient('');
  }

  #bar(count: number): string {
    const filled = Math.round((count / Math.max(1, this.#all)) * BAR);
    return '█'.repeat(filled) + this.#paint.dim('░'.repeat(BAR - filled));
  }

  #left(): string {
    const remaining = this.#all - this.#before - this.#done;
    return `${duration(((this.#now() - this.#startedAt) / this.#done) * remaining)} left`;
  }

  #line(text: string): void {
    this.end();
    this.#screen.write(`${text}\n`);
  }

  #transient(text: string): void {
    if (this.#screen.isTTY) this.#screen.write(`\r\x1b[K${cut(text, (this.#screen.columns ?? 80) - 1)}`);
  }
}

/** `45 s`, `3 min`, `1 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
