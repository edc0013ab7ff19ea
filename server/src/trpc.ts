/** The ground of every router: context, procedures, and the one place where errors take their wire shape. */
import { initTRPC, TRPCError, type TRPCDefaultErrorShape } from '@trpc/server';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { bytesTransformer, plainTransformer } from './bytes-transformer.js';
import type { Connection } from './connection.js';
import { ServerError, type ServerErrorCode } from './errors.js';
import type { Services } from './services.js';

/** What every procedure gets. */
export interface Context {
  readonly services: Services;
  readonly connection: Connection;
}

/** How a failure looks to a client, in `error.data`. */
export interface WireErrorData {
  code: ServerErrorCode;
  httpStatus: number;
  path: string | undefined;
  /** Only with `too_many` and `unavailable`. */
  retryAfterSeconds: number | undefined;
}

/** tRPC's code (and by it the HTTP status) for each of ours. */
const trpcCodes: Record<ServerErrorCode, TRPC_ERROR_CODE_KEY> = {
  site_unknown: 'NOT_FOUND',
  origin_refused: 'FORBIDDEN',
  input_invalid: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  handle_invalid: 'BAD_REQUEST',
  handle_reserved: 'CONFLICT',
  handle_taken: 'CONFLICT',
  challenge_invalid: 'BAD_REQUEST',
  signature_invalid: 'BAD_REQUEST',
  device_revoked: 'FORBIDDEN',
  device_exists: 'CONFLICT',
  devices_full: 'CONFLICT',
  key_package_invalid: 'BAD_REQUEST',
  key_packages_full: 'CONFLICT',
  reach_refused: 'FORBIDDEN',
  epoch_conflict: 'CONFLICT',
  epoch_stale: 'CONFLICT',
  out_of_turn: 'CONFLICT',
  conversation_exists: 'CONFLICT',
  envelope_conflict: 'CONFLICT',
  too_many: 'TOO_MANY_REQUESTS',
  calls_unavailable: 'SERVICE_UNAVAILABLE',
  call_ended: 'CONFLICT',
  call_busy: 'CONFLICT',
  sdp_invalid: 'BAD_REQUEST',
  unavailable: 'SERVICE_UNAVAILABLE',
  internal: 'INTERNAL_SERVER_ERROR',
};

/** What tRPC itself refuses before or after a procedure runs: malformed frames, schemas, unknown paths. */
function codeOfTrpc(code: TRPC_ERROR_CODE_KEY): ServerErrorCode {
  switch (code) {
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
    case 'PAYLOAD_TOO_LARGE':
    case 'UNPROCESSABLE_CONTENT':
    case 'UNSUPPORTED_MEDIA_TYPE':
    case 'METHOD_NOT_SUPPORTED':
      return 'input_invalid';
    case 'NOT_FOUND':
      return 'not_found';
    default:
      return 'internal';
  }
}

/** The code under which a failure is told and counted; whatever is not ours is `internal`. */
export function codeOf(error: TRPCError): ServerErrorCode {
  return error.cause instanceof ServerError ? error.cause.code : codeOfTrpc(error.code);
}

/** Says the code and nothing else: messages, causes and stacks are for the log. */
function formatError(
  error: TRPCError,
  path: string | undefined,
): TRPCDefaultErrorShape & { data: WireErrorData } {
  const code = codeOf(error);
  const key = trpcCodes[code];
  return {
    message: code,
    code: TRPC_ERROR_CODES_BY_KEY[key],
    data: {
      code,
      httpStatus: getHTTPStatusCodeFromError(new TRPCError({ code: key })),
      path,
      retryAfterSeconds:
        error.cause instanceof ServerError ? error.cause.retryAfterSeconds : undefined,
    },
  } as TRPCDefaultErrorShape & { data: WireErrorData };
}

const errorFormatter = ({ error, path }: { error: TRPCError; path: string | undefined }) =>
  formatError(error, path);

/** Bytes are bytes in MessagePack; in JSON they travel as `{ $bytes: base64 }`. The types are the same. */
const socketRoot = initTRPC
  .context<Context>()
  .create({ transformer: plainTransformer, errorFormatter });
const httpRoot = initTRPC.context<Context>().create({
  transformer: bytesTransformer,
  errorFormatter,
  sse: { ping: { enabled: true, intervalMs: 15_000 } },
});

export const router = socketRoot.router;
/** The same router for HTTP. */
export const httpRouter = httpRoot.router;

/** Times and counts every call, and lets in-flight ones finish when the server stops. */
const observed = socketRoot.middleware(async ({ ctx, path, type, next }) => {
  const done = ctx.services.activity.begin(path, type);
  let code: ServerErrorCode | 'ok' = 'too_many';
  let entered = false;
  try {
    ctx.connection.enter();
    entered = true;
    code = 'internal';
    const result = await next();
    code = result.ok ? 'ok' : codeOf(result.error);
    if (code === 'internal' && !result.ok) {
      ctx.services.logger.error(
        { err: result.error.cause ?? result.error, path },
        'a request failed',
      );
    }
    return result;
  } finally {
    done(code);
    if (entered) ctx.connection.leave();
  }
});

/** For anybody on a page of the site. */
export const publicProcedure = socketRoot.procedure.use(observed);

/** For a signed-in device. @throws ServerError `unauthenticated` */
export const signedInProcedure = publicProcedure.use(async ({ ctx, next }) => {
  const { session } = ctx.connection;
  if (session === null) throw new ServerError('unauthenticated', 'nobody is signed in');
  const leave = ctx.services.underWay.enter(session.deviceId);
  try {
    return await next({ ctx: { session } });
  } finally {
    leave();
  }
});
