/** A place in a room: a handle that has entered as a publisher, by a feed id that is a random number of the server's. */
import { randomInt } from 'node:crypto';
import Janode from 'janode';
import videoroom, { type Publisher, type VideoRoomHandle } from 'janode/plugins/videoroom';
import { asMediaError, withDeadline } from './deadline.js';
import type { RoomKeys } from './janus-rooms.js';
import { detachQuietly } from './trickle.js';

export interface Seat {
  readonly feed: number;
  readonly handle: VideoRoomHandle;
}

/** What a handle in the room hears; all hear the same of the others, so the room keeps one table. */
export interface RoomNews {
  published: (publishers: Publisher[]) => void;
  stopped: (feed: number) => void;
  /** The handle is of no use any more: the room or the handle itself is gone. */
  lost: (feed: number) => void;
}

/** Enters the room. @throws MediaError `media_unavailable` */
export async function takeSeat(
  attach: () => Promise<VideoRoomHandle>,
  room: RoomKeys,
  news: RoomNews,
): Promise<Seat> {
  const handle = await attach();
  const feed = randomInt(1, 2 ** 48 - 1);
  listen({ feed, handle }, news);
  try {
    const joined = await withDeadline(
      'join',
      handle.joinPublisher({ room: room.id, pin: room.pin, feed }),
    );
    news.published(joined.publishers);
    return { feed, handle };
  } catch (error) {
    await detachQuietly(handle);
    throw asMediaError('join', error);
  }
}

function listen({ feed, handle }: Seat, news: RoomNews): void {
  const { EVENT } = videoroom;
  const stopped = (event: { feed: number }) => {
    news.stopped(event.feed);
  };
  const lost = () => {
    news.lost(feed);
  };
  handle.on(EVENT['VIDEOROOM_PUB_LIST'], (event: { publishers: Publisher[] }) => {
    news.published(event.publishers);
  });
  handle.on(EVENT['VIDEOROOM_UNPUBLISHED'], stopped);
  handle.on(EVENT['VIDEOROOM_LEAVING'], stopped);
  handle.on(EVENT['VIDEOROOM_KICKED'], stopped);
  handle.once(EVENT['VIDEOROOM_DESTROYED'], lost);
  handle.once(Janode.EVENT.HANDLE_DETACHED, lost);
}
