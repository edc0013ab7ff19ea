/** A ceramics shop: warm, quiet, much air. */
import { escape } from './escape.js';

const vessel = (body, glaze, shade) =>
  `<svg viewBox="0 0 200 200" aria-hidden="true">
    <rect width="200" height="200" fill="${shade}"/>
    <ellipse cx="100" cy="176" rx="52" ry="7" fill="#000" opacity=".08"/>
    <path d="${body}" fill="${glaze}"/>
    <path d="${body}" fill="url(#light)"/>
  </svg>`;

const wares = [
  [
    'Moon jar',
    'Porcelain, milk glaze',
    '₹ 6,400',
    'M78 40h44l-4 14c26 10 42 32 42 62 0 34-24 60-60 60s-60-26-60-60c0-30 16-52 42-62z',
    '#f4efe6',
    '#e3d9c8',
  ],
  [
    'Tall vase',
    'Stoneware, celadon',
    '₹ 4,900',
    'M84 28h32l-3 34c18 12 25 34 25 60 0 30-12 54-38 54s-38-24-38-54c0-26 7-48 25-60z',
    '#8fae9b',
    '#dde5dc',
  ],
  [
    'Tea bowl',
    'Raku, iron red',
    '₹ 2,200',
    'M38 84h124c0 50-16 82-44 90H82c-28-8-44-40-44-90z',
    '#a3523a',
    '#eddcd2',
  ],
  [
    'Oil flask',
    'Stoneware, ash',
    '₹ 3,100',
    'M90 26h20v38c26 8 44 30 44 58 0 32-22 54-54 54s-54-22-54-54c0-28 18-50 44-58z',
    '#6f6a63',
    '#e0dedb',
  ],
  [
    'Low dish',
    'Porcelain, cobalt',
    '₹ 2,800',
    'M22 116h156c-4 34-34 58-58 60H80c-24-2-54-26-58-60z',
    '#34507f',
    '#d9dfe9',
  ],
  [
    'Storage jar',
    'Earthenware, honey',
    '₹ 3,600',
    'M66 44h68v14c18 12 26 34 26 62 0 34-20 56-60 56s-60-22-60-56c0-28 8-50 26-62z',
    '#c48a3a',
    '#f0e4cd',
  ],
];

export const shop = {
  title: 'Kiln Lane Ceramics',
  body: () => `
<svg width="0" height="0" aria-hidden="true"><linearGradient id="light" x1="0" x2="1"><stop offset="0" stop-color="#fff" stop-opacity=".28"/><stop offset=".5" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity=".2"/></linearGradient></svg>
<header><a class="name" href="/">Kiln Lane</a><nav aria-label="Main"><a href="#wares">Wares</a><a href="#studio">Studio</a><a href="#visit">Visit</a></nav></header>
<section class="hero"><p class="kicker">Autumn firing</p><h1>Pots for the table you already have</h1><p>Thrown, glazed and fired in small batches. Six pieces from last week’s kiln, each one of its kind.</p></section>
<ul class="wares" id="wares">
${wares
  .map(
    ([name, kind, price, body, glaze, shade]) =>
      `<li><a href="#">${vessel(body, glaze, shade)}<strong>${escape(name)}</strong><span>${escape(kind)}</span><b>${escape(price)}</b></a></li>`,
  )
  .join('\n')}
</ul>
<section class="note" id="studio"><h2>From the studio</h2><p>Every glaze is mixed from wood ash and local clay, so no two are alike. If you want to see a piece from all sides, open the chat: we are glad to turn it round for you on a video call.</p></section>
<footer id="visit"><p>Kiln Lane 4, open Thursday to Sunday</p></footer>`,
  style: `
:root { --ink: #2d2721; --paper: #f7f3ec; --soft: #776c5f; --accent: #8b4a32; }
body { font-family: Iowan Old Style, Palatino, 'Noto Serif', Georgia, serif; }
h1 { font-size: clamp(34px, 5vw, 60px); line-height: 1.05; font-weight: 500; letter-spacing: -0.02em; max-width: 14em; margin: 8px 0 20px; }
.kicker { text-transform: uppercase; letter-spacing: .14em; font-size: 13px; color: var(--accent); }
.wares svg { border-radius: 6px; }
parley-chat { --parley-accent: oklch(0.47 0.09 40); }`,
};
