import { expect, test } from 'vitest';
import { makeSiteKey, parseDomain, parseOrigin, SiteRuleError } from './rules.js';

test.each([
  ['shop.example', 'shop.example'],
  ['Shop.Example', 'shop.example'],
  ['bazaar.localhost', 'bazaar.localhost'],
  ['localhost', 'localhost'],
  ['बाज़ार.example', 'xn--81b5an1cic.example'],
])('%s is the domain %s', (text, domain) => {
  expect(parseDomain(text)).toBe(domain);
});

test.each(['', 'shop example', 'shop.example:80', 'https://shop.example', 'shop.example/x', '-shop.example',
  'a@b.example', 'under_score.example', `${'a'.repeat(64)}.example`, '[::1]'])('"%s" is no domain', (text) => {
  expect(() => parseDomain(text)).toThrow(SiteRuleError);
}); // prettier-ignore

test.each([
  ['https://shop.example', 'https://shop.example'],
  ['https://shop.example/', 'https://shop.example'],
  ['https://Shop.Example:443', 'https://shop.example'],
  ['http://localhost:8080', 'http://localhost:8080'],
])('%s is the origin %s', (text, origin) => {
  expect(parseOrigin(text)).toBe(origin);
});

test.each(['', '*', 'null', 'shop.example', 'https://shop.example/path', 'https://shop.example?x', 'ftp://shop.example',
  'https://user@shop.example', 'file:///', 'javascript:alert(1)'])('"%s" is no origin', (text) => {
  expect(() => parseOrigin(text)).toThrow(SiteRuleError);
}); // prettier-ignore

test('site keys are random', () => {
  expect(makeSiteKey()).toMatch(/^pk_[A-Za-z0-9_-]{22}$/);
  expect(makeSiteKey()).not.toBe(makeSiteKey());
});
