import { expect, it } from 'vitest';
import { isFewEmoji } from './emoji.js';

it.each(['🙂', '🎉🎉🎉', '👩🏽‍🌾', '🇮🇳', '❤️', '1️⃣', ' 🙏 ', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'])('draws %s large', (text) => {
  expect(isFewEmoji(text)).toBe(true);
});

it.each(['', ' ', 'a', '1', '©', '🙂🙂🙂🙂', '🙂 ok', '🙂\n🙂x', '1234', '#'])(
  'draws "%s" like other text',
  (text) => {
    expect(isFewEmoji(text)).toBe(false);
  },
);
