/** How much of what happens is drawn with one frame: a flood that is drawn at once holds the whole page up. */
import { windowMessagesMax, type MessagesChange } from './message-window.js';

/** Messages that may come with one frame: where drawing is fast, and where it is slow. */
export const perFrameMax = 16;
export const perFrameMin = 4;

/** Where drawing takes longer than this, the next frame brings half as many: what one does comes in between. */
export const drawingMs = 12;

/** Holds back what is too much for a frame, in order. */
export class Pace {
  private waiting: MessagesChange[] = [];
  private perFrame = perFrameMax;
  private room = perFrameMax;

  /** @returns what may be drawn with the coming frame */
  add(change: MessagesChange): MessagesChange[] {
    this.waiting.push(change);
    return this.take();
  }

  /** Call when a frame was drawn. @param tookMs drawing @returns what may be drawn with the next */
  next(tookMs: number): MessagesChange[] {
    this.perFrame =
      tookMs > drawingMs
        ? Math.max(perFrameMin, this.perFrame / 2)
        : Math.min(perFrameMax, this.perFrame + 1);
    this.room = Math.floor(this.perFrame);
    return this.take();
  }

  /** @returns all that waits; from then on nothing does */
  all(): MessagesChange[] {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }

  private take(): MessagesChange[] {
    const count = this.waiting.reduce((sum, { messages }) => sum + messages.length, 0);
    // Nobody looks, or most of it would be gone again before anybody could read it.
    if (document.visibilityState === 'hidden' || count > windowMessagesMax) return this.all();
    const taken: MessagesChange[] = [];
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      const { messages, removed } = first;
      if (messages.length <= this.room) {
        taken.push(first);
        this.room -= messages.length;
        this.waiting.shift();
        continue;
      }
      if (this.room > 0) taken.push({ messages: messages.slice(0, this.room), removed: [] });
      this.waiting[0] = { messages: messages.slice(this.room), removed };
      this.room = 0;
      break;
    }
    return taken;
  }
}
