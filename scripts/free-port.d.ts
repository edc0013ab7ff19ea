/** A TCP port on loopback, 12000 to 31999, that was free a moment ago, and that no outgoing connection is given. */
export declare function freePort(): Promise<number>;
