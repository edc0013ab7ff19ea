/** `npm run bench`: what it prints and writes is what a machine and a reader can rely on. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { picture, shownFigures } from '../../scripts/bench/picture.js';
import { markdownTable, plainNumber, terminalTable, verdict } from '../../scripts/bench/table.js';
import { between, merged, section } from '../../scripts/bench/write.js';
import { repository } from '../fixtures/folder.js';

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/bench.js', ...args], {
    cwd: repository,
    encoding: 'utf8',
    timeout: 110_000,
  });

interface Figure {
  name: string;
  value: number;
  unit: string;
  floor: number | null;
  budget: number | null;
}
const figure = (name: string, change: Partial<Figure> = {}): Figure => ({
  name,
  value: 1,
  unit: 'ms',
  floor: null,
  budget: null,
  ...change,
});

describe('npm run bench', () => {
  it('prints one array of figures with --json and nothing else', () => {
    const { status, stdout, stderr } = bench('sframe', '--json', '--quick');
    expect(status, stderr).toBe(0);
    const figures = JSON.parse(stdout) as Figure[];
    expect(figures.length).toBeGreaterThan(5);
    for (const one of figures) {
      expect(Object.keys(one)).toEqual(['name', 'value', 'unit', 'floor', 'budget']);
      expect(one.name).toMatch(/^sframe: /);
      expect(one.value).toBeGreaterThan(0);
    }
    // A size, and so the same on every machine.
    expect(figures).toContainEqual(
      figure('sframe: bytes added to a frame', { value: 22, unit: 'B', budget: 22 }),
    );
  });

  it('names what it does not have, and does not write what means nothing', () => {
    for (const [args, words] of [
      [['no-such-part'], /no part no-such-part: .*sframe/],
      [['--fast'], /knows no --fast/],
      [['--quick', '--write'], /without --quick/],
    ] as const) {
      const { status, stderr, stdout } = bench(...args);
      expect(status).toBe(1);
      expect(stderr).toMatch(words);
      expect(stdout).toBe('');
    }
  });
});

describe('the table', () => {
  it('knows that rates are better the higher they are, and times the lower', () => {
    expect(verdict(figure('a', { value: 5, budget: 6 }))).toBe('ok');
    expect(verdict(figure('a', { value: 7, budget: 6 }))).toBe('OVER');
    expect(verdict(figure('a', { value: 7, budget: 6, unit: '1/s' }))).toBe('ok');
    expect(verdict(figure('a', { value: 5, budget: 6, unit: '1/s' }))).toBe('OVER');
    expect(verdict(figure('a'))).toBe('');
  });

  it('writes three digits that count', () => {
    const numbers = [0, 0.01234, 1.004, 12.345, 123.45, 1_234_567];
    expect(numbers.map(plainNumber)).toEqual(['0', '0.0123', '1', '12.3', '123', '1,234,567']);
  });

  it('says what was missed', () => {
    const figures = [
      figure('fast', { unit: '1/s' }),
      figure('late | slow', { value: 9, budget: 3, floor: 2 }),
    ];
    const page = markdownTable(figures);
    expect(page).toContain('| fast | 1/s |  |  |');
    expect(page).toContain('| late \\| slow | 9 ms | 2 ms | 3 ms (missed) |');
    expect(terminalTable(figures)).toMatch(/late \| slow +9 +ms +2 +4\.5 x +3 +OVER\n$/);
  });
});

describe('the page', () => {
  it('takes new figures in the place of the old, and keeps those of other parts', () => {
    const old = [
      { part: 'calls', figures: [figure('calls: old')] },
      { part: 'mls', figures: [figure('mls: old')] },
    ];
    const results = [{ part: 'mls', figures: [figure('mls: new')] }];
    expect(merged(old, results)).toEqual([old[0], results[0]]);
  });

  it('has what was promised and a handful beside it, and says where the rest is', () => {
    const page = section(
      [
        figure('mls: bare'),
        figure('mls: beside', { floor: 2 }),
        figure('mls: promised', { budget: 3 }),
        figure('growth-browser: scroll, 10,000 messages', { budget: 3 }),
        figure('growth-browser: scroll, 100,000 messages', { budget: 3 }),
        figure('growth-server: send, 1,000,000 messages, SQLite', { floor: 2 }),
        figure('growth-server: send, 10,000 messages, SQLite', { floor: 2 }),
      ],
      'a machine',
    );
    expect(page).toContain('a machine. The floor');
    const rows = page.match(/^\| [a-z]+.*?: .*? \|/gm) ?? [];
    expect(rows).toEqual([
      '| mls: promised |',
      '| growth-browser: scroll, 100,000 messages |',
      '| growth-server: send, 1,000,000 messages, SQLite |',
    ]);
    expect(page).toContain('3 of the 7 figures in [docs/figures.json](docs/figures.json)');
  });

  it('is changed between its marks only', () => {
    const page =
      'before\n<!-- figures: written by `npm run bench -- --write` -->\nold\n<!-- end of figures -->\nafter';
    const changed = between(page, 'new');
    expect(changed).toContain('new');
    expect(changed).not.toContain('old');
    expect(changed).toMatch(/^before\n[^]*after$/);
    expect(between(changed, 'new')).toBe(changed);
    expect(() => between('no marks', 'new')).toThrow('marks');
  });
});

describe('the picture', () => {
  const figures = [
    figure('messages: <per> second', { unit: '1/s', value: 6_820, floor: 20_000, budget: 6_000 }),
    figure('messages: p50, alone', { value: 3.1, floor: 0.8, budget: 3 }),
    figure('messages: p99, alone', { value: 9, floor: 0.9 }),
    figure('messages: alone'),
    figure('mls: send', { floor: 1 }),
  ];

  it('shows rates and waits of messages and calls', () => {
    const { rates, times } = shownFigures(figures) as Record<'rates' | 'times', Figure[]>;
    expect(rates.map(({ name }) => name)).toEqual(['messages: <per> second']);
    // The p99 is the end of its p50's row.
    expect(times).toEqual([{ ...figures[1], p99: 9 }]);
  });

  it('is well-formed, says its figures in words, and loads nothing', () => {
    const svg = picture(figures);
    expect(svg).toContain('messages: p50, alone: 3.1 ms, p99 9, floor 0.8, budget 3.');
    expect(svg).toContain('messages: &lt;per&gt; second: 6,820 1/s, floor 20,000, budget 6,000.');
    expect(svg).not.toMatch(/NaN|undefined|Infinity|@import|href|url\(/);
    const opened = svg.match(/<[a-z]+/g)?.length;
    const closed = svg.match(/<\/[a-z]+>|\/>/g)?.length;
    expect(opened).toBe(closed);
    expect(picture([])).not.toMatch(/NaN|Infinity/);
  });
});
