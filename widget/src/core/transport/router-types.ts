/** The server's procedures by path, checked against its router. Types only: nothing of the server is in the bundle. */
import type { TRPCUntypedClient } from '@trpc/client';
import type { AppRouter } from '@parley/server';
import type { AnyRouter, inferRouterInputs } from '@trpc/server';

type Inputs = inferRouterInputs<AppRouter>;

/** `slice.procedure`, as the server has it. */
export type Path = {
  [Slice in keyof Inputs]: `${Slice}.${Extract<keyof Inputs[Slice], string>}`;
}[keyof Inputs];

/** What a procedure takes. */
export type InputOf<Of extends Path> = Of extends `${infer Slice}.${infer Name}`
  ? Slice extends keyof Inputs
    ? Name extends keyof Inputs[Slice]
      ? Inputs[Slice][Name]
      : never
    : never
  : never;

/** What the links are told of the router: every answer is parsed here, so their own idea of its types is not needed. */
export type LinkRouter = AnyRouter;
export type TrpcClient = TRPCUntypedClient<LinkRouter>;
