/** The browser's own judgement of what jumps: the Layout Instability API. */

interface Shift extends PerformanceEntry {
  value: number;
  sources: { previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
}

/** Waits until what was changed is painted, and judged. */
export async function painted(): Promise<void> {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
}

const describe = ({ value, sources }: Shift): string => {
  const place = ({ x, y, width, height }: DOMRectReadOnly): string =>
    [x, y, width, height].map(Math.round).join(' ');
  const moves = sources.map((one) => `${place(one.previousRect)} to ${place(one.currentRect)}`);
  return `${value.toFixed(4)}: ${moves.join(', ')}`;
};

/** @returns every layout shift while something is done, for people to read; those right after a click count as well */
export async function shiftsDuring(act: () => Promise<void>): Promise<string[]> {
  const seen: Shift[] = [];
  await painted();
  const judge = new PerformanceObserver((list) => {
    seen.push(...(list.getEntries() as Shift[]));
  });
  judge.observe({ type: 'layout-shift' });
  await act();
  await painted();
  seen.push(...(judge.takeRecords() as Shift[]));
  judge.disconnect();
  return seen.map(describe);
}
