/** Where one reads in a conversation, kept while lines come and go above and below it. Everything is put right before
 * the browser paints, and in ways that it counts as scrolling and not as a layout shift:
 * - what comes at the end scrolls up what stands above; in a talk shorter than its frame a transform does;
 * - what goes above, while one follows the end, leaves its room empty until it is quiet or one leaves the end: no line
 *   changes its place there;
 * - else the scroll position takes back what lines were moved by. By hand, because not every browser anchors. */

/** Within this distance of the end, in pixels, one is at the end. */
const endPx = 24;

/** What scrolls, what is scrolled, the empty room above, and what stands above the first line of all. */
export interface Parts {
  scroller: HTMLElement;
  content: HTMLElement;
  room: HTMLElement;
  head: HTMLElement | null;
}

/** So long nothing must have come or gone for the room to be given up. */
const quietMs = 500;

/** Keeps the place of one scroller at a time. */
export class PlaceKeeper {
  /** The line that keeps its place while others come and go: where its edge stands in the content, and in the view. */
  private anchor:
    { key: string; edgeOf: (line: HTMLElement) => number; offset: number; top: number } | undefined;
  private parts: Parts | undefined;
  private roomPx = 0;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  /** Size that the place was last right for. */
  private size = '';
  private readonly resized = new ResizeObserver(() => {
    this.keepEnd();
  });

  /** @param isAtEnd whether one stood at the end when what is shown was last right */
  constructor(private readonly isAtEnd: () => boolean) {}

  /** Stops watching. */
  release(): void {
    this.resized.disconnect();
    clearTimeout(this.quiet);
    this.roomPx = 0;
    this.parts = undefined;
  }

  /** Works on these parts from now on; call when what has changed has drawn itself. */
  hold(parts: Parts): void {
    if (parts.content !== this.parts?.content) {
      this.release();
      this.resized.observe(parts.scroller);
      this.resized.observe(parts.content);
    }
    this.parts = parts;
    this.size = sizeOf(parts);
    settleShort(parts);
    if (this.roomPx > 0) this.awaitQuiet();
  }

  /** Call before lines change; again before `restore`, it remembers what was seen last. */
  remember(): void {
    const { scroller } = this.parts ?? {};
    if (!scroller || this.anchor) return;
    const { scrollTop } = scroller;
    const lines = [...scroller.querySelectorAll<HTMLElement>('li[data-key]:not(.day)')];
    const atEnd = this.isAtEnd();
    const line = atEnd ? lines.at(-1) : lines.find((one) => bottomOf(one) > scrollTop);
    if (!line) return;
    // The first one in the view is lower as soon as another of its run stands above it; what is below stays.
    const edgeOf = atEnd ? topOf : bottomOf;
    const offset = edgeOf(line);
    this.anchor = { key: line.dataset['key'] ?? '', edgeOf, offset, top: offset - scrollTop };
  }

  /** Call when the changed lines have drawn themselves, and before one goes `toEnd`. */
  restore(): void {
    const { anchor, parts } = this;
    this.anchor = undefined;
    if (!anchor || !parts) return;
    const { scroller } = parts;
    const line = scroller.querySelector<HTMLElement>(`[data-key="${CSS.escape(anchor.key)}"]`);
    if (!line) return;
    const edge = anchor.edgeOf(line);
    const moved = edge - anchor.offset;
    if (moved < 0 && this.isAtEnd()) this.setRoom(parts, this.roomPx - moved);
    scroller.scrollTop = edge - anchor.top;
  }

  /** To the last line. */
  toEnd(): void {
    const { scroller } = this.parts ?? {};
    this.anchor = undefined;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
  }

  /** To a line, with a little of what came before it. */
  toLine(line: HTMLElement): void {
    const { scroller } = this.parts ?? {};
    this.anchor = undefined;
    if (scroller) scroller.scrollTop = line.offsetTop - scroller.clientHeight * 0.25;
  }

  /** Whether the end is in sight. */
  get seesEnd(): boolean {
    const { scroller } = this.parts ?? {};
    return !scroller || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= endPx;
  }

  /** Another size moves what is shown; whoever was at the end stays there.
   * @returns whether the size is another than before. */
  keepEnd(): boolean {
    const { parts } = this;
    if (!parts) return false;
    const size = sizeOf(parts);
    if (size === this.size) return false;
    this.size = size;
    settleShort(parts);
    if (this.isAtEnd()) this.toEnd();
    return true;
  }

  /** Nobody shall scroll into nothing: call when one leaves the end. */
  giveUpRoom(): void {
    const { parts, roomPx } = this;
    if (!parts || roomPx === 0) return;
    const scrollTop = parts.scroller.scrollTop - roomPx;
    this.setRoom(parts, 0);
    parts.scroller.scrollTop = scrollTop;
  }

  private setRoom(parts: Parts, px: number): void {
    this.roomPx = px;
    parts.room.style.height = `${String(px)}px`;
    this.size = sizeOf(parts);
    this.awaitQuiet();
  }

  /** In a frame of its own: where lines come in the same one, their own way up counts as if the room were part of it. */
  private awaitQuiet(): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      const { quiet } = this;
      requestAnimationFrame(() => {
        if (quiet === this.quiet) this.giveUpRoom();
      });
    }, quietMs);
  }
}

const topOf = (line: HTMLElement): number => line.offsetTop;
const bottomOf = (line: HTMLElement): number => line.offsetTop + line.offsetHeight;

function sizeOf({ scroller, content }: Parts): string {
  return [scroller.clientWidth, scroller.clientHeight, content.offsetHeight].join(' ');
}

/** A short talk stands at the bottom, where one writes; with whom, in the middle of what it leaves free. */
function settleShort({ scroller, content, head }: Parts): void {
  const { height } = content.getBoundingClientRect();
  // Rounded down: a fraction of a pixel too far would have it scroll.
  const free = Math.max(0, Math.floor(scroller.clientHeight - height));
  content.style.transform = free > 0 ? `translateY(${String(free)}px)` : '';
  if (head) head.style.transform = free > 0 ? `translateY(${String(-free / 2)}px)` : '';
}
