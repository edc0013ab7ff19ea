/** What both demo pages share: the document around them and the style of their layout. */
import { escape } from './escape.js';

/** The whole document. `attributes` go to the element: theme, lang, to. */
export const documentOf = (page, { server, siteKey, lang, attributes }) => `<!doctype html>
<html lang="${escape(lang)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>${escape(page.title)}</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/style.css">
<script type="module" src="${escape(server)}/parley.js"></script>
</head>
<body>
<main>${page.body()}</main>
<parley-chat site="${escape(siteKey)}"${Object.entries(attributes)
  .map(([name, value]) => ` ${name}="${escape(value)}"`)
  .join('')}></parley-chat>
</body>
</html>
`;

export const layout = `
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--paper); color: var(--ink); font-size: 17px; line-height: 1.55; }
main { max-width: 1120px; margin: 0 auto; padding: 0 24px 120px; }
header { display: flex; align-items: baseline; justify-content: space-between; gap: 24px; padding: 28px 0 20px; flex-wrap: wrap; }
.name { font-size: 22px; font-weight: 700; letter-spacing: -0.01em; color: inherit; text-decoration: none; }
nav { display: flex; gap: 22px; }
nav a { color: var(--soft); text-decoration: none; }
nav a:hover { color: var(--ink); text-decoration: underline; }
.hero { padding: 56px 0 40px; max-width: 760px; }
.hero p { margin: 0; color: var(--soft); max-width: 40em; }
.hero .kicker { color: var(--accent); }
.wares { list-style: none; margin: 0; padding: 0; display: grid; gap: 36px 28px; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); }
.wares a { display: grid; color: inherit; text-decoration: none; gap: 2px; }
.wares svg { width: 100%; display: block; margin-block-end: 10px; transition: translate 200ms ease-out; }
.wares a:hover svg { translate: 0 -4px; }
.wares span { color: var(--soft); font-size: 15px; }
.wares b { font-weight: 500; font-size: 15px; }
.note { margin-block-start: 72px; max-width: 42em; }
.note h2 { font-size: 24px; letter-spacing: -0.01em; }
footer { margin-block-start: 56px; padding-block-start: 20px; border-block-start: 1px solid color-mix(in srgb, var(--ink) 14%, transparent); color: var(--soft); font-size: 15px; }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 4px; border-radius: 4px; }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; scroll-behavior: auto !important; } }
`;

export const icon = (colour) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="${colour}"/></svg>`;
