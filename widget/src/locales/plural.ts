/** Picks the form of a word that goes with a number, by the rules of a language. */
export function pluralOf(
  tag: string,
): (count: number, forms: { one: string; other: string }) => string {
  const rules = new Intl.PluralRules(tag);
  const numbers = new Intl.NumberFormat(tag);
  return (count, forms) =>
    (rules.select(count) === 'one' ? forms.one : forms.other).replace('#', numbers.format(count));
}
