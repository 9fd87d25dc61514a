/** Stands where `harness/kit/case.ts` expects vitest, and only collects the cases. */

export interface Case {
  id: string;
  run(): Promise<void>;
}

type Body = (context: { task: { meta: object } }) => Promise<void>;

/** In the order in which the suite declares them. */
export const cases: Case[] = [];

export function test(id: string, { meta }: { meta: object }, body: Body): void {
  cases.push({ id, run: () => body({ task: { meta } }) });
}
