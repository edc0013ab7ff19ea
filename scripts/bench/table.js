/** Figures as rows of text. */

/** Rates are better the higher they are; everything else the lower. */
export const isRate = ({ unit }) => unit.endsWith('/s');

/** `ok` or `OVER`, as the budget has it; nothing without a budget. */
export function verdict({ value, unit, budget }) {
  if (budget === null) return '';
  return (isRate({ unit }) ? value >= budget : value <= budget) ? 'ok' : 'OVER';
}

/** Three digits that count, with commas: `1,234,567`, `12.3`, `0.0123`. */
export function plainNumber(value) {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? 0 : Math.min(6, 2 - Math.floor(Math.log10(size)));
  return Number(value.toFixed(digits)).toLocaleString('en', { maximumFractionDigits: 6 });
}

/** How much of its floor a figure is: `1.8 x`. */
export const timesFloor = ({ value, floor }) =>
  floor === null || floor === 0 ? '' : `${plainNumber(value / floor)} x`;

const cells = (figure) => [
  figure.name,
  plainNumber(figure.value),
  figure.unit,
  figure.floor === null ? '' : plainNumber(figure.floor),
  timesFloor(figure),
  figure.budget === null ? '' : plainNumber(figure.budget),
  verdict(figure),
];
const head = ['figure', 'value', 'unit', 'floor', 'to floor', 'budget', ''];
/** Columns of words; the others are numbers and end in one line. */
const words = new Set([0, 2, 6]);

/** For a terminal: columns in line, one row a figure. */
export function terminalTable(figures) {
  const rows = [head, ...figures.map(cells)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, column) =>
        words.has(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

/** For a page: one row a figure. */
export function markdownTable(figures) {
  const row = (texts) => `| ${texts.join(' | ')} |`;
  const escaped = (text) => text.replaceAll('|', '\\|');
  const withUnit = (number, unit) =>
    number === null ? '' : `${plainNumber(number)}${unit === '1/s' ? '/s' : ` ${unit}`}`;
  return [
    row(['figure', 'here', 'floor', 'budget']),
    row(['---', '---:', '---:', '---:']),
    ...figures.map((figure) => {
      const { name, value, unit, floor, budget } = figure;
      const over = verdict(figure) === 'OVER' ? ' (missed)' : '';
      return row([
        escaped(name),
        withUnit(value, unit),
        withUnit(floor, unit),
        withUnit(budget, unit) + over,
      ]);
    }),
  ].join('\n');
}
