/** The router's procedures, called by path.
 *
 * tRPC's own caller copies its options four times at each middleware, key by key: a seventh of the server's time under
 * load. This one runs the same middlewares with the same options, made once for each. It knows how a procedure keeps
 * them, which is no public interface: the tests of every procedure fail if that changes with tRPC's version. */
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server';
import { appRouter } from '../router.js';
import type { Context } from '../trpc.js';

/** What is called. */
export interface Call {
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly input: unknown;
  readonly context: Context;
  readonly batchIndex: number;
}

type Result = { ok: true; data: unknown } | { ok: false; error: TRPCError };

interface Step {
  ctx: Context;
  input: unknown;
  getRawInput: () => Promise<unknown>;
}

interface MiddlewareOptions extends Step {
  path: string;
  type: Call['type'];
  signal: undefined;
  batchIndex: number;
  meta: unknown;
  next: (changes?: Partial<Step>) => Promise<Result>;
}

interface Inside {
  type: Call['type'];
  meta: unknown;
  /** The last one runs the resolver. */
  middlewares: readonly ((options: MiddlewareOptions) => Promise<Result | undefined>)[];
}

/** By path; a map, so that `__proto__` is the name of nothing. */
const procedures = new Map(
  Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: Inside }>).map(
    ([path, { _def: inside }]) => [path, inside],
  ),
);

/** Runs the procedure. @throws TRPCError */
export async function callProcedure(call: Call): Promise<unknown> {
  const inside = procedures.get(call.path);
  if (inside?.type !== call.type) throw new TRPCError({ code: 'NOT_FOUND' });
  const { context: ctx, input } = call;
  const step = { ctx, input: undefined, getRawInput: () => Promise.resolve(input) };
  const result = await run(0, step, { inside, call });
  if (!result.ok) throw result.error;
  return result.data;
}

async function run(
  index: number,
  step: Step,
  whole: { inside: Inside; call: Call },
): Promise<Result> {
  const { inside, call } = whole;
  const { ctx, input, getRawInput } = step;
  try {
    const result = await inside.middlewares[index]?.({
      ctx,
      input,
      getRawInput,
      path: call.path,
      type: call.type,
      signal: undefined,
      batchIndex: call.batchIndex,
      meta: inside.meta,
      next: (changes) =>
        run(
          index + 1,
          {
            ctx: changes?.ctx === undefined ? ctx : { ...ctx, ...changes.ctx },
            input: changes !== undefined && 'input' in changes ? changes.input : input,
            getRawInput: changes?.getRawInput ?? getRawInput,
          },
          whole,
        ),
    });
    return result ?? { ok: false, error: new TRPCError({ code: 'INTERNAL_SERVER_ERROR' }) };
  } catch (cause) {
    return { ok: false, error: getTRPCErrorFromUnknown(cause) };
  }
}
