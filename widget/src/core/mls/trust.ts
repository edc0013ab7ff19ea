/** The authentication service of RFC 9420, section 5.3.1, as ts-mls asks for it, and the settings of every call. */
import {
  defaultCredentialTypes,
  defaultKeyPackageEqualityConfig,
  type CiphersuiteImpl,
  type ClientConfig,
  type MlsContext,
} from 'ts-mls';
import { decodeCredential, verifyCredential } from '../identity/credential.js';
import type { MlsErrorCode, Trust } from './contract.js';
import { suite } from './crypto/suite.js';
import { MlsError } from './errors.js';

/** How much this device can still open: the server takes messages up to 3 epochs old (`epochsBehindMax`). A sender
 * that gave up many messages leaves a hole of generations; beyond the bound its message is asked for again. */
const keyRetentionConfig = {
  retainKeysForEpochs: 4,
  retainKeysForGenerations: 32,
  maximumForwardRatchetSteps: 1_000,
};

/** Handshakes are padded to this; application messages to the buckets of `messages.ts`. */
const handshakePadding = { kind: 'padUntilLength', padUntilLength: 256 } as const;

export function configWith(paddingConfig: ClientConfig['paddingConfig']): ClientConfig {
  return {
    keyRetentionConfig,
    // A leaf may stay in the tree long after its key package has expired; adding one is checked by `verifyKeyPackage`.
    lifetimeConfig: { maximumTotalLifetime: 0n, validateLifetimeOnReceive: false },
    keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
    paddingConfig,
  };
}

/** Hashes of one transition: a group of 128 leaves takes 1,600, and a tree of a member's making any number. */
const digestsMax = 8_000;

/** @throws MlsError `malformed`, from within the library, for what would cost too much to check. */
function boundedSuite(): CiphersuiteImpl {
  let digests = 0;
  const digest: typeof suite.hash.digest = async (data) => {
    digests += 1;
    if (digests > digestsMax) throw new MlsError('malformed');
    return suite.hash.digest(data);
  };
  return { ...suite, hash: { ...suite.hash, digest } };
}

interface Check {
  context: MlsContext;
  /** Turns what the library threw into our error: `credential_refused` when it was this service that said no. */
  failure: (error: unknown, otherwise: MlsErrorCode) => MlsError;
}

/** The service for one call: a leaf counts only if the account vouches for its key, belongs here, and is the pinned one. */
export function checkWith(trust: Trust): Check {
  let refused = false;
  return {
    context: {
      cipherSuite: boundedSuite(),
      clientConfig: configWith(handshakePadding),
      authService: {
        async validateCredential(credential, signatureKey) {
          const accepted =
            credential.credentialType === defaultCredentialTypes.basic &&
            'identity' in credential &&
            (await holds(credential.identity, signatureKey, trust));
          refused ||= !accepted;
          return accepted;
        },
      },
    },
    failure: (error, otherwise) => {
      if (error instanceof MlsError) return error;
      return new MlsError(refused ? 'credential_refused' : otherwise, { cause: error });
    },
  };
}

async function holds(
  identity: Uint8Array,
  signatureKey: Uint8Array,
  trust: Trust,
): Promise<boolean> {
  const credential = decodeCredential(identity);
  return (
    credential !== null &&
    trust.members.has(credential.address) &&
    trust.pinned(credential.address, credential.accountKey) &&
    (await verifyCredential(credential, signatureKey))
  );
}
