import { describe, expect, it } from 'vitest';
import { piecesOf } from './links.js';

const hrefs = (text: string): (string | undefined)[] =>
  piecesOf(text).flatMap(({ href }) => (href === undefined ? [] : [href]));

describe('links in messages', () => {
  it('keeps every character of plain text', () => {
    expect(piecesOf('no link here\n  at all ')).toEqual([{ text: 'no link here\n  at all ' }]);
    expect(piecesOf('')).toEqual([]);
  });

  it('links http and https and nothing else', () => {
    expect(hrefs('https://a.example/x and http://b.example')).toEqual([
      'https://a.example/x',
      'http://b.example/',
    ]);
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://a.example',
      'file:///etc',
      '//a.example',
    ])
      expect(hrefs(text)).toEqual([]);
  });

  it('leaves the end of a sentence outside', () => {
    expect(piecesOf('See https://a.example/b.').map(({ text }) => text)).toEqual([
      'See ',
      'https://a.example/b',
      '.',
    ]);
    expect(hrefs('(https://a.example/b_(c))')).toEqual(['https://a.example/b_(c)']);
    expect(hrefs('(https://a.example/b)')).toEqual(['https://a.example/b']);
  });

  it('does not link an address that hides its host behind a user name', () => {
    expect(hrefs('https://bank.example@evil.example/')).toEqual([]);
    expect(hrefs('https://bank.example:pass@evil.example/')).toEqual([]);
  });

  it('does not link an address with marks that turn the direction', () => {
    expect(hrefs('https://a.example/\u2066moc.live')).toEqual([]);
  });

  it('shows a host in mixed scripts in its ASCII form', () => {
    expect(piecesOf('https://аpple.com/login')[0]?.text).toBe('https://xn--pple-43d.com/login');
    expect(piecesOf('https://münchen.example/')[0]?.text).toBe('https://münchen.example/');
    expect(piecesOf('https://пример.рф/')[0]?.text).toBe('https://пример.рф/');
  });

  it('takes away marks that write backwards', () => {
    expect(piecesOf('photo\u202Egpj.exe')).toEqual([{ text: 'photogpj.exe' }]);
  });

  it.each([')', ')]}', '.)', '…'])('takes no time over thousands of %s', (end) => {
    const startedAt = performance.now();
    const written = `https://a.example/b${end.repeat(8_000 / end.length)}`;
    expect(hrefs(written)).toEqual(['https://a.example/b']);
    expect(performance.now() - startedAt).toBeLessThan(200);
  });
});
