/** The virtual clock. */
import { expect, test } from 'vitest';
import { Clock } from '../../kit/clock.ts';

test('fires in order of time, then of creation, at the time that was due', () => {
  const clock = new Clock({ now: 100 });
  const seen: string[] = [];
  clock.setTimer(() => seen.push(`b ${clock.now()}`), 20);
  clock.setTimer(() => seen.push(`a ${clock.now()}`), 10);
  clock.setTimer(() => seen.push(`c ${clock.now()}`), 20);
  const cleared = clock.setTimer(() => seen.push('cleared'), 15);
  clock.clearTimer(cleared);
  expect(clock.advance(19)).toBe(1);
  expect(clock.advance(1)).toBe(2);
  expect(seen).toEqual(['a 110', 'b 120', 'c 120']);
  expect(clock.now()).toBe(120);
});

test('a timer set by a timer fires in the same step if it falls due', () => {
  const clock = new Clock();
  const seen: number[] = [];
  clock.setTimer(() => clock.setTimer(() => seen.push(clock.now()), 5), 5);
  clock.advance(10);
  expect(seen).toEqual([10]);
});

test('a timer that sets itself again for ever is a failure, not a hang', () => {
  const clock = new Clock();
  const again = (): void => void clock.setTimer(again, 0);
  again();
  expect(() => clock.advance(1)).toThrow(/timers that come to rest.*clock\.test\.ts:\d+/);
});

test('names the line that left a timer', () => {
  const clock = new Clock();
  clock.setTimer(() => {}, 5000);
  expect(() => clock.idle('after close')).toThrow(
    /after close: no timer is set; .* due in 5000 ms, was set at .*clock\.test\.ts:\d+/,
  );
});

test('promise chains run out between timers', async () => {
  const clock = new Clock();
  const seen: number[] = [];
  const tick = async (): Promise<void> => {
    await null;
    seen.push(clock.now());
    if (seen.length < 3) clock.setTimer(tick, 10);
  };
  clock.setTimer(tick, 10);
  await clock.advanceAsync(100);
  expect(seen).toEqual([10, 20, 30]);
});
