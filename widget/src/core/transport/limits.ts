/** What this client accepts from a server, however large that server says its limits are. */
export const transportLimits = {
  /** One frame of the socket. Larger ones end the connection. */
  frameBytesMax: 2_097_152,
  ciphertextBytesMax: 65_536,
  commitBytesMax: 262_144,
  welcomeBytesMax: 524_288,
  groupInfoBytesMax: 524_288,
  keyPackageBytesMax: 8_192,
  keyPackagesPerPublishMax: 100,
  devicesPerAccountMax: 16,
  sdpCharactersMax: 65_536,
  pullEntriesMax: 200,
  headsPerPageMax: 500,
  membersMax: 16,
  acknowledgementsMax: 500,
  /** Requests under way at a time; the server takes 256 of a connection. */
  requestsAtATimeMax: 32,
  /** Messages of one conversation under way at a time: half the requests, so that nothing else waits for a burst. */
  sendsAtATimeMax: 16,
  requestTimeoutMs: 20_000,
  /** A proxy may let a WebSocket hang instead of refusing it: after so long the way over HTTP is tried. */
  openTimeoutMs: 8_000,
  /** A ping after so much silence, and so long to answer: a dead socket is noticed within 30 seconds. */
  pingIntervalMs: 15_000,
  pongTimeoutMs: 8_000,
} as const;
