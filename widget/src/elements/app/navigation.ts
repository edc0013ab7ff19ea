/** Where one is in the widget and how one came there, as plain state. */
import type { Overlay, Route } from '../base/events.js';

/** The places gone through, the current one last; and what lies over it. */
export interface Navigation {
  readonly stack: readonly Route[];
  readonly overlay: Overlay | null;
  readonly motion: 'forward' | 'back' | 'none';
}

/** The start: the list. */
export const home: Navigation = {
  stack: [{ screen: 'conversations' }],
  overlay: null,
  motion: 'none',
};

/** The current place. */
export function currentRoute(navigation: Navigation): Route {
  return navigation.stack.at(-1) ?? { screen: 'conversations' };
}

/** Goes to a place. From a new message one does not come back to it: the conversation takes its place. */
export function goTo(navigation: Navigation, route: Route): Navigation {
  const kept = navigation.stack.filter(({ screen }) => screen !== 'new' && screen !== route.screen);
  const stack: Route[] = route.screen === 'conversations' ? [route] : [...kept, route];
  return { stack, overlay: null, motion: 'forward' };
}

/** Goes back, or closes what lies over the place. `null`: there is nothing to go back to. */
export function goBack(navigation: Navigation): Navigation | null {
  if (navigation.overlay) return { ...navigation, overlay: null, motion: 'none' };
  if (navigation.stack.length <= 1) return null;
  return { stack: navigation.stack.slice(0, -1), overlay: null, motion: 'back' };
}

/** Tells places apart. */
export function routeKey(route: Route): string {
  return 'conversationId' in route ? `${route.screen} ${route.conversationId}` : route.screen;
}
