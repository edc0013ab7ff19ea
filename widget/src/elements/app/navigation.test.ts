import { expect, it } from 'vitest';
import type { ConversationId } from '../../core/ids.js';
import { currentRoute, goBack, goTo, home } from './navigation.js';

const conversationId = 'c' as ConversationId;

it('comes back to the list, and from there to nothing', () => {
  const there = goTo(home, { screen: 'conversation', conversationId });
  expect(currentRoute(there)).toEqual({ screen: 'conversation', conversationId });
  const back = goBack(there);
  expect(back && currentRoute(back)).toEqual({ screen: 'conversations' });
  expect(back && goBack(back)).toBeNull();
});

it('does not come back to a new message', () => {
  const there = goTo(goTo(home, { screen: 'new' }), { screen: 'conversation', conversationId });
  expect(there.stack.map(({ screen }) => screen)).toEqual(['conversations', 'conversation']);
});

it('closes what lies over a place first', () => {
  const covered = {
    ...goTo(home, { screen: 'settings' }),
    overlay: { overlay: 'sign_out' } as const,
  };
  const back = goBack(covered);
  expect(back?.overlay).toBeNull();
  expect(back && currentRoute(back)).toEqual({ screen: 'settings' });
});
