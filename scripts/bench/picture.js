/** Throughput and latency as one SVG: ours, the floor of the same run, the budget. Light and dark by the reader's
 * scheme, the system's own face, nothing from elsewhere. */
import { isRate, plainNumber, verdict } from './table.js';

const width = 960;
const margin = 32;
const gap = 20;
const panelWidth = width - 2 * margin;
const panelTop = 124;
const rowHeight = 30;
const rowsMax = 16;
/** Left and right end of the words, the marks and the numbers of a row. */
const columns = { words: margin + 20, marks: [530, 805], numbers: width - margin - 20 };
/** What the panels show of all that was measured: messages and calls, where people wait. A p99 is the far end of its
 * p50's row. */
const shownParts = /^(messages|latency|calls): /;

const escaped = (text) =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign],
  );
const at = (number) => String(Math.round(number * 10) / 10);
const text = (x, y, { style, words, anchor = 'start' }) =>
  `<text class="${style}" x="${at(x)}" y="${at(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;

const styles = `
svg { --paper: #fbfaf8; --card: #ffffff; --edge: #e7e3dd; --ink: #23201c; --quiet: #6f6a62; --line: #eeebe6;
  --ours: #0f766e; --floor: #8a857c; --budget: #b45309; --over: #b42318; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #14171a; --card: #1b1f23; --edge: #2b3137; --ink: #eceff1; --quiet: #9aa4ad; --line: #262b30;
    --ours: #2dd4bf; --floor: #8b959e; --budget: #fbbf24; --over: #f87171; }
}
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: var(--ink); }
.title { font-size: 20px; font-weight: 600; }
.head { font-size: 14px; font-weight: 600; }
.label { font-size: 12.5px; }
.value { font-size: 12.5px; font-weight: 600; font-variant-numeric: tabular-nums; }
.quiet { font-size: 11.5px; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.over { fill: var(--over); }
.paper { fill: var(--paper); }
.card { fill: var(--card); stroke: var(--edge); }
.track { stroke: var(--line); stroke-width: 8; stroke-linecap: round; }
.tail { stroke: var(--ours); stroke-width: 3; stroke-linecap: round; opacity: 0.45; }
.bar { stroke: var(--ours); stroke-width: 8; stroke-linecap: round; }
.ours { fill: var(--ours); }
.floor { fill: var(--card); stroke: var(--floor); stroke-width: 2; }
.budget { stroke: var(--budget); stroke-width: 2.5; stroke-linecap: round; }
.grid { stroke: var(--line); stroke-width: 1; }`;

/** Two numbers whose rows lie on one scale: from nothing for rates, by powers of ten for times. */
function scaleOf(figures, logarithmic) {
  const numbers = figures.flatMap(({ value, floor, budget, p99 = null }) =>
    [value, floor, budget, p99].filter((number) => number !== null && number > 0),
  );
  const most = Math.max(...numbers);
  if (!logarithmic) return { place: (number) => number / (most * 1.04), ticks: [] };
  const low = Math.floor(Math.log10(Math.min(...numbers)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(most)));
  const place = (number) => (Math.log10(Math.max(number, 10 ** low)) - low) / (high - low);
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { place, ticks };
}

const budgetMark = (x, y) =>
  `<line class="budget" x1="${at(x)}" x2="${at(x)}" y1="${at(y - 9)}" y2="${at(y + 9)}"/>`;
const floorMark = (x, y) => `<circle class="floor" cx="${at(x)}" cy="${at(y)}" r="4.5"/>`;
const bar = (style, [from, to], y) =>
  `<line class="${style}" x1="${at(from)}" x2="${at(to)}" y1="${at(y)}" y2="${at(y)}"/>`;

const shortened = (words) => (words.length > 76 ? `${words.slice(0, 75).trimEnd()}…` : words);

/** One figure: its words, its marks on a track, its number. */
function row(figure, { y, place }) {
  const { name, value, unit, floor, budget, p99 = null } = figure;
  const [left, right] = columns.marks;
  const x = (number) => left + place(number) * (right - left);
  const late = verdict(figure) === 'OVER' ? ' over' : '';
  const rate = isRate(figure);
  return [
    text(columns.words, y + 4, { style: 'label', words: shortened(name.replace(/^\w+: /, '')) }),
    text(columns.numbers, y + 4, {
      style: `value${late}`,
      words: `${plainNumber(value)}${rate ? '/s' : ` ${unit}`}`,
      anchor: 'end',
    }),
    bar('track', [left, right], y),
    rate ? bar('bar', [left, x(value)], y) : '',
    p99 === null ? '' : bar('tail', [x(value), x(p99)], y),
    floor === null ? '' : floorMark(x(floor), y),
    budget === null ? '' : budgetMark(x(budget), y),
    rate ? '' : `<circle class="ours" cx="${at(x(value))}" cy="${at(y)}" r="6"/>`,
  ].join('');
}

/** Where the powers of ten stand, below the rows. */
function gridOf(ticks, { place, top, bottom }) {
  const [left, right] = columns.marks;
  return ticks.map((tick) => {
    const x = left + place(tick) * (right - left);
    return (
      `<line class="grid" x1="${at(x)}" x2="${at(x)}" y1="${at(top)}" y2="${at(bottom)}"/>` +
      text(x, bottom + 16, { style: 'quiet', words: plainNumber(tick), anchor: 'middle' })
    );
  });
}

function panel(figures, { title, note, top, logarithmic = false }) {
  const first = top + 62;
  const bottom = first + figures.length * rowHeight - 10;
  const height = bottom - top + (logarithmic ? 28 : 6);
  const { place, ticks } = scaleOf(figures, logarithmic);
  const content = [
    `<rect class="card" x="${margin}" y="${at(top)}" width="${panelWidth}" height="${at(height)}" rx="14"/>`,
    text(columns.words, top + 30, { style: 'head', words: title }),
    text(columns.numbers, top + 30, { style: 'quiet', words: note, anchor: 'end' }),
    ...gridOf(ticks, { place, top: first - 14, bottom }),
    ...figures.map((figure, index) => row(figure, { y: first + index * rowHeight, place })),
  ].join('\n');
  return { content, end: top + height };
}

const legend = (y) =>
  [
    bar('bar', [margin + 4, margin + 22], y),
    text(margin + 34, y + 4, { style: 'quiet', words: 'Parley' }),
    floorMark(margin + 98, y),
    text(margin + 110, y + 4, { style: 'quiet', words: 'floor: the bare thing in the same run' }),
    budgetMark(margin + 330, y),
    text(margin + 342, y + 4, { style: 'quiet', words: 'budget of the design' }),
    bar('tail', [margin + 482, margin + 504], y),
    text(margin + 514, y + 4, { style: 'quiet', words: 'as far as p99' }),
  ].join('');

/** Says the figures for those who do not see them. */
function described(figures) {
  const words = figures.map(({ name, value, unit, floor, budget, p99 = null }) => {
    const beside = [
      p99 === null ? '' : `, p99 ${plainNumber(p99)}`,
      floor === null ? '' : `, floor ${plainNumber(floor)}`,
      budget === null ? '' : `, budget ${plainNumber(budget)}`,
    ].join('');
    return `${name}: ${plainNumber(value)} ${unit}${beside}.`;
  });
  return words.join(' ');
}

const farEnd = (name) => (name.includes(' p50,') ? name.replace(' p50,', ' p99,') : null);

/** Which figures are shown: rates, and times that have something beside them. */
export function shownFigures(figures) {
  const shown = figures.filter(({ name }) => shownParts.test(name));
  const rates = shown.filter(isRate).slice(0, rowsMax);
  const times = shown
    .filter((one) => one.unit === 'ms' && (one.floor !== null || one.budget !== null))
    .filter(({ name }) => !/processor time/.test(name) && !/ p99,/.test(name))
    .map((one) => ({
      ...one,
      p99: shown.find(({ name }) => name === farEnd(one.name))?.value ?? null,
    }))
    .slice(0, rowsMax);
  return { rates, times };
}

/** The SVG's text; rows that were not measured are left out. */
export function picture(figures) {
  const { rates, times } = shownFigures(figures);
  const panels = [];
  let top = panelTop;
  for (const [rows, look] of [
    [rates, { title: 'Throughput', note: 'more is better' }],
    [times, { title: 'Latency', note: 'powers of ten; less is better', logarithmic: true }],
  ]) {
    if (rows.length === 0) continue;
    const { content, end } = panel(rows, { ...look, top });
    panels.push(content);
    top = end + gap;
  }
  const height = Math.round(top - gap + margin);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title about">
<title id="title">Parley: throughput and latency</title>
<desc id="about">${escaped(described([...rates, ...times]))}</desc>
<style>${styles}
</style>
<rect class="paper" width="${width}" height="${height}" rx="20"/>
${text(margin, 56, { style: 'title', words: 'Every message encrypted, and on disk before it is acknowledged' })}
${legend(92)}
${panels.join('\n')}
</svg>
`;
}
