/** Every limit of the wire in one table; SECURITY.md documents it, tests stand at, below and above each. */
export const limits = {
  /** Ciphertext of one application message: 8,000 characters of 4 bytes, padding and framing. */
  ciphertextBytesMax: 65_536,
  /** A commit; 163 kB were measured at 128 leaves with X-Wing. */
  commitBytesMax: 262_144,
  welcomeBytesMax: 524_288,
  groupInfoBytesMax: 524_288,
  keyPackageBytesMax: 8_192,
  keyPackagesPerPublishMax: 100,
  keyPackagesPerDeviceMax: 200,
  /** The server asks for more when fewer one-time key packages are left. */
  keyPackagesLow: 20,
  devicesPerAccountMax: 16,
  sdpCharactersMax: 65_536,
  candidateCharactersMax: 2_048,
  pullEntriesMax: 200,
  pullBytesMax: 1_048_576,
  headsPerPageMax: 500,
  acknowledgementsMax: 500,
  /** How many epochs behind the current one a message may still be. ts-mls keeps 4. */
  epochsBehindMax: 3,
  challengeSeconds: 120,
  sessionSeconds: 30 * 24 * 3600,
  handleRestSeconds: 30 * 24 * 3600,
  ringSeconds: 45,
  /** How long it still rings for a caller who is gone. */
  callerGoneSeconds: 8,
  /** Sockets and event streams at a time, and of one network address (a household, an office, a mobile carrier's gate). */
  connectionsMax: 30_000,
  connectionsPerAddressMax: 1_000,
  /** Those among them on which nobody has signed in. */
  unsignedMax: 5_000,
  unsignedPerAddressMax: 200,
  /** A browser has one; the newest stay, for those of before a lost network may be dead without knowing. */
  connectionsPerDeviceMax: 16,
  /** How long a client that another one of its device replaces may take to hear it and go. */
  giveWayMs: 1_000,
  /** How long a connection may be there without a log-in. */
  signInSeconds: 600,
  /** Log-ins of one device that are good at a time; the newest stay. */
  sessionsPerDeviceMax: 16,
  /** How long the head of an HTTP request may take, and all of it. */
  headersSeconds: 10,
  requestSeconds: 60,
  /** Frames of one client that may wait unsent before it is cut off. */
  slowConsumerBytesMax: 4_194_304,
  /** Events that may wait for a stream over HTTP; their bytes are bounded as those of a socket. */
  waitingEventsMax: 1_000,
  websocketMessageBytesMax: 2_097_152,
  /** Requests of one connection that are answered at a time; clients of ours have 16 under way. */
  requestsAtATimeMax: 256,
  /** A client needs one; a further one may begin before the former is known to be over. */
  streamsPerConnectionMax: 4,
} as const;
