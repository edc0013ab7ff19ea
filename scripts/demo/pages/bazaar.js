/** A book bazaar: many colours, many languages. */
import { escape } from './escape.js';

const books = [
  [
    'The Salt Road',
    'R. Menon',
    '₹ 240',
    '#1f4e5f',
    '#f2c14e',
    'M0 210 Q60 170 120 210 T240 200 V320 H0z',
  ],
  [
    'चाँदनी चौक',
    'अनिता राव',
    '₹ 180',
    '#7a1e3a',
    '#f7d6bf',
    'M120 70a50 50 0 1 0 40 90 60 60 0 1 1-40-90z',
  ],
  [
    'Rivers and Rails',
    'J. Fernandes',
    '₹ 320',
    '#2f5d3a',
    '#e9f0c9',
    'M60 270 L112 84 H128 L180 270 H152 L120 140 L88 270z',
  ],
  [
    'Ghalib: Selected',
    'tr. S. Khan',
    '₹ 260',
    '#3b2f63',
    '#f0b9a7',
    'M120 90 L190 200 L120 310 L50 200z',
  ],
  [
    'Book of Mangoes',
    'P. Desai',
    '₹ 410',
    '#c8641b',
    '#fff1c7',
    'M150 90c50 40 40 170-40 180-70 6-90-70-40-120 24-24 50-30 80-60z',
  ],
  [
    'Night Trains',
    'L. Okafor',
    '₹ 290',
    '#15202e',
    '#7fc7d9',
    'M0 230h240v20H0zM20 180h200v30H20z',
  ],
  [
    'किस्सागोई',
    'मनोहर लाल',
    '₹ 150',
    '#0e6655',
    '#fad7a0',
    'M40 110h160v20H40zm0 50h160v20H40zm0 50h110v20H40z',
  ],
  [
    'Monsoon Kitchen',
    'T. Iyer',
    '₹ 360',
    '#8e2b21',
    '#fde2c4',
    'M50 200h140c0 60-30 90-70 90s-70-30-70-90z',
  ],
];

const cover = ([title, author, , ground, figure, path]) =>
  `<svg viewBox="0 0 240 320" aria-hidden="true"><rect width="240" height="320" fill="${ground}"/><path d="${path}" fill="${figure}" opacity=".9"/><rect width="14" height="320" fill="#000" opacity=".18"/><text x="28" y="44" fill="${figure}" font-size="21" font-weight="700">${escape(title)}</text><text x="28" y="300" fill="#fff" opacity=".85" font-size="14">${escape(author)}</text></svg>`;

export const bazaar = {
  title: 'Lantern Book Bazaar',
  body: () => `
<header><a class="name" href="/">Lantern <em>Book Bazaar</em></a><nav aria-label="Main"><a href="#books">New in</a><a href="#stalls">Stalls</a><a href="#stalls">Sell a book</a></nav></header>
<section class="hero"><h1>Twelve stalls, nine languages, one long table of books.</h1><p>Ask a stallholder, or another reader: everyone here has a handle.</p></section>
<ul class="wares" id="books">
${books
  .map(
    (book) =>
      `<li><a href="#">${cover(book)}<strong>${escape(book[0])}</strong><span>${escape(book[1])}</span><b>${escape(book[2])}</b></a></li>`,
  )
  .join('\n')}
</ul>
<section class="note" id="stalls"><h2>How the bazaar works</h2><p>Stallholders set their own prices and answer for themselves. Write to them from this page: what you say stays between the two of you.</p></section>
<footer><p>Open every evening until the lanterns go out</p></footer>`,
  style: `
:root { --ink: #1d2430; --paper: #fff; --soft: #5d6878; --accent: #4f46a5; }
body { font-family: 'Avenir Next', 'Noto Sans', 'Noto Sans Devanagari', 'Segoe UI', sans-serif; }
header { border-block-end: 1px solid #e7e9ee; }
.name em { font-style: normal; font-weight: 400; color: var(--soft); }
h1 { font-size: clamp(30px, 4vw, 46px); line-height: 1.12; font-weight: 700; letter-spacing: -0.025em; max-width: 17em; margin: 0 0 12px; }
.wares { grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); }
.wares svg { aspect-ratio: 3 / 4; border-radius: 3px 8px 8px 3px; box-shadow: 0 6px 18px rgb(20 30 50 / .16); }
parley-chat { --parley-accent: oklch(0.48 0.16 280); }`,
};
