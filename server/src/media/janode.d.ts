/** Types of what is used of Janode, which ships none. Written after its source, version 1.8. */

declare module 'janode' {
  import type { EventEmitter } from 'node:events';

  export interface Jsep {
    type: 'offer' | 'answer';
    sdp: string;
    e2ee?: boolean;
  }

  export interface JanusMessage {
    plugindata?: { data?: Record<string, unknown> };
  }

  export interface Handle extends EventEmitter {
    readonly id: number;
    /** Rejects with an Error whose message begins with Janus's numeric code. */
    message(body: Record<string, unknown>, jsep?: Jsep): Promise<JanusMessage>;
    trickle(
      candidate: { candidate: string; sdpMid?: string; sdpMLineIndex?: number } | null,
    ): Promise<unknown>;
    detach(): Promise<void>;
  }

  export interface Session extends EventEmitter {
    attach<Kind extends Handle>(plugin: PluginDescriptor<Kind>): Promise<Kind>;
    destroy(): Promise<void>;
  }

  export interface Connection extends EventEmitter {
    create(keepAliveSeconds?: number): Promise<Session>;
    close(): Promise<void>;
  }

  /** `kind` has no runtime meaning: it carries the type of the handle. */
  export interface PluginDescriptor<Kind extends Handle> {
    readonly id: string;
    readonly Handle: new (...parameters: never[]) => Kind;
    readonly EVENT: Readonly<Record<string, string>>;
  }

  const Janode: {
    connect(configuration: {
      address: { url: string; apisecret?: string };
      retry_time_secs?: number;
      max_retries?: number;
      ws_options?: { maxPayload?: number; handshakeTimeout?: number };
    }): Promise<Connection>;
    readonly Logger: { setLevel(level: string): string };
    readonly EVENT: Readonly<
      Record<
        | 'CONNECTION_CLOSED'
        | 'CONNECTION_ERROR'
        | 'SESSION_DESTROYED'
        | 'HANDLE_DETACHED'
        | 'HANDLE_HANGUP'
        | 'HANDLE_MEDIA'
        | 'HANDLE_WEBRTCUP',
        string
      >
    >;
  };
  export default Janode;
}

declare module 'janode/plugins/videoroom' {
  import type { Handle, Jsep, PluginDescriptor } from 'janode';

  /** A stream of a publisher. */
  export interface PublisherStream {
    type: 'audio' | 'video' | 'data';
    mid: string;
    disabled?: boolean;
  }

  export interface Publisher {
    feed: number;
    streams?: PublisherStream[];
  }

  /** A media line of a subscription. */
  export interface SubscriptionStream {
    type: 'audio' | 'video' | 'data';
    mid: string;
    active?: boolean;
    feed_id?: number;
    feed_mid?: string;
  }

  export interface VideoRoomHandle extends Handle {
    joinPublisher(options: {
      room: number;
      feed: number;
      pin: string;
    }): Promise<{ publishers: Publisher[] }>;
    publish(options: { e2ee: true; jsep: Jsep; bitrate?: number }): Promise<{ jsep?: Jsep }>;
    configure(options: { e2ee: true; jsep: Jsep } | { restart: true }): Promise<{ jsep?: Jsep }>;
    joinSubscriber(options: {
      room: number;
      pin: string;
      /** Without `mid`: all of the feed. */
      streams: { feed: number; mid?: string }[];
    }): Promise<{ jsep?: Jsep; streams?: SubscriptionStream[] }>;
    update(options: {
      subscribe: { feed: number; mid: string }[];
      unsubscribe?: { feed: number }[];
    }): Promise<{ jsep?: Jsep; streams?: SubscriptionStream[] }>;
    start(options: { e2ee: true; jsep: Jsep }): Promise<unknown>;
    leave(): Promise<unknown>;
    destroy(options: { room: number; secret: string; permanent: false }): Promise<unknown>;
    list(): Promise<{ list: { room: number; description?: string; num_participants?: number }[] }>;
  }

  const plugin: PluginDescriptor<VideoRoomHandle> & {
    readonly EVENT: Readonly<
      Record<
        | 'VIDEOROOM_PUB_LIST'
        | 'VIDEOROOM_UNPUBLISHED'
        | 'VIDEOROOM_LEAVING'
        | 'VIDEOROOM_KICKED'
        | 'VIDEOROOM_DESTROYED'
        | 'VIDEOROOM_UPDATED',
        string
      >
    >;
  };
  export default plugin;
}
